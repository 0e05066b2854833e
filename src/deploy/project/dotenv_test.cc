#include "deploy/project/dotenv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace selvage::deploy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

Variables parsed(std::string_view text) {
  auto variables = parse_dotenv(text);
  EXPECT_TRUE(variables) << variables.error().message;
  return variables.value_or(Variables{});
}

TEST(Dotenv, bare_values_are_trimmed_and_end_at_a_comment) {
  EXPECT_THAT(parsed("A=1\n B = two words \nC=x # why\n# D=2\n\nE=\n"),
              ElementsAre(Pair("A", "1"), Pair("B", "two words"), Pair("C", "x"), Pair("E", "")));
}

TEST(Dotenv, quotes_keep_blanks_and_hashes) {
  EXPECT_THAT(parsed("A=\" x # y \" # z\nB='it\"s'\nC=`a'b\"c`"),
              ElementsAre(Pair("A", " x # y "), Pair("B", "it\"s"), Pair("C", "a'b\"c")));
}

TEST(Dotenv, only_double_quotes_expand_line_breaks) {
  EXPECT_THAT(parsed(R"(A="1\n2")"
                     "\n"
                     R"(B='1\n2')"),
              ElementsAre(Pair("A", "1\n2"), Pair("B", "1\\n2")));
}

TEST(Dotenv, quoted_values_span_lines) {
  EXPECT_THAT(parsed("KEY=\"-----BEGIN\nabc\n-----END\"\nNEXT=1"),
              ElementsAre(Pair("KEY", "-----BEGIN\nabc\n-----END"), Pair("NEXT", "1")));
}

TEST(Dotenv, export_and_windows_line_ends_are_understood) {
  EXPECT_THAT(parsed("\xEF\xBB\xBF"
                     "export A=1\r\nB=2\r\n"),
              ElementsAre(Pair("A", "1"), Pair("B", "2")));
}

TEST(Dotenv, the_last_of_two_lines_wins) {
  EXPECT_THAT(parsed("A=1\nA=2"), ElementsAre(Pair("A", "2")));
}

TEST(Dotenv, nothing_is_fine) { EXPECT_THAT(parsed(""), IsEmpty()); }

TEST(Dotenv, mistakes_are_found_on_their_line) {
  const auto missing_equals = parse_dotenv("A=\"1\n2\"\nB");
  ASSERT_FALSE(missing_equals);
  EXPECT_EQ(missing_equals.error().message, "3: expected NAME=value");
  const auto missing_name = parse_dotenv("=1");
  ASSERT_FALSE(missing_name);
  EXPECT_EQ(missing_name.error().message, "1: expected NAME=value");
  const auto open_quote = parse_dotenv("A=1\nB='2");
  ASSERT_FALSE(open_quote);
  EXPECT_EQ(open_quote.error().message, "2: the value of B has no closing '");
}

}  // namespace
}  // namespace selvage::deploy
