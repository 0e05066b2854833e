#include "deploy/project/config_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace selvage::deploy {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Jsonc, comments_and_trailing_commas_are_allowed) {
  const auto root = parse_jsonc(R"(
    // the name
    {
      "name": "a", /* several
      lines */ "list": [1, 2.5, true, null,],
    }
  )");
  ASSERT_TRUE(root) << root.error().message;
  EXPECT_EQ(root->to_json_text(), R"({"name":"a","list":[1,2.5,true,null]})");
}

TEST(Jsonc, members_know_the_line_of_their_key_and_elements_their_own) {
  const auto root = parse_jsonc("{\n\"a\":\n1,\n/*\n*/\"b\": [\n2]}");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->find("a")->line, 2);
  EXPECT_EQ(root->find("b")->line, 5);
  EXPECT_EQ(root->find("b")->elements[0].line, 6);
}

TEST(Jsonc, escapes_become_utf8) {
  const auto root = parse_jsonc(R"({"a": "\u00e9\ud83d\ude80\n\"\/"})");
  ASSERT_TRUE(root) << root.error().message;
  EXPECT_EQ(root->find("a")->string, "é🚀\n\"/");
}

TEST(Jsonc, a_byte_order_mark_is_skipped) { EXPECT_TRUE(parse_jsonc("\xEF\xBB\xBF{}")); }

TEST(Jsonc, numbers_beyond_64_bits_become_floating) {
  const auto root = parse_jsonc("[9223372036854775807, 9223372036854775808, -0, 1e3]");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->elements[0].type, ConfigValue::Type::integer);
  EXPECT_EQ(root->elements[1].type, ConfigValue::Type::floating);
  EXPECT_EQ(root->elements[3].floating, 1000);
}

struct BadText {
  std::string text;
  std::string error;
};

class JsoncRefuses : public testing::TestWithParam<BadText> {};

TEST_P(JsoncRefuses, with_the_line) {
  const auto root = parse_jsonc(GetParam().text);
  ASSERT_FALSE(root);
  EXPECT_EQ(root.error().message, GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    bad_text, JsoncRefuses,
    testing::Values(BadText{"", "1: expected a value, found the end of the file"},
                    BadText{"{\n\"a\" 1}", "2: expected ':' after \"a\", found '1'"},
                    BadText{"{\"a\": 1\n\"b\": 2}", "2: expected ',' or '}', found '\"'"},
                    BadText{"{a: 1}", "1: expected a key in quotes or '}', found 'a'"},
                    BadText{"{'a': 1}", "1: expected a key in quotes or '}', found '''"},
                    BadText{"{\"a\": é}", "1: expected a value, found 'é'"},
                    BadText{"[1\n2]", "2: expected ',' or ']', found '2'"},
                    BadText{"{}\n{}", "2: there is something after the end of the object"},
                    BadText{"{\"a\": \"b\n\"}", "1: this string has no closing quote"},
                    BadText{"{\"a\": \"\\x\"}", "1: there is no escape '\\x' in JSON"},
                    BadText{"[\"\\u12g4\"]", "1: expected four hexadecimal digits after '\\u'"},
                    BadText{"[\"\\u12", "1: expected four hexadecimal digits after '\\u'"},
                    BadText{"[\"\\ud800\"]", "1: half of a surrogate pair is missing"},
                    BadText{"[\"\\ud800\\u0041\"]", "1: half of a surrogate pair is missing"},
                    BadText{"[01]", "1: a number cannot start with 0"},
                    BadText{"[-]", "1: expected a digit, found ']'"},
                    BadText{"[1.]", "1: expected a digit, found ']'"},
                    BadText{"[1e]", "1: expected a digit, found ']'"},
                    BadText{"[1e999]", "1: this number is out of range"},
                    BadText{"{}\n/* ", "2: this comment has no end"},
                    BadText{"{\"a\":1,\n\"a\":2}", "2: \"a\" is here for the second time"},
                    BadText{"[\"\x01\"]", "1: a control character in a string"},
                    BadText{std::string(1000, '['), "1: values are nested too deeply"}));

TEST(Toml, members_keep_the_order_of_the_file_and_their_lines) {
  const auto root =
      parse_toml("zebra = 1\n\n[apple]\nb = \"x\"\na = 2026-01-01\n[[list]]\nk = 1.5\n");
  ASSERT_TRUE(root) << root.error().message;
  EXPECT_EQ(root->to_json_text(),
            R"({"zebra":1,"apple":{"b":"x","a":"2026-01-01"},"list":[{"k":1.5}]})");
  EXPECT_EQ(root->find("zebra")->line, 1);
  EXPECT_EQ(root->find("apple")->line, 3);
  EXPECT_EQ(root->find("apple")->find("a")->line, 5);
  EXPECT_EQ(root->find("apple")->find("a")->type, ConfigValue::Type::date);
  EXPECT_EQ(root->find("list")->elements[0].find("k")->line, 7);
}

TEST(Toml, mistakes_come_with_their_line) {
  const auto root = parse_toml("a = 1\nb = \n");
  ASSERT_FALSE(root);
  EXPECT_THAT(root.error().message, StartsWith("2: "));
  EXPECT_FALSE(parse_toml("a = 1\na = 2\n"));
}

TEST(Toml, characters_outside_ascii_belong_into_quotes) {
  // Found by fuzzing: toml++ 3.3 declares the answer for these two unreachable.
  for (const std::string letter : {"\xEF\xBB\xB7", "é"}) {
    EXPECT_FALSE(parse_toml(letter + " = 1"));
    EXPECT_FALSE(parse_toml("a = \"\"\"\\\n" + letter + "\"\"\" " + letter));
    EXPECT_TRUE(parse_toml("\"" + letter + "\" = 1"));
  }
}

TEST(Toml, deep_nesting_is_refused) {
  std::string key = "a";
  for (int i = 0; i < 500; ++i) key += ".a";
  const auto root = parse_toml(key + " = 1\n");
  ASSERT_FALSE(root);
  EXPECT_THAT(root.error().message, HasSubstr("deep"));
}

}  // namespace
}  // namespace selvage::deploy
