// Which request gets which answer: the routing of Workers' assets, and of Pages'.
#include "assets/asset_set.h"

#include <gtest/gtest.h>

#include "assets/file_hash.h"

namespace selvage::assets {
namespace {

using deploy::HtmlHandling;
using deploy::NotFoundHandling;

class AssetRouting : public testing::Test {
 protected:
  AssetRouting() {
    version_.name = "w";
    version_.compatibility_date = "2026-01-01";
    version_.assets.emplace();
  }

  deploy::WorkerAssets& settings() { return *version_.assets; }
  void files(std::vector<std::string> paths) {
    assets_.clear();
    for (std::string& path : paths) assets_.push_back({path, content_hash(path), 1, "text/plain"});
  }

  /// "200 /index.html", "307 -> /a", "404", "script".
  std::string ask(std::string path, std::string_view method = "GET", bool navigates = false) {
    auto set = AssetSet::make(version_, assets_);
    if (!set) return set.error().message;
    std::string search;
    if (const size_t question = path.find('?'); question != std::string::npos) {
      search = path.substr(question);
      path.resize(question);
    }
    const AssetAnswer answer = (*set)->route({.method = method,
                                              .host = "w.localhost:8787",
                                              .path = path,
                                              .search = search,
                                              .navigates = navigates});
    if (answer.script) return "script";
    std::string text = std::to_string(answer.status);
    if (!answer.location.empty()) return text + " -> " + answer.location;
    return answer.asset == nullptr ? text : text + " " + answer.asset->path;
  }

