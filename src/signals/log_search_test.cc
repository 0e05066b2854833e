#include "signals/log_search.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "signals/record.h"

namespace selvage::signals {
namespace {

class LogSearchTest : public testing::Test {
 protected:
  LogSearchTest() {
    char pattern[] = "/tmp/selvage-search-XXXXXX";
    folder_ = mkdtemp(pattern);
    path_ = folder_ + "/log";
  }
  ~LogSearchTest() override { std::filesystem::remove_all(folder_); }

  static std::string line(int64_t time, Outcome outcome, const std::string& text,
                          const std::string& worker = "w") {
    Record record;
    record.time = time;
    record.worker = worker;
    record.outcome = outcome;
    record.log("log", nlohmann::json::array({text}).dump(), time);
    return to_line(record) + "\n";
  }
  std::vector<int64_t> find(const LogQuery& query) const {
    std::vector<int64_t> times;
    const Status found = search_logs(path_, query, [&](const nlohmann::ordered_json& record) {
      times.push_back(record["eventTimestamp"]);
    });
    EXPECT_TRUE(found);
    return times;
  }
  void write(const std::string& suffix, const std::string& text) const {
    std::ofstream(path_ + suffix) << text;
  }

  std::string folder_;
  std::string path_;
};

using Times = std::vector<int64_t>;

TEST_F(LogSearchTest, FindsAcrossFilesOldestFirst) {
  write(".2", line(1, Outcome::ok, "a"));
  write(".1", line(2, Outcome::exception, "b") + "torn {\"eventTime");
  write("", line(3, Outcome::ok, "c", "other") + line(4, Outcome::exceeded_cpu, "abc"));
  EXPECT_EQ(find({}), (Times{1, 2, 3, 4}));
  EXPECT_EQ(find({.since = 2, .until = 3}), (Times{2, 3}));
  EXPECT_EQ(find({.worker = "w"}), (Times{1, 2, 4}));
  EXPECT_EQ(find({.outcomes = {"exception", "exceededCpu"}}), (Times{2, 4}));
  EXPECT_EQ(find({.search = "abc"}), (Times{4}));
  EXPECT_EQ(find({.limit = 2}), (Times{3, 4}));
  EXPECT_EQ(find({.version = "none"}), Times{});
}

TEST_F(LogSearchTest, FindsTextThatJsonWritesOtherwise) {
  write("", line(1, Outcome::ok, "say \"hi\"\n") + line(2, Outcome::ok, "hi"));
  EXPECT_EQ(find({.search = "say \"hi\""}), (Times{1}));
  EXPECT_EQ(find({.search = "\"hi\"\n"}), (Times{1}));
  EXPECT_EQ(find({.search = "hi"}), (Times{1, 2}));
}

TEST_F(LogSearchTest, SaysThatNothingWasKept) {
  const Status found = search_logs(path_, {}, [](const auto&) {});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::not_found);
}

TEST(ParseSince, TakesAgesAndTimes) {
  constexpr int64_t kNow = 1'800'000'000'000;
  EXPECT_EQ(*parse_since("90s", kNow), kNow - 90'000);
  EXPECT_EQ(*parse_since("15m", kNow), kNow - 900'000);
  EXPECT_EQ(*parse_since("2h", kNow), kNow - 7'200'000);
  EXPECT_EQ(*parse_since("7d", kNow), kNow - 604'800'000);
  EXPECT_EQ(*parse_since("2027-01-15T08:00:00Z", kNow), kNow);
  EXPECT_EQ(*parse_since("2027-01-15T08:00:00.999Z", kNow), kNow + 999);
  EXPECT_EQ(*parse_since("2027-01-15T08:00:00.12", kNow), kNow + 120);
  EXPECT_EQ(*parse_since("2027-01-15T08:00:00.0019999Z", kNow), kNow + 1);
  EXPECT_EQ(*parse_since("2027-01-15T08:00", kNow), kNow);
  EXPECT_EQ(*parse_since("2027-01-15T08:00Z", kNow), kNow);
  EXPECT_EQ(*parse_since("2027-01-15", kNow), kNow - 8 * 3'600'000);
  for (const char* bad :
       {"", "s", "5", "5y", "-5m", "soon", "2027", "2027-13-01", "2027-02-30", "2027-01-15T",
        "2027-01-15T25:00", "2027-01Z", "2027-01-15T08:00:00+01:00", "99999999999d"}) {
    EXPECT_FALSE(parse_since(bad, kNow)) << bad;
  }
}

}  // namespace
}  // namespace selvage::signals
