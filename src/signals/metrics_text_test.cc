#include "signals/metrics_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>

namespace selvage::signals {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using testing::HasSubstr;

TEST(MetricsText, MergesLoopsAndNamesWorkers) {
  Counters first, second;
  first.of("a").respond(200, microseconds(400));
  first.of("a").respond(503, milliseconds(30));
  second.of("a").respond(204, std::chrono::seconds(60));
  second.of("b").count(KvCount::list);
  second.of("a").isolates = 1;
  first.of("a").isolates = 1;
  first.merge(second);
  const std::string text = metrics_text(first, {}, {});
  EXPECT_THAT(text, HasSubstr("selvage_responses_total{worker=\"a\",status=\"2xx\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("selvage_responses_total{worker=\"a\",status=\"5xx\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("selvage_response_seconds_bucket{worker=\"a\",le=\"0.0005\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("selvage_response_seconds_bucket{worker=\"a\",le=\"0.05\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("selvage_response_seconds_bucket{worker=\"a\",le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("selvage_response_seconds_count{worker=\"a\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("selvage_kv_operations_total{worker=\"b\",operation=\"list\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("selvage_isolates{worker=\"a\"} 2\n"));
}

TEST(MetricsText, EveryLineHasTheFormatAndEveryNameOneType) {
  Counters counters;
  counters.of("quote\" back\\slash").respond(0, milliseconds(1));
  std::istringstream lines(metrics_text(counters, process_figures(), {}));
  const std::regex sample(R"re([a-z_]+(\{([a-z_]+="([^"\\]|\\.)*",?)+\})? [-+0-9.e]+)re");
  std::set<std::string> typed;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) {
      EXPECT_TRUE(typed.insert(line.substr(7, line.find(' ', 7) - 7)).second) << line;
    } else if (!line.starts_with("# HELP ")) {
      EXPECT_TRUE(std::regex_match(line, sample)) << line;
    }
  }
  EXPECT_GT(typed.size(), 15u);
}

TEST(MetricsText, ShowsQueuesAndAlarms) {
  Counters clock, other;
  clock.alarms() = {.runs = {7, 1, 4, 2, 3, 1}, .waiting = 5, .overdue = 9, .running = 256};
  other.merge(clock);
  const std::string text = metrics_text(other, {},
                                        {.kv_waiting = 11,
                                         .kv_commits = 2,
                                         .kv_committed = 40,
                                         .commit_log_waiting = 12,
                                         .log_lines_waiting = 13,
                                         .access_lines_waiting = 14});
  EXPECT_THAT(text, HasSubstr("selvage_queue_length{queue=\"kv_writes\"} 11\n"));
  EXPECT_THAT(text, HasSubstr("selvage_queue_length{queue=\"commit_log\"} 12\n"));
  EXPECT_THAT(text, HasSubstr("selvage_queue_length{queue=\"logs\"} 13\n"));
  EXPECT_THAT(text, HasSubstr("selvage_queue_length{queue=\"access_log\"} 14\n"));
  EXPECT_THAT(text, HasSubstr("selvage_kv_committed_requests_total 40\n"));
  EXPECT_THAT(text, HasSubstr("selvage_alarms{state=\"waiting\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("selvage_alarms{state=\"overdue\"} 9\n"));
  EXPECT_THAT(text, HasSubstr("selvage_alarms{state=\"running\"} 256\n"));
  EXPECT_THAT(text, HasSubstr("selvage_alarm_runs_total{outcome=\"done\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("selvage_alarm_runs_total{outcome=\"retried\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("selvage_alarm_runs_total{outcome=\"abandoned\"} 1\n"));
}

TEST(Counters, ThousandsOfWorkersShareAName) {
  Counters counters;
  for (size_t i = 0; i < Counters::kMostWorkers + 50; ++i) {
    counters.of("w" + std::to_string(i)).respond(200, milliseconds(1));
  }
  EXPECT_EQ(counters.all().size(), Counters::kMostWorkers + 1);
  EXPECT_EQ(counters.of("(other)").responses[2], 50u);
}

TEST(ProcessFigures, AreThere) {
  const ProcessFigures figures = process_figures();
  EXPECT_GT(figures.resident_bytes, 1u << 20);
  EXPECT_GT(figures.open_files, 2u);
}

}  // namespace
}  // namespace selvage::signals
