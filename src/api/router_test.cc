#include "api/router.h"

#include <gtest/gtest.h>

namespace selvage::api {
namespace {

TEST(Router, TakesNamesOutOfThePathAndDecodesThem) {
  Router router;
  const auto handler = [](const ApiRequest&) -> Result<ApiResponse> { return success(nullptr); };
  router.add("GET", "/a/:x/values/:key", Access::read, handler);
  const auto found = router.find("GET", "/a/1/values/b%2Fc%20d");
  ASSERT_NE(found.handler, nullptr);
  EXPECT_EQ(found.names.at("key"), "b/c d");
  EXPECT_EQ(router.find("GET", "/a/1/values/b/c").handler, nullptr);
  EXPECT_EQ(router.find("GET", "/a//values/b").handler, nullptr);
  EXPECT_EQ(router.find("GET", "/a/%zz/values/b").handler, nullptr);
  EXPECT_EQ(router.find("GET", "").handler, nullptr);
  EXPECT_NE(router.find("GET", "/a/1/values/b/").handler, nullptr);
  EXPECT_TRUE(router.find("PUT", "/a/1/values/b").other_method);
}

TEST(Message, ReadsQueries) {
  const auto query = parse_query("a=1&b=x%20y+z&c&=d&e=%zz&a=2");
  EXPECT_EQ(query.at("a"), "2");
  EXPECT_EQ(query.at("b"), "x y z");
  EXPECT_EQ(query.at("c"), "");
  EXPECT_EQ(query.size(), 3u);
}

TEST(Message, PagesLists) {
  ApiRequest request;
  request.query = {{"page", "2"}, {"per_page", "2"}};
  const auto page = nlohmann::json::parse(one_page(request, {1, 2, 3}, 20).body);
  EXPECT_EQ(page["result"], nlohmann::json({3}));
  EXPECT_EQ(page["result_info"]["total_count"], 3);
  request.query = {{"page", "99999999999"}, {"per_page", "-1"}};
  EXPECT_EQ(nlohmann::json::parse(one_page(request, {1, 2, 3}, 20).body)["result"].size(), 3u);
}

}  // namespace
}  // namespace selvage::api
