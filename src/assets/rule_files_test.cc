// _headers, _redirects, _routes.json, run_worker_first, .assetsignore.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "assets/header_rules.h"
#include "assets/ignore_file.h"
#include "assets/redirect_rules.h"
#include "assets/routing_rules.h"

namespace selvage::assets {
namespace {

using testing::HasSubstr;

std::string applied(std::string_view file, std::string_view path,
                    std::string_view before = "x-old: 1", std::string_view host = "h") {
  std::vector<FileRemark> remarks;
  const HeaderRules rules = HeaderRules::parse(file, remarks);
  HeaderList headers;
  const size_t colon = before.find(": ");
  headers.append(before.substr(0, colon), before.substr(colon + 2));
  rules.apply(host, path, headers);
  return headers.block();
}

TEST(HeaderRules, later_rules_add_to_what_earlier_ones_set) {
  const std::string file = "/*\n  X-A: 1\n  X-Old: 2\n/a/*\n  x-a: 3\n";
  EXPECT_EQ(applied(file, "/a/b"), "x-a: 1\r\nx-old: 2\r\nx-a: 3\r\n");
  EXPECT_EQ(applied(file, "/b"), "x-a: 1\r\nx-old: 2\r\n");
}

TEST(HeaderRules, a_mark_removes_and_placeholders_are_filled_in) {
  EXPECT_EQ(applied("/*\n! X-Old", "/"), "");
  EXPECT_EQ(applied("/m/:title\n  x-t: <:title>\n/s/*\n  x-s: :splat", "/m/dune"),
            "x-old: 1\r\nx-t: <dune>\r\n");
  EXPECT_EQ(applied("/s/*\n  x-s: :splat", "/s/a/b"), "x-old: 1\r\nx-s: a/b\r\n");
  EXPECT_EQ(applied("https://:p.pages.dev/*\n  x-p: :p", "/", "a: b", "my.pages.dev"),
            "a: b\r\nx-p: my\r\n");
  EXPECT_EQ(applied("/a\n  k: 1\n  k: 2", "/a"), "x-old: 1\r\nk: 1, 2\r\n");
}

TEST(HeaderRules, a_bad_line_is_said_and_the_others_work) {
  std::vector<FileRemark> remarks;
  const HeaderRules rules = HeaderRules::parse(
      "x: y\n/ok\n  a: b\n  bad name: c\n  novalue:\n  nothing\n/two/*/*\n  a: b\n/empty\n"
      "# comment\n/last\n  ! a\n",
      remarks);
  EXPECT_EQ(rules.size(), 2u);
  std::vector<int> lines;
  for (const FileRemark& remark : remarks) lines.push_back(remark.line);
  EXPECT_THAT(lines, testing::ElementsAre(1, 4, 5, 6, 7, 9));
}

TEST(HeaderRules, limits_hold) {
  std::string file;
  for (int i = 0; i < 101; ++i) file += "/p" + std::to_string(i) + "\n  a: b\n";
  std::vector<FileRemark> remarks;
  EXPECT_EQ(HeaderRules::parse(file, remarks).size(), 100u);
  ASSERT_EQ(remarks.size(), 1u);
  EXPECT_THAT(remarks[0].message, HasSubstr("100"));
  remarks.clear();
  HeaderRules::parse("/a\n  x: " + std::string(2000, 'y'), remarks);
  EXPECT_FALSE(remarks.empty());
}

TEST(HeaderRules, nothing_can_put_a_line_break_into_a_header) {
  EXPECT_EQ(applied("/*\n  x: :splat", "/a\r\nb"), "x-old: 1\r\n");
}

std::string redirect(std::string_view file, std::string_view path, bool html = true,
                     std::string_view host = "h") {
  std::vector<FileRemark> remarks;
  const auto found = RedirectRules::parse(file, html, remarks).find(host, path);
  return found ? std::to_string(found->status) + " " + found->to : "none";
}

TEST(RedirectRules, the_first_static_rule_wins_before_any_dynamic_one) {
  const std::string file = "/a /b\n/c /d 301 # why\n/x/* /y/:splat 308\n/x/z /w\n/:p/q /r/:p 200\n";
  EXPECT_EQ(redirect(file, "/a"), "302 /b");
  EXPECT_EQ(redirect(file, "/c"), "301 /d");
  EXPECT_EQ(redirect(file, "/x/1/2"), "308 /y/1/2");
  EXPECT_EQ(redirect(file, "/x/z"), "308 /y/z");
  EXPECT_EQ(redirect(file, "/m/q"), "200 /r/m");
  EXPECT_EQ(redirect(file, "/nothing"), "none");
  EXPECT_EQ(redirect("/a https://example.com/x?y#z 307", "/a"), "307 https://example.com/x?y#z");
}

TEST(RedirectRules, a_splat_cannot_name_another_host) {
  EXPECT_EQ(redirect("/go/* /:splat", "/go//evil.example"), "302 /evil.example");
}

TEST(RedirectRules, loops_and_nonsense_have_no_effect) {
  EXPECT_EQ(redirect("/* /index.html 200", "/a"), "none");
  EXPECT_EQ(redirect("/ /index.html", "/"), "none");
  EXPECT_EQ(redirect("/ /index.html", "/", false), "302 /index.html");
  EXPECT_EQ(redirect("/a https://b.example 200", "/a"), "none");
  EXPECT_EQ(redirect("/a /b 404", "/a"), "none");
  EXPECT_EQ(redirect("/a", "/a"), "none");
  EXPECT_EQ(redirect("https://h/a /b", "/a"), "none");
  EXPECT_EQ(redirect("/a ftp://b", "/a"), "none");
  std::vector<FileRemark> remarks;
  const RedirectRules rules = RedirectRules::parse("/x /y\n/* /index.html 200\n", true, remarks);
  EXPECT_THAT(rules.loops(), testing::ElementsAre(2));
  ASSERT_EQ(remarks.size(), 1u);
  EXPECT_EQ(remarks[0].line, 2);
}

TEST(RedirectRules, limits_hold) {
  std::string file;
  for (int i = 0; i < 2001; ++i) file += "/s" + std::to_string(i) + " /t\n";
  for (int i = 0; i < 101; ++i) file += "/d" + std::to_string(i) + "/* /t\n";
  std::vector<FileRemark> remarks;
  EXPECT_EQ(RedirectRules::parse(file, true, remarks).size(), 2100u);
  EXPECT_EQ(remarks.size(), 2u);
}

TEST(RoutingRules, a_negative_rule_wins) {
  const auto rules = RoutingRules::parse({"/api/*", "!/api/docs/*", "/x"});
  ASSERT_TRUE(rules);
  using Decision = RoutingRules::Decision;
  EXPECT_EQ(rules->decide("/api/a"), Decision::script);
  EXPECT_EQ(rules->decide("/api/docs/a"), Decision::assets);
  EXPECT_EQ(rules->decide("/x"), Decision::script);
  EXPECT_EQ(rules->decide("/x/y"), Decision::undecided);
}

TEST(RoutingRules, limits_and_forms_are_checked) {
  EXPECT_FALSE(RoutingRules::parse({"api"}));
  EXPECT_FALSE(RoutingRules::parse({"!/a"}));
  EXPECT_FALSE(RoutingRules::parse({"/a", "/a"}));
  EXPECT_FALSE(RoutingRules::parse({"/" + std::string(100, 'a')}));
  EXPECT_FALSE(RoutingRules::parse(std::vector<std::string>(101, "/a")));
}

TEST(RoutesJson, is_checked_and_becomes_rules) {
  const auto rules =
      rules_from_routes_json(R"({"version":1,"include":["/api/*"],"exclude":["/api/x"]})");
  ASSERT_TRUE(rules);
  EXPECT_THAT(*rules, testing::UnorderedElementsAre("/api/*", "/api", "!/api/x", "!/api/x/"));
  for (const char* bad :
       {"", "[]", "{}", R"({"version":2,"include":["/*"],"exclude":[]})",
        R"({"version":1,"include":[],"exclude":[]})",
        R"({"version":1,"include":["a"],"exclude":[]})", R"({"version":1,"include":["/*"]})",
        R"({"version":1,"include":[1],"exclude":[]})"}) {
    EXPECT_FALSE(rules_from_routes_json(bad)) << bad;
  }
}

TEST(IgnoreFile, speaks_the_language_of_gitignore) {
  const IgnoreFile file(
      "# no\n*.map\n!keep.map\n/root.txt\nnode_modules/\ndocs/**/draft\na/**\n"
      "\\#odd\n[bc]?.js\n");
  EXPECT_TRUE(file.ignores("x.map", false));
  EXPECT_TRUE(file.ignores("d/x.map", false));
  EXPECT_FALSE(file.ignores("d/keep.map", false));
  EXPECT_TRUE(file.ignores("root.txt", false));
  EXPECT_FALSE(file.ignores("d/root.txt", false));
  EXPECT_TRUE(file.ignores("d/node_modules", true));
  EXPECT_FALSE(file.ignores("d/node_modules", false));
  EXPECT_TRUE(file.ignores("docs/draft", false));
  EXPECT_TRUE(file.ignores("docs/x/y/draft", false));
  EXPECT_FALSE(file.ignores("docs/x/draft/y", false));
  EXPECT_TRUE(file.ignores("a/b/c", false));
  EXPECT_FALSE(file.ignores("a", true));
  EXPECT_TRUE(file.ignores("#odd", false));
  EXPECT_TRUE(file.ignores("b1.js", false));
  EXPECT_FALSE(file.ignores("d1.js", false));
}

TEST(IgnoreFile, many_stars_take_no_exponential_time) {
  std::string glob;
  for (int i = 0; i < 40; ++i) glob += "*a";
  EXPECT_FALSE(ignore_glob_matches(glob + "!", std::string(300, 'a')));
}

}  // namespace
}  // namespace selvage::assets
