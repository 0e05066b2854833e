#include "deploy/platform/route_table.h"

#include <gtest/gtest.h>

namespace selvage::deploy {
namespace {

LiveWorker worker(const std::string& name, const std::string& account = "a") {
  LiveWorker live;
  live.key = account == "a" ? name : name + ".2";
  live.account = account;
  live.name = name;
  live.versions = {{"11111111-0000-4000-8000-000000000000", 100}};
  return live;
}

RouteTable::Route route(const std::string& pattern, const std::string& key) {
  return {RoutePattern::parse(pattern).value(), key};
}

std::shared_ptr<const RouteTable> table(std::vector<RouteTable::Route> routes = {}) {
  RouteTable::Input input;
  input.workers = {worker("demo"), worker("api"), worker("demo", "b")};
  input.subdomains = {{"a", "one"}, {"b", "two"}};
  input.first_account = "a";
  input.routes = std::move(routes);
  input.domains = {{"Shop.Example.com", "api"}};
  return RouteTable::build(std::move(input));
}

std::string who(const RouteTable& routes, std::string_view host, std::string_view target = "/") {
  const auto match = routes.find(host, target);
  return match.worker == nullptr
             ? "-"
             : match.worker->key + (match.preview.empty() ? "" : "@" + match.preview);
}

TEST(RouteTable, FindsWorkersByNameBelowTheBaseDomain) {
  const auto routes = table();
  EXPECT_EQ(who(*routes, "demo.localhost:8787"), "demo");
  EXPECT_EQ(who(*routes, "DEMO.LocalHost."), "demo");
  EXPECT_EQ(who(*routes, "demo.one.localhost"), "demo");
  EXPECT_EQ(who(*routes, "demo.two.localhost"), "demo.2");
  EXPECT_EQ(who(*routes, "api.two.localhost"), "-");
  EXPECT_EQ(who(*routes, "localhost"), "-");
  EXPECT_EQ(who(*routes, "demo.2.localhost"), "-");
  EXPECT_EQ(who(*routes, "demolocalhost"), "-");
  EXPECT_EQ(who(*routes, "demo.localhost.evil.com"), "-");
  EXPECT_EQ(who(*routes, ""), "-");
  EXPECT_EQ(who(*routes, "[::1]:8787"), "-");
}

TEST(RouteTable, FindsPreviewsOfVersions) {
  const auto routes = table();
  EXPECT_EQ(who(*routes, "0a1b2c3d-demo.one.localhost"), "demo@0a1b2c3d");
  EXPECT_EQ(who(*routes, "0a1b2c3d-demo.localhost"), "demo@0a1b2c3d");
  EXPECT_EQ(who(*routes, "0a1b2c3x-demo.localhost"), "-");
  EXPECT_EQ(who(*routes, "0a1b2c3-demo.localhost"), "-");
}

TEST(RouteTable, FindsPreviewsOfAPagesProjectByBranch) {
  const std::string draft = "22222222-0000-4000-8000-000000000000";
  LiveWorker site = worker("site");
  site.versions.clear();  // nothing is deployed to production
  site.pages = true;
  site.aliases = {{"draft", draft}, {"abcdef01", draft}};
  LiveWorker closed = site;
  closed.key = closed.name = "closed";
  closed.previews = false;
  RouteTable::Input input;
  input.workers = {site, closed, worker("demo"), worker("draft", "b")};
  input.subdomains = {{"a", "one"}, {"b", "two"}};
  input.first_account = "a";
  const auto routes = RouteTable::build(std::move(input));
  EXPECT_EQ(who(*routes, "draft.site.localhost:8787"), "site@" + draft);
  EXPECT_EQ(who(*routes, "Draft.site.one.localhost"), "site@" + draft);
  EXPECT_EQ(who(*routes, "abcdef01.site.localhost"), "site@" + draft);
  EXPECT_EQ(who(*routes, "0a1b2c3d.site.localhost"), "site@0a1b2c3d");
  EXPECT_EQ(who(*routes, "0a1b2c3d-site.localhost"), "site@0a1b2c3d");
  EXPECT_EQ(who(*routes, "site.localhost"), "site");
  EXPECT_EQ(who(*routes, "main.site.localhost"), "-");
  EXPECT_EQ(who(*routes, "x.draft.site.localhost"), "-");
  EXPECT_EQ(who(*routes, "draft.closed.localhost"), "-");
  EXPECT_EQ(who(*routes, "0a1b2c3d.demo.localhost"), "-");
  EXPECT_EQ(who(*routes, "draft.two.localhost"), "draft.2") << "a worker of another account";
}

TEST(BranchLabel, IsOneOfAHostName) {
  EXPECT_EQ(branch_label("draft"), "draft");
  EXPECT_EQ(branch_label("Fix/API_v2"), "fix-api-v2");
  EXPECT_EQ(branch_label("feature/abcdefghijklmnopqrstuvwxyz"), "feature-abcdefghijklmnopqrst");
  EXPECT_EQ(branch_label("/a/"), "a");
  EXPECT_EQ(branch_label("\xc3\xa4"), "");
}

TEST(RouteTable, PrefersTheMostSpecificRoute) {
  const auto routes =
      table({route("*example.com/*", "demo"), route("example.com/*", "api"),
             route("example.com/api/*", "demo.2"), route("example.com/api/x", "api"),
             route("*.sub.example.com/*", "api"), route("example.com/off/*", "")});
  EXPECT_EQ(who(*routes, "example.com", "/"), "api");
  EXPECT_EQ(who(*routes, "example.com", "/api/1?q=/x"), "demo.2");
  EXPECT_EQ(who(*routes, "example.com", "/api/x?q"), "api");
  EXPECT_EQ(who(*routes, "www.example.com", "/api/1"), "demo");
  EXPECT_EQ(who(*routes, "a.sub.example.com", "/"), "api");
  EXPECT_EQ(who(*routes, "notexample.com", "/"), "-");
  EXPECT_EQ(who(*routes, "example.com", "/off/1"), "-");
  EXPECT_EQ(who(*routes, "shop.example.com:443", "/"), "demo");
  EXPECT_EQ(who(*table(), "shop.example.com:443", "/"), "api");
}

TEST(RoutePattern, OverlapsWhereBothMayMeanAHost) {
  const auto overlap = [](const std::string& a, const std::string& b) {
    const bool one = hosts_overlap(RoutePattern::parse(a).value(), RoutePattern::parse(b).value());
    EXPECT_EQ(one, hosts_overlap(RoutePattern::parse(b).value(), RoutePattern::parse(a).value()));
    return one;
  };
  EXPECT_TRUE(overlap("a.example/x", "a.example/y/*"));
  EXPECT_TRUE(overlap("*example.com/*", "b.example.com/"));
  EXPECT_TRUE(overlap("*.example.com/*", "*b.example.com/*"));
  EXPECT_TRUE(overlap("*/*", "a.example/"));
  EXPECT_FALSE(overlap("a.example/*", "b.example/*"));
  EXPECT_FALSE(overlap("*.example.com/*", "example.com/*"));
  EXPECT_FALSE(overlap("*example.com/*", "notexample.com/*"));
}

TEST(RoutePattern, RefusesWhatIsNone) {
  EXPECT_FALSE(RoutePattern::parse(""));
  EXPECT_FALSE(RoutePattern::parse("/path"));
  EXPECT_FALSE(RoutePattern::parse("a*b.com/"));
  EXPECT_FALSE(RoutePattern::parse("a.com/a*b"));
  EXPECT_FALSE(RoutePattern::parse("a.com/?q=1"));
  EXPECT_TRUE(RoutePattern::parse("https://a.com/x*"));
  EXPECT_TRUE(RoutePattern::parse("a.com"));
}

TEST(ObjectVersion, IsTheOneWithTheGreatestShare) {
  LiveWorker live = worker("demo");
  live.versions = {{"A", 90}, {"B", 10}};
  EXPECT_EQ(object_version(live), "A");
  live.versions = {{"B", 50}, {"A", 50}};
  EXPECT_EQ(object_version(live), "B");
  live.versions = {{"A", 49}, {"B", 51}};
  EXPECT_EQ(object_version(live), "B");
}

TEST(ChooseVersion, SplitsByPercentageAndSticksToAKey) {
  LiveWorker live = worker("demo");
  live.versions = {{"A", 10}, {"B", 90}};
  EXPECT_EQ(choose_version(live, "", "", 0.05), "A");
  EXPECT_EQ(choose_version(live, "", "", 0.1), "B");
  EXPECT_EQ(choose_version(live, "", "", 0.999), "B");
  int first = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string key = "user-" + std::to_string(i);
    const std::string& chosen = choose_version(live, "", key, 0.5);
    EXPECT_EQ(chosen, choose_version(live, "", key, 0.1));
    first += chosen == "A" ? 1 : 0;
  }
  EXPECT_NEAR(first, 1000, 150);
}

TEST(ChooseVersion, LetsARequestNameAVersionOfTheDeployment) {
  LiveWorker live = worker("demo");
  live.versions = {{"A", 100}, {"B", 0}};
  EXPECT_EQ(choose_version(live, "demo=\"B\"", "", 0.5), "B");
  EXPECT_EQ(choose_version(live, "other=\"A\", demo=\"B\"", "", 0.5), "B");
  EXPECT_EQ(choose_version(live, "other=\"B\"", "", 0.5), "A");
  EXPECT_EQ(choose_version(live, "demo=\"C\"", "", 0.5), "A");
  EXPECT_EQ(choose_version(live, "demo=B", "", 0.999999), "A");
  EXPECT_EQ(choose_version(live, ",,=,demo", "", 0.5), "A");
}

}  // namespace
}  // namespace selvage::deploy
