#include "deploy/project/nearest.h"

#include <gtest/gtest.h>

#include <array>

namespace selvage::deploy {
namespace {

constexpr std::array<std::string_view, 4> kNames{"main", "minify", "kv_namespaces", "name"};

TEST(Nearest, finds_what_was_meant) {
  EXPECT_EQ(nearest("mian", kNames), "main");
  EXPECT_EQ(nearest("kv_namespace", kNames), "kv_namespaces");
  EXPECT_EQ(nearest("kvnamespaces", kNames), "kv_namespaces");
  EXPECT_EQ(nearest("minfiy", kNames), "minify");
}

TEST(Nearest, suggests_nothing_for_a_word_that_is_far_from_all) {
  EXPECT_EQ(nearest("banana", kNames), "");
  EXPECT_EQ(nearest("", kNames), "");
  EXPECT_EQ(nearest("x", {}), "");
  EXPECT_EQ(nearest(std::string(10'000, 'm'), kNames), "");
}

}  // namespace
}  // namespace selvage::deploy
