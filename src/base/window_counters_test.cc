#include "base/window_counters.h"

#include <gtest/gtest.h>

namespace selvage {
namespace {

TEST(WindowCounters, a_key_has_its_limit_in_each_window) {
  WindowCounters counters;
  EXPECT_TRUE(counters.take("a", 2, 10, 105));
  EXPECT_TRUE(counters.take("a", 2, 10, 109));
  EXPECT_FALSE(counters.take("a", 2, 10, 109));
  EXPECT_TRUE(counters.take("b", 2, 10, 109)) << "another key has its own";
  EXPECT_TRUE(counters.take("a", 2, 10, 110)) << "windows begin at multiples of their length";
}

TEST(WindowCounters, nothing_is_let_through_with_a_limit_of_none) {
  WindowCounters counters;
  EXPECT_FALSE(counters.take("a", 0, 60, 0));
}

TEST(WindowCounters, a_key_keeps_its_count_while_windows_of_others_make_place) {
  WindowCounters counters;
  const std::string long_key(1000, 'x');
  for (int i = 0; i < 100'000; ++i) {  // 100 MB of keys, of windows that end one after the other
    (void)counters.take(long_key + std::to_string(i), 1, 10, i / 100);
    if (i == 99'000) {
      EXPECT_TRUE(counters.take("mine", 1, 60, i / 100));
    }
  }
  EXPECT_FALSE(counters.take("mine", 1, 60, 999));
}

TEST(WindowCounters, more_keys_than_are_kept_are_let_through) {
  WindowCounters counters;
  const std::string long_key(100'000, 'x');
  for (int i = 0; i < 1000; ++i) {  // 100 MB in one window
    EXPECT_TRUE(counters.take(long_key + std::to_string(i), 1, 60, 0));
  }
}

}  // namespace
}  // namespace selvage
