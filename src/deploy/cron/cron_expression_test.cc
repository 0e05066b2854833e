#include "deploy/cron/cron_expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace selvage::deploy {
namespace {

int64_t at(const std::string& text) {  // "2026-01-31 12:05"
  const auto number = [&](size_t from, size_t length) {
    return std::stoi(text.substr(from, length));
  };
  const std::chrono::sys_days day{std::chrono::year(number(0, 4)) /
                                  std::chrono::month(static_cast<unsigned>(number(5, 2))) /
                                  std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  return (int64_t{day.time_since_epoch().count()} * 1440 + number(11, 2) * 60 + number(14, 2)) *
         60'000;
}

std::string text_of(int64_t time) {
  const int64_t minute = time / 60'000;
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{minute / 1440}}};
  char text[64];
  snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d", static_cast<int>(date.year()),
           static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
           static_cast<int>(minute % 1440 / 60), static_cast<int>(minute % 60));
  return text;
}

/// The next times of `cron` after `from`.
std::vector<std::string> times(const std::string& cron, const std::string& from, int count) {
  std::vector<std::string> found;
  const auto parsed = CronExpression::parse(cron);
  if (!parsed) return {parsed.error().message};
  int64_t time = at(from);
  for (int i = 0; i < count; ++i) {
    const auto next = parsed->next(time);
    if (!next) break;
    time = *next;
    EXPECT_TRUE(parsed->due(time));
    found.push_back(text_of(time));
  }
  return found;
}

std::string refusal(const std::string& cron) {
  const auto parsed = CronExpression::parse(cron);
  return parsed ? "accepted" : parsed.error().message;
}

using testing::ElementsAre;
using testing::HasSubstr;

TEST(CronExpression, CountsMinutesAndHours) {
  EXPECT_THAT(times("* * * * *", "2026-01-31 23:58", 3),
              ElementsAre("2026-01-31 23:59", "2026-02-01 00:00", "2026-02-01 00:01"));
  EXPECT_THAT(times("*/20 22-23 * * *", "2026-01-31 22:30", 5),
              ElementsAre("2026-01-31 22:40", "2026-01-31 23:00", "2026-01-31 23:20",
                          "2026-01-31 23:40", "2026-02-01 22:00"));
  EXPECT_THAT(
      times("5,50 1/8 * * *", "2026-03-01 00:00", 4),
      ElementsAre("2026-03-01 01:05", "2026-03-01 01:50", "2026-03-01 09:05", "2026-03-01 09:50"));
  EXPECT_THAT(
      times("10-20/5 0 * * *", "2026-03-01 00:00", 4),
      ElementsAre("2026-03-01 00:10", "2026-03-01 00:15", "2026-03-01 00:20", "2026-03-02 00:10"));
}