  deploy::WorkerVersion version_;
  std::vector<Asset> assets_;
};

TEST_F(AssetRouting, auto_trailing_slash_gives_each_page_one_address) {
  files({"/index.html", "/a.html", "/b/index.html", "/c.html", "/c/index.html", "/x.txt",
         "/d/index"});
  EXPECT_EQ(ask("/"), "200 /index.html");
  EXPECT_EQ(ask("/index.html"), "307 -> /");
  EXPECT_EQ(ask("/index"), "307 -> /");
  EXPECT_EQ(ask("/a"), "200 /a.html");
  EXPECT_EQ(ask("/a?x=1"), "200 /a.html");
  EXPECT_EQ(ask("/a.html?x=1"), "307 -> /a?x=1");
  EXPECT_EQ(ask("/a/"), "307 -> /a");
  EXPECT_EQ(ask("/a/index"), "307 -> /a");
  EXPECT_EQ(ask("/a/index.html"), "307 -> /a");
  EXPECT_EQ(ask("/b"), "307 -> /b/");
  EXPECT_EQ(ask("/b/"), "200 /b/index.html");
  EXPECT_EQ(ask("/b.html"), "307 -> /b/");
  EXPECT_EQ(ask("/b/index.html"), "307 -> /b/");
  EXPECT_EQ(ask("/c"), "200 /c.html");
  EXPECT_EQ(ask("/c/"), "200 /c/index.html");
  EXPECT_EQ(ask("/d/index"), "200 /d/index");
  EXPECT_EQ(ask("/x.txt"), "200 /x.txt");
  EXPECT_EQ(ask("/none"), "404");
}

TEST_F(AssetRouting, force_and_drop_trailing_slash) {
  files({"/index.html", "/a.html", "/b/index.html"});
  settings().html_handling = HtmlHandling::force_trailing_slash;
  EXPECT_EQ(ask("/a"), "307 -> /a/");
  EXPECT_EQ(ask("/a/"), "200 /a.html");
  EXPECT_EQ(ask("/a.html"), "307 -> /a/");
  EXPECT_EQ(ask("/b"), "307 -> /b/");
  EXPECT_EQ(ask("/b/index"), "307 -> /b/");
  settings().html_handling = HtmlHandling::drop_trailing_slash;
  EXPECT_EQ(ask("/a/"), "307 -> /a");
  EXPECT_EQ(ask("/b"), "200 /b/index.html");
  EXPECT_EQ(ask("/b/"), "307 -> /b");
  EXPECT_EQ(ask("/b/index.html"), "307 -> /b");
  EXPECT_EQ(ask("/"), "200 /index.html");
  settings().html_handling = HtmlHandling::none;
  EXPECT_EQ(ask("/"), "404");
  EXPECT_EQ(ask("/index.html"), "200 /index.html");
  EXPECT_EQ(ask("/a"), "404");
}

TEST_F(AssetRouting, an_address_is_in_canonical_form) {
  files({"/a b.txt", "/\xc3\xa4.txt", "/(x).txt"});
  EXPECT_EQ(ask("/a%20b.txt"), "200 /a b.txt");
  EXPECT_EQ(ask("/%61%20b.txt"), "307 -> /a%20b.txt");
  EXPECT_EQ(ask("/%c3%a4.txt"), "307 -> /%C3%A4.txt");
  EXPECT_EQ(ask("/%28x%29.txt"), "307 -> /(x).txt");
  EXPECT_EQ(ask("//a%20b.txt"), "307 -> /a%20b.txt");
}

TEST_F(AssetRouting, nothing_outside_of_the_list_can_be_named) {
  files({"/a.txt"});
  EXPECT_EQ(ask("/%2e%2e/a.txt"), "404");
  EXPECT_EQ(ask("/..%2fa.txt"), "404");
  EXPECT_EQ(ask("/%00"), "404");
}

TEST_F(AssetRouting, not_found_handling) {
  files({"/index.html", "/404.html", "/b/404.html"});
  settings().not_found_handling = NotFoundHandling::page_404;
  EXPECT_EQ(ask("/x/y"), "404 /404.html");
  EXPECT_EQ(ask("/b/c/d"), "404 /b/404.html");
  settings().not_found_handling = NotFoundHandling::single_page_application;
  EXPECT_EQ(ask("/x/y"), "200 /index.html");
  EXPECT_EQ(ask("/x/y", "POST"), "405");
  settings().not_found_handling = NotFoundHandling::none;
  EXPECT_EQ(ask("/x/y", "POST"), "404");
  EXPECT_EQ(ask("/", "POST"), "405");
}

TEST_F(AssetRouting, the_script_gets_what_no_asset_has) {
  version_.main = "index.js";
  files({"/index.html", "/a.txt"});
  settings().not_found_handling = NotFoundHandling::single_page_application;
  EXPECT_EQ(ask("/a.txt"), "200 /a.txt");
  EXPECT_EQ(ask("/api"), "script");
  EXPECT_EQ(ask("/api", "GET", true), "200 /index.html");
  version_.compatibility_date = "2025-03-31";
  EXPECT_EQ(ask("/api", "GET", true), "script");
  version_.compatibility_flags = {"assets_navigation_prefers_asset_serving"};
  EXPECT_EQ(ask("/api", "GET", true), "200 /index.html");
  version_.compatibility_date = "2026-01-01";
  version_.compatibility_flags = {"assets_navigation_has_no_effect"};
  EXPECT_EQ(ask("/api", "GET", true), "script");
}

TEST_F(AssetRouting, rules_come_before_files) {
  version_.main = "index.js";
  files({"/index.html", "/api/doc.txt", "/api/x.txt", "/a.txt"});
  settings().run_worker_first_rules = {"/api/*", "!/api/doc*"};
  EXPECT_EQ(ask("/api/x.txt"), "script");
  EXPECT_EQ(ask("/api/doc.txt"), "200 /api/doc.txt");
  EXPECT_EQ(ask("/api/doc2"), "404");
  EXPECT_EQ(ask("/a.txt"), "200 /a.txt");
  EXPECT_EQ(ask("/none"), "script");
  settings().not_found_handling = NotFoundHandling::single_page_application;
  EXPECT_EQ(ask("/none"), "200 /index.html");
  settings().run_worker_first_rules.clear();
  settings().run_worker_first = true;
  EXPECT_EQ(ask("/a.txt"), "script");
}

TEST_F(AssetRouting, redirects_come_before_files) {
  files({"/a.txt", "/new.html"});
  settings().redirects =
      "/a.txt /b?x=1\n/old/* /new 200\n/go/:where https://:where.example/#top 301\n/q /r\n";
  EXPECT_EQ(ask("/a.txt"), "302 -> /b?x=1");
  EXPECT_EQ(ask("/a.txt?y=2"), "302 -> /b?x=1");
  EXPECT_EQ(ask("/q?y=2"), "302 -> /r?y=2");
  EXPECT_EQ(ask("/old/1"), "200 /new.html");
  EXPECT_EQ(ask("/go/my?z"), "301 -> https://my.example/?z#top");
}

TEST_F(AssetRouting, pages_moves_for_good_and_falls_back_to_the_application) {
  settings().pages = true;
  files({"/index.html", "/a.html", "/b/index.html", "/x.txt"});
  EXPECT_EQ(ask("/"), "200 /index.html");
  EXPECT_EQ(ask("/a"), "200 /a.html");
  EXPECT_EQ(ask("/a.html?x"), "308 -> /a?x");
  EXPECT_EQ(ask("/a/"), "308 -> /a");
  EXPECT_EQ(ask("/b"), "308 -> /b/");
  EXPECT_EQ(ask("/b/index.html"), "308 -> /b/");
  EXPECT_EQ(ask("/b/index"), "308 -> /b/");
  EXPECT_EQ(ask("/nothing"), "200 /index.html");
  EXPECT_EQ(ask("/x.txt", "POST"), "405");
  files({"/index.html", "/404.html"});
  EXPECT_EQ(ask("/nothing"), "404 /404.html");
  version_.main = "index.js";
  settings().run_worker_first_rules = {"/api/*"};
  EXPECT_EQ(ask("/api/x"), "script");
  EXPECT_EQ(ask("/nothing"), "404 /404.html");
}

TEST_F(AssetRouting, headers_say_what_the_answer_is_and_rules_change_them) {
  files({"/a.txt"});
  settings().headers = "/a.txt\n  Cache-Control: public, max-age=9\n  x-a: b\n";
  const auto set = AssetSet::make(version_, assets_);
  ASSERT_TRUE(set);
  AssetRequest request{.method = "GET", .host = "h", .path = "/a.txt"};
  const HeaderList headers = (*set)->headers(request, (*set)->route(request), true);
  EXPECT_EQ(headers.get("etag"), "\"" + content_hash("/a.txt") + "\"");
  EXPECT_EQ(headers.get("content-type"), "text/plain");
  EXPECT_EQ(headers.get("cache-control"), "public, max-age=9");
  EXPECT_EQ(headers.get("x-a"), "b");
  request.path = "/b.txt";
  EXPECT_EQ((*set)->headers(request, (*set)->route(request), true).block(), "");
}

TEST(Manifest, says_the_same_files_in_the_same_words) {
  const std::vector<Asset> assets{{"/b", content_hash("b"), 2, ""},
                                  {"/a b", content_hash("a"), 1, "text/html; charset=utf-8"}};
  const std::string text = write_manifest(assets);
  const auto read = read_manifest(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(write_manifest(*read), text);
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[0], assets[1]);
}

TEST(Manifest, damage_is_noticed) {
  const std::string text = write_manifest({{"/a", content_hash("a"), 1, ""}});
  EXPECT_FALSE(read_manifest(""));
  EXPECT_FALSE(read_manifest(text.substr(0, text.size() - 1)));
  std::string damaged = text;
  damaged[20] = 'X';
  EXPECT_FALSE(read_manifest(damaged));
  EXPECT_FALSE(read_manifest(text + text.substr(text.find('\n') + 1)));
}

}  // namespace
}  // namespace selvage::assets
