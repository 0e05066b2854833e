#include "cli/node_compat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace selvage::cli {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;

TEST(NodeCompatTest, NeedsAFlag) {
  EXPECT_EQ(node_compat_of("2026-01-01", {}), NodeCompat::none);
  EXPECT_EQ(node_compat_of("2026-01-01", {"nodejs_als"}), NodeCompat::none);
}

TEST(NodeCompatTest, BecomesTheSecondVersionByDateOrFlag) {
  EXPECT_EQ(node_compat_of("2024-09-22", {"nodejs_compat"}), NodeCompat::first);
  EXPECT_EQ(node_compat_of("2024-09-23", {"nodejs_compat"}), NodeCompat::second);
  EXPECT_EQ(node_compat_of("2026-01-01", {"nodejs_compat", "no_nodejs_compat_v2"}),
            NodeCompat::first);
  EXPECT_EQ(node_compat_of("2023-01-01", {"nodejs_compat_v2"}), NodeCompat::second);
}

TEST(NodeCompatTest, NeedsNoFlagFromItsDateOn) {
  EXPECT_EQ(node_compat_of("2026-08-03", {}), NodeCompat::none);
  EXPECT_EQ(node_compat_of("2026-08-04", {}), NodeCompat::second);
  EXPECT_EQ(node_compat_of("2026-08-04", {"no_nodejs_compat_v2"}), NodeCompat::first);
  EXPECT_EQ(node_compat_of("2026-08-04", {"no_nodejs_compat", "no_nodejs_compat_v2"}),
            NodeCompat::none);
}

TEST(NodeCompatTest, OnlyTheSecondVersionChangesNames) {
  EXPECT_THAT(node_compat_arguments(NodeCompat::none, "/u"), IsEmpty());
  EXPECT_THAT(node_compat_arguments(NodeCompat::first, "/u"), IsEmpty());
  const auto arguments = node_compat_arguments(NodeCompat::second, "/u");
  EXPECT_THAT(arguments, Contains("--alias:events=node:events"));
  EXPECT_THAT(arguments, Contains("--alias:fs=/u/fs.mjs"));
  EXPECT_THAT(arguments, Contains("--alias:node:fs/promises=/u/fs/promises.mjs"));
}

TEST(NodeCompatTest, KnowsEveryModuleOfTheRuntime) {
  const auto arguments = node_compat_arguments(NodeCompat::second, "");
  const std::filesystem::path folder = SELVAGE_TEST_NODE_MODULES;
  size_t modules = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".ts") continue;
    const std::string name = entry.path().stem().string();
    EXPECT_THAT(arguments, Contains("--alias:" + name + "=node:" + name));
    ++modules;
  }
  EXPECT_EQ(arguments.size(), modules);
}

TEST(NodeCompatTest, GivesRequireOnlyToCodeThatAsksForIt) {
  EXPECT_EQ(with_require("export default {};\n"), "export default {};\n");
  const std::string code = "var __require = /* @__PURE__ */ ((x) => x);\n";
  EXPECT_THAT(with_require(code), testing::EndsWith(code));
  EXPECT_THAT(with_require(code), testing::StartsWith("import{createRequire"));
  EXPECT_THAT(with_require(code).substr(0, with_require(code).find("var")),
              Not(testing::HasSubstr("\n")));
}

}  // namespace
}  // namespace selvage::cli
