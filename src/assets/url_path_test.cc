#include "assets/url_path.h"

#include <gtest/gtest.h>

#include "assets/path_pattern.h"

namespace selvage::assets {
namespace {

TEST(UrlPath, dot_segments_go_in_every_spelling) {
  EXPECT_EQ(normalize_path("/a/b/../c"), "/a/c");
  EXPECT_EQ(normalize_path("/a/%2e%2E/c"), "/c");
  EXPECT_EQ(normalize_path("/a/.%2e/c"), "/c");
  EXPECT_EQ(normalize_path("/a/./c/."), "/a/c/");
  EXPECT_EQ(normalize_path("/a/.."), "/");
  EXPECT_EQ(normalize_path("/../../etc/passwd"), "/etc/passwd");
  EXPECT_EQ(normalize_path("\\..\\x\\y"), "/x/y");
  EXPECT_EQ(normalize_path("/.well-known/x"), "/.well-known/x");
  EXPECT_EQ(normalize_path("/a...b/..."), "/a...b/...");
}

TEST(UrlPath, what_may_not_stand_in_a_path_is_encoded) {
  EXPECT_EQ(normalize_path("/a b\"<>`{}^"), "/a%20b%22%3C%3E%60%7B%7D%5E");
  EXPECT_EQ(normalize_path("/\xc3\xa4"), "/%C3%A4");
  EXPECT_EQ(normalize_path("/%zz%41"), "/%zz%41");
  EXPECT_EQ(normalize_path("//a//b"), "//a//b");
  EXPECT_EQ(normalize_path(""), "/");
}

TEST(UrlPath, decoding_leaves_segments_that_cannot_be_decoded) {
  EXPECT_EQ(decode_path("/a%20b/%C3%A4"), "/a b/\xc3\xa4");
  EXPECT_EQ(decode_path("/%ff/%41"), "/%ff/A");
  EXPECT_EQ(decode_path("/%4/%41"), "/%4/A");
  EXPECT_EQ(decode_path("/a%2Fb"), "/a/b");
  EXPECT_EQ(decode_path("//a///b"), "/a/b");
  EXPECT_EQ(decode_path("/%2e%2e/x"), "/../x");
}

TEST(UrlPath, encoding_is_encodeURIComponent_by_segment) {
  EXPECT_EQ(encode_path("/a b/\xc3\xa4/(x)!*'~"), "/a%20b/%C3%A4/(x)!*'~");
  EXPECT_EQ(encode_path("/a@b:c"), "/a%40b%3Ac");
}

TEST(UrlPath, a_target_is_split_at_its_first_marks) {
  const SplitTarget split = split_target("/a?b?c#d?e");
  EXPECT_EQ(split.path, "/a");
  EXPECT_EQ(split.search, "?b?c");
  EXPECT_EQ(split.hash, "#d?e");
}

Captures captures_of(std::string_view pattern, std::string_view path,
                     std::string_view host = "example.com") {
  const auto compiled = PathPattern::compile(pattern);
  EXPECT_TRUE(compiled) << pattern;
  return compiled->match(host, path).value_or(Captures{{"none", ""}});
}

TEST(PathPattern, names_what_its_variables_stood_for) {
  EXPECT_EQ(captures_of("/a", "/a"), Captures());
  EXPECT_EQ(captures_of("/blog/*", "/blog/x/y"), (Captures{{"splat", "x/y"}}));
  EXPECT_EQ(captures_of("/blog/*", "/blog/"), (Captures{{"splat", ""}}));
  EXPECT_EQ(captures_of("/:year/:slug", "/2026/x"), (Captures{{"year", "2026"}, {"slug", "x"}}));
  EXPECT_EQ(captures_of("/:a-:b", "/1-2-3"), (Captures{{"a", "1-2"}, {"b", "3"}}));
  EXPECT_EQ(captures_of("/:year/x", "/2026/y"), (Captures{{"none", ""}}));
  EXPECT_EQ(captures_of("/:year", "/a/b"), (Captures{{"none", ""}}));
  EXPECT_EQ(captures_of("https://:shop.example.com/*", "/a", "x.example.com"),
            (Captures{{"shop", "x"}, {"splat", "a"}}));
  EXPECT_EQ(captures_of("https://:shop.example.com/*", "/a", "x.y.example.com"),
            (Captures{{"none", ""}}));
}

TEST(PathPattern, a_name_stands_once) {
  EXPECT_FALSE(PathPattern::compile("/:a/:a"));
  EXPECT_FALSE(PathPattern::compile("/*/*"));
  EXPECT_FALSE(PathPattern::compile("/:splat/*"));
}

TEST(PathPattern, many_variables_take_no_exponential_time) {
  std::string pattern = "/";
  for (int i = 0; i < 40; ++i) pattern += ":p" + std::to_string(i) + "x";
  const auto compiled = PathPattern::compile(pattern + "!");
  ASSERT_TRUE(compiled);
  EXPECT_FALSE(compiled->match("", "/" + std::string(500, 'x')));
}

TEST(PathPattern, a_glob_knows_only_the_star) {
  EXPECT_TRUE(PathPattern::glob("/api/*").match("", "/api/:x/y"));
  EXPECT_TRUE(PathPattern::glob("/*.js").match("", "/a/b.js"));
  EXPECT_FALSE(PathPattern::glob("/:a").match("", "/x"));
  EXPECT_TRUE(PathPattern::glob("/a*b*c").match("", "/a--b--c"));
}

TEST(PathPattern, values_are_filled_in_by_name) {
  EXPECT_EQ(fill_in("/x/:splat?y=:a", {{"splat", "1/2"}, {"a", "b"}}), "/x/1/2?y=b");
  EXPECT_EQ(fill_in("/:a/:a", {{"a", ":a"}}), "/:a/:a");
}

}  // namespace
}  // namespace selvage::assets