TEST(CronExpression, TheMinuteItselfIsNotAfterIt) {
  const auto cron = *CronExpression::parse("30 12 * * *");
  EXPECT_EQ(cron.next(at("2026-01-01 12:30") - 1), at("2026-01-01 12:30"));
  EXPECT_EQ(cron.next(at("2026-01-01 12:30")), at("2026-01-02 12:30"));
  EXPECT_EQ(cron.next(at("2026-01-01 12:30") + 59'999), at("2026-01-02 12:30"));
  EXPECT_TRUE(cron.due(at("2026-01-01 12:30") + 59'999));
  EXPECT_FALSE(cron.due(at("2026-01-01 12:31")));
}

TEST(CronExpression, SundayIsOneAndSaturdaySeven) {
  // 2026-11-01 is a Sunday.
  EXPECT_THAT(times("0 0 * * 1", "2026-10-31 00:00", 1), ElementsAre("2026-11-01 00:00"));
  EXPECT_THAT(times("0 0 * * 7", "2026-11-01 00:00", 1), ElementsAre("2026-11-07 00:00"));
  EXPECT_THAT(
      times("0 0 * * mon-WED", "2026-11-01 00:00", 4),
      ElementsAre("2026-11-02 00:00", "2026-11-03 00:00", "2026-11-04 00:00", "2026-11-09 00:00"));
}

TEST(CronExpression, ADayThatMatchesEitherFieldIsDue) {
  EXPECT_THAT(
      times("0 0 13 * FRI", "2026-11-01 00:00", 4),
      ElementsAre("2026-11-06 00:00", "2026-11-13 00:00", "2026-11-20 00:00", "2026-11-27 00:00"));
  EXPECT_THAT(times("0 0 10 * FRI", "2026-11-01 00:00", 3),
              ElementsAre("2026-11-06 00:00", "2026-11-10 00:00", "2026-11-13 00:00"));
}

TEST(CronExpression, FindsLastDaysOfMonths) {
  EXPECT_THAT(times("59 23 L 2 *", "2026-01-01 00:00", 3),
              ElementsAre("2026-02-28 23:59", "2027-02-28 23:59", "2028-02-29 23:59"));
  EXPECT_THAT(times("0 0 L-2 * *", "2026-01-30 00:00", 2),
              ElementsAre("2026-02-26 00:00", "2026-03-29 00:00"));
  // 2026-01-31 is a Saturday, 2026-05-31 a Sunday.
  EXPECT_THAT(times("0 0 LW 1,5 *", "2026-01-01 00:00", 2),
              ElementsAre("2026-01-30 00:00", "2026-05-29 00:00"));
  EXPECT_THAT(times("0 0 * * 6L", "2026-11-01 00:00", 2),
              ElementsAre("2026-11-27 00:00", "2026-12-25 00:00"));
}

TEST(CronExpression, FindsTheNearestWorkday) {
  // In 2026 the 15th is a Sunday in February and a Saturday in August.
  EXPECT_THAT(times("0 0 15W 2,8 *", "2026-01-01 00:00", 2),
              ElementsAre("2026-02-16 00:00", "2026-08-14 00:00"));
  // The 1st of August 2026 is a Saturday: not the Friday before, which is in July.
  EXPECT_THAT(times("0 0 1W 8 *", "2026-01-01 00:00", 1), ElementsAre("2026-08-03 00:00"));
  // The 31st of May 2026 is a Sunday: not the Monday after, which is in June.
  EXPECT_THAT(times("0 0 31W 5 *", "2026-01-01 00:00", 1), ElementsAre("2026-05-29 00:00"));
  EXPECT_THAT(times("0 0 31W * *", "2026-05-30 00:00", 1), ElementsAre("2026-07-31 00:00"));
}

TEST(CronExpression, FindsTheNthWeekday) {
  EXPECT_THAT(times("0 9 * * 2#1", "2026-11-01 00:00", 2),
              ElementsAre("2026-11-02 09:00", "2026-12-07 09:00"));
  EXPECT_THAT(times("0 9 * * SUN#5", "2026-11-01 00:00", 2),
              ElementsAre("2026-11-29 09:00", "2027-01-31 09:00"));
}

TEST(CronExpression, FindsLeapDays) {
  EXPECT_THAT(times("0 0 29 2 *", "2096-03-01 00:00", 1), ElementsAre("2104-02-29 00:00"));
  EXPECT_THAT(times("0 0 29 FEB *", "2026-01-01 00:00", 2),
              ElementsAre("2028-02-29 00:00", "2032-02-29 00:00"));
}

TEST(CronExpression, KnowsWhetherItIsDueMoreOftenThanHourly) {
  EXPECT_TRUE(CronExpression::parse("0 * * * *")->hourly_at_most());
  EXPECT_TRUE(CronExpression::parse("17 3 1 1 *")->hourly_at_most());
  EXPECT_FALSE(CronExpression::parse("0,59 3 * * *")->hourly_at_most());
}

TEST(CronExpression, RefusesWithTheReason) {
  EXPECT_THAT(refusal("* * * *"), HasSubstr("has 4"));
  EXPECT_THAT(refusal("* * * * * *"), HasSubstr("has 6"));
  EXPECT_THAT(refusal(""), HasSubstr("has 0"));
  EXPECT_EQ(refusal("60 * * * *"), "the minute \"60\" has \"60\", which is not 0 to 59");
  EXPECT_EQ(refusal("* 24 * * *"), "the hour \"24\" has \"24\", which is not 0 to 23");
  EXPECT_EQ(refusal("* * 0 * *"), "the day of the month \"0\" has \"0\", which is not 1 to 31");
  EXPECT_EQ(refusal("* * * 13 *"),
            "the month \"13\" has \"13\", which is not 1 to 12 or JAN to DEC");
  EXPECT_EQ(refusal("* * * * 0"), "the weekday \"0\" has a 0: Sunday is 1 here, and Saturday 7");
  EXPECT_EQ(refusal("* * * * 8"), "the weekday \"8\" has \"8\", which is not 1 to 7 or SUN to SAT");
  EXPECT_EQ(refusal("50-10 * * * *"),
            "the minute \"50-10\" has a range that descends; write two, such as 50-59,0-10");
  EXPECT_EQ(refusal("* * * * FRI-MON"),
            "the weekday \"FRI-MON\" has a range that descends; write two, such as 6-7,1-2");
  EXPECT_EQ(refusal("1,* * * * *"),
            "the minute \"1,*\" has \"*\" in a list; let \"*\" stand alone");
  EXPECT_EQ(refusal("*/0 * * * *"), "the minute \"*/0\" has a step that is not 1 to 59");
  EXPECT_EQ(refusal("*/60 * * * *"), "the minute \"*/60\" has a step that is not 1 to 59");
  EXPECT_EQ(refusal("1, * * * *"), "the minute \"1,\" lacks a value (0 to 59)");
  EXPECT_EQ(refusal("-5 * * * *"), "the minute \"-5\" lacks a value (0 to 59)");
  EXPECT_THAT(refusal("* * * * L"), HasSubstr("7L"));
  EXPECT_THAT(refusal("* * * * 2#6"), HasSubstr("1 to 5"));
  EXPECT_THAT(refusal("* * L,3 * *"), HasSubstr("L"));
  EXPECT_THAT(refusal("* * 3,L * *"), HasSubstr("stand alone"));
  EXPECT_THAT(refusal("* * L-31 * *"), HasSubstr("-30"));
  EXPECT_THAT(refusal("* * 1-5W * *"), HasSubstr("5W"));
  EXPECT_THAT(refusal("* * ? * *"), HasSubstr("?"));
  EXPECT_THAT(refusal("@daily"), HasSubstr("has 1"));
  EXPECT_THAT(refusal("0 0 31 2,4,6 *"), HasSubstr("no day of the calendar"));
  EXPECT_THAT(refusal("* * * FOO *"), HasSubstr("JAN to DEC"));
}

}  // namespace
}  // namespace selvage::deploy
