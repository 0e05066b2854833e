#include "cli/module_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace selvage::cli {
namespace {

using deploy::ModuleRule;
using testing::ElementsAre;
using testing::Pair;

TEST(GlobMatches, as_people_expect) {
  EXPECT_TRUE(glob_matches("**/*.txt", "a.txt"));
  EXPECT_TRUE(glob_matches("**/*.txt", "x/y/a.txt"));
  EXPECT_FALSE(glob_matches("*.txt", "x/a.txt"));
  EXPECT_TRUE(glob_matches("x/**", "x/y/z"));
  EXPECT_TRUE(glob_matches("x/**/z", "x/z"));
  EXPECT_TRUE(glob_matches("a?c.{md,txt}", "abc.txt"));
  EXPECT_FALSE(glob_matches("a?c", "a/c"));
  EXPECT_TRUE(glob_matches("[ab]*", "bx"));
  EXPECT_FALSE(glob_matches("[!ab]*", "bx"));
  EXPECT_FALSE(glob_matches("*.txt", "a.txt2"));
  EXPECT_FALSE(glob_matches("{a", "a"));
  EXPECT_FALSE(glob_matches("[a", "a"));
  EXPECT_TRUE(glob_matches("", ""));
}

TEST(GlobMatches, many_stars_end_in_time) {
  EXPECT_FALSE(glob_matches("*a*a*a*a*a*b", std::string(60, 'a')));
}

TEST(EffectiveRules, a_projects_rule_replaces_the_default_of_its_type) {
  const auto rules = effective_rules({{ModuleRule::Type::text, {"**/*.md"}, false}});
  EXPECT_EQ(type_by_rules(rules, "a.md"), ModuleRule::Type::text);
  EXPECT_EQ(type_by_rules(rules, "a.txt"), std::nullopt);
  EXPECT_EQ(type_by_rules(rules, "a.wasm"), ModuleRule::Type::wasm);
}

TEST(EffectiveRules, a_rule_that_falls_through_adds_to_the_defaults) {
  const auto rules = effective_rules({{ModuleRule::Type::data, {"**/*.txt"}, true}});
  EXPECT_EQ(type_by_rules(rules, "x/a.txt"), ModuleRule::Type::data);
  EXPECT_EQ(type_by_rules(rules, "a.bin"), ModuleRule::Type::data);
}

TEST(CopiedExtensions, are_those_that_rules_name) {
  EXPECT_THAT(
      copied_extensions(effective_rules({{ModuleRule::Type::text, {"**/*.md", "a/*"}, true},
                                         {ModuleRule::Type::esm, {"**/*.js"}, true}})),
      ElementsAre(Pair(".md", ModuleRule::Type::text), Pair(".txt", ModuleRule::Type::text),
                  Pair(".html", ModuleRule::Type::text), Pair(".sql", ModuleRule::Type::text),
                  Pair(".bin", ModuleRule::Type::data), Pair(".wasm", ModuleRule::Type::wasm)));
}

}  // namespace
}  // namespace selvage::cli
