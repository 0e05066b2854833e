#include "deploy/cron/cron_schedule.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace selvage::deploy {
namespace {

constexpr int64_t kMinute = 60'000;
constexpr int64_t kStart = 1'800'000'000'000 / kMinute * kMinute;  // a full minute

const CronTrigger kEveryMinute{"w", "* * * * *"};

TEST(CronSchedule, RunsEachMinuteOnce) {
  CronSchedule schedule;
  schedule.set({kEveryMinute}, kStart);
  EXPECT_EQ(schedule.next(), kStart + kMinute);
  EXPECT_TRUE(schedule.look(kStart + 59'999).due.empty());
  const auto look = schedule.look(kStart + kMinute + 5);
  ASSERT_EQ(look.due.size(), 1u);
  EXPECT_EQ(look.due[0].scheduled, kStart + kMinute);
  EXPECT_FALSE(look.due[0].hourly_at_most);
  EXPECT_TRUE(schedule.look(kStart + kMinute + 6).due.empty());
}

TEST(CronSchedule, RunsALittleLateAndTellsWhatIsTooLate) {
  CronSchedule schedule;
  schedule.set({kEveryMinute}, kStart);
  const auto look = schedule.look(kStart + 5 * kMinute + 100);
  ASSERT_EQ(look.due.size(), 1u);
  EXPECT_EQ(look.due[0].scheduled, kStart + 5 * kMinute);
  ASSERT_EQ(look.missed.size(), 1u);
  EXPECT_EQ(look.missed[0].count, 4u);
  EXPECT_EQ(look.missed[0].last, kStart + 4 * kMinute);
}

TEST(CronSchedule, GoesOnWhereAnEarlierLifeEnded) {
  CronSchedule before;
  before.set({kEveryMinute}, kStart);
  (void)before.look(kStart + 1);
  CronSchedule after;
  after.restore(before.state());
  after.set({kEveryMinute, {"w", "*/2 * * * *"}}, kStart + 3 * kMinute + 1);
  const auto look = after.look(kStart + 3 * kMinute + 1);
  ASSERT_EQ(look.due.size(), 1u);  // the trigger that is new has missed nothing
  EXPECT_EQ(look.due[0].scheduled, kStart + 3 * kMinute);
  ASSERT_EQ(look.missed.size(), 1u);
  EXPECT_EQ(look.missed[0].count, 2u);
}

TEST(CronSchedule, IgnoresAStateThatIsNone) {
  CronSchedule schedule;
  schedule.restore(nlohmann::json::parse(R"([[1,2,3],["w"],"x",["w","* * * * *","soon"]])"));
  schedule.set({kEveryMinute}, kStart);
  EXPECT_TRUE(schedule.look(kStart + 1).missed.empty());
}

TEST(CronSchedule, ANewDeploymentKeepsWhatItsTriggersHaveRun) {
  CronSchedule schedule;
  schedule.set({kEveryMinute}, kStart);
  (void)schedule.look(kStart + kMinute);
  schedule.set({kEveryMinute}, kStart + kMinute + 5);
  EXPECT_TRUE(schedule.look(kStart + kMinute + 5).due.empty());
  EXPECT_EQ(schedule.next(), kStart + 2 * kMinute);
}

TEST(CronSchedule, AClockThatIsSetBackRunsNothingTwiceAndDoesNotWaitForEver) {
  CronSchedule schedule;
  schedule.set({kEveryMinute}, kStart);
  (void)schedule.look(kStart + 10 * kMinute);
  EXPECT_TRUE(schedule.look(kStart + 5 * kMinute).due.empty());
  const int64_t yesterday = kStart - 24 * 60 * kMinute;
  EXPECT_TRUE(schedule.look(yesterday).due.empty());
  EXPECT_EQ(schedule.look(yesterday + kMinute).due.size(), 1u);
}

TEST(CronSchedule, TenYearsAwayAreCountedUpToALimit) {
  CronSchedule schedule;
  schedule.restore(
      nlohmann::json::array({{"w", "* * * * *", kStart - int64_t{10} * 366 * 1440 * kMinute}}));
  schedule.set({kEveryMinute}, kStart);
  const auto look = schedule.look(kStart);
  ASSERT_EQ(look.missed.size(), 1u);
  EXPECT_EQ(look.missed[0].count, CronSchedule::kMostCounted);
  EXPECT_LE(look.due.size(), 1u);
}

}  // namespace
}  // namespace selvage::deploy
