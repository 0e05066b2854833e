#include "signals/tail_filter.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace selvage::signals {
namespace {

Record request() {
  Record record;
  record.version = "v1";
  record.method = "GET";
  record.headers = "X-Name: some value\r\n";
  record.client_address = "10.0.0.1";
  record.log("log", R"(["hello"])", 0);
  return record;
}

bool admits(const std::string& filters, const Record& record, double dice = 0.4) {
  const auto filter = TailFilter::parse(nlohmann::json::parse(filters), "10.0.0.1");
  EXPECT_TRUE(filter) << filter.error().describe();
  return filter && filter->admits(record, dice);
}

std::string refusal(const std::string& filters) {
  const auto filter = TailFilter::parse(nlohmann::json::parse(filters), "");
  return filter ? "accepted" : filter.error().message;
}

TEST(TailFilter, WithoutFiltersEverythingPasses) {
  EXPECT_TRUE(admits("[]", request()));
  EXPECT_TRUE(admits("null", request()));
  EXPECT_TRUE(admits("[{}]", request()));
}

TEST(TailFilter, EachFilterCanLetPassAndHold) {
  EXPECT_TRUE(admits(R"([{"sampling_rate":0.5}])", request(), 0.4));
  EXPECT_FALSE(admits(R"([{"sampling_rate":0.5}])", request(), 0.5));
  EXPECT_TRUE(admits(R"([{"outcome":["ok","exception"]}])", request()));
  EXPECT_FALSE(admits(R"([{"outcome":["exception"]}])", request()));
  EXPECT_TRUE(admits(R"([{"method":["GET"]}])", request()));
  EXPECT_FALSE(admits(R"([{"method":["POST"]}])", request()));
  EXPECT_TRUE(admits(R"([{"header":{"key":"x-NAME"}}])", request()));
  EXPECT_TRUE(admits(R"([{"header":{"key":"X-Name","query":"value"}}])", request()));
  EXPECT_FALSE(admits(R"([{"header":{"key":"X-Name","query":"other"}}])", request()));
  EXPECT_FALSE(admits(R"([{"header":{"key":"X-Other"}}])", request()));
  EXPECT_TRUE(admits(R"([{"client_ip":["self"]}])", request()));
  EXPECT_FALSE(admits(R"([{"client_ip":["10.0.0.2"]}])", request()));
  EXPECT_TRUE(admits(R"([{"query":"hell"}])", request()));
  EXPECT_FALSE(admits(R"([{"query":"hull"}])", request()));
  Record quotes = request();
  quotes.log("log", R"(["say \"hi\""])", 0);
  EXPECT_TRUE(admits(R"([{"query":"say \"hi\""}])", quotes));
  EXPECT_TRUE(admits(R"([{"scriptVersion":"v1"}])", request()));
  EXPECT_FALSE(admits(R"([{"scriptVersion":"v2"}])", request()));
}

TEST(TailFilter, AllFiltersMustHold) {
  EXPECT_FALSE(admits(R"([{"method":["GET"]},{"query":"nothing"}])", request()));
}

TEST(TailFilter, FiltersOfRequestsHoldOtherEventsBack) {
  Record record;
  record.kind = EventKind::scheduled;
  EXPECT_TRUE(admits(R"([{"outcome":["ok"]}])", record));
  EXPECT_FALSE(admits(R"([{"method":["GET"]}])", record));
}

TEST(TailFilter, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(refusal("{}"), "tail filters are a list");
  EXPECT_EQ(refusal("[1]"), "a tail filter is an object");
  EXPECT_EQ(refusal(R"([{"colour":"red"}])"), "there is no tail filter \"colour\"");
  EXPECT_EQ(refusal(R"([{"sampling_rate":2}])"),
            "the tail filter \"sampling_rate\" should be a number from 0 to 1");
  EXPECT_EQ(refusal(R"([{"outcome":"ok"}])"),
            "the tail filter \"outcome\" should be a list of texts");
  EXPECT_EQ(refusal(R"([{"header":"x"}])"),
            "the tail filter \"header\" should be {\"key\", \"query\"}");
}

}  // namespace
}  // namespace selvage::signals
