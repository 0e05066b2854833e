#include "object/alarm_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace selvage::object {
namespace {

using testing::IsEmpty;
using testing::Optional;
using Outcome = AlarmQueue::Outcome;

class AlarmQueueTest : public testing::Test {
 protected:
  std::vector<std::string> due(uint64_t now) {
    std::vector<std::string> objects;
    for (const AlarmQueue::Due& due : queue_.take_due(now, 100)) objects.push_back(due.object);
    return objects;
  }

  double random_ = 0;
  AlarmQueue queue_{[this] { return random_; }};
};

TEST_F(AlarmQueueTest, AlarmsAreDueInTheOrderOfTheirTimes) {
  queue_.changed("b", {.time = 20});
  queue_.changed("a", {.time = 30});
  queue_.changed("c", {.time = 10});
  EXPECT_THAT(queue_.next(), Optional(10U));
  EXPECT_THAT(due(9), IsEmpty());
  EXPECT_EQ(due(20), (std::vector<std::string>{"c", "b"}));
  EXPECT_THAT(due(20), IsEmpty());
  EXPECT_THAT(queue_.next(), Optional(30U));
}

TEST_F(AlarmQueueTest, ATimeThatIsSetAgainReplacesTheOneBefore) {
  queue_.changed("a", {.time = 10});
  queue_.changed("a", {.time = 50});
  EXPECT_THAT(due(49), IsEmpty());
  queue_.changed("a", {.time = 20});
  EXPECT_THAT(queue_.next(), Optional(20U));
  queue_.changed("a", {});
  EXPECT_EQ(queue_.next(), std::nullopt);
  EXPECT_EQ(queue_.size(), 0U);
}

TEST_F(AlarmQueueTest, TellsWaitingAndOverdueOnesFromThoseThatRun) {
  for (const uint64_t time : {10, 11, 12, 50}) {
    queue_.changed("at " + std::to_string(time), {.time = time});
  }
  EXPECT_EQ(queue_.overdue(9), 0U);
  ASSERT_EQ(queue_.take_due(20, 1).size(), 1U);
  EXPECT_EQ(queue_.waiting(), 3U);
  EXPECT_EQ(queue_.overdue(20), 2U);
}

TEST_F(AlarmQueueTest, AFailureIsTriedAgainLaterAndLater) {
  queue_.changed("a", {.time = 10});
  uint64_t now = 10;
  uint64_t delay = 2'000;
  for (uint32_t failures = 0; failures < AlarmQueue::kMostTries; ++failures, delay *= 2) {
    const auto taken = queue_.take_due(now, 1);
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_EQ(taken[0].retries, failures);
    EXPECT_EQ(taken[0].alarm.time, 10U);
    random_ = failures % 2 == 0 ? 0 : 0.5;
    EXPECT_FALSE(queue_.ended("a", Outcome::failed, now));
    now += delay + static_cast<uint64_t>(static_cast<double>(delay) * 0.25 * random_);
    EXPECT_THAT(queue_.next(), Optional(now));
  }
  ASSERT_EQ(queue_.take_due(now, 1).size(), 1U);
  EXPECT_TRUE(queue_.ended("a", Outcome::failed, now)) << "given up";
  EXPECT_EQ(queue_.size(), 0U);
}

TEST_F(AlarmQueueTest, OurOwnFailuresDoNotCountAndAreBounded) {
  queue_.changed("a", {.time = 10});
  uint64_t now = 10;
  for (int failures = 0; failures < 30; ++failures) {
    const auto taken = queue_.take_due(now, 1);
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_EQ(taken[0].retries, 0U);
    EXPECT_FALSE(queue_.ended("a", Outcome::interrupted, now));
    now = *queue_.next();
  }
  const uint64_t before = now;
  ASSERT_EQ(queue_.take_due(now, 1).size(), 1U);
  EXPECT_FALSE(queue_.ended("a", Outcome::interrupted, now));
  EXPECT_EQ(*queue_.next() - before, uint64_t{2'000} << 9);
  now = *queue_.next();
  ASSERT_EQ(queue_.take_due(now, 1).size(), 1U);
  EXPECT_FALSE(queue_.ended("a", Outcome::failed, now));
  EXPECT_EQ(*queue_.next() - now, 2'000U) << "the script's first failure waits as a first one";
}

TEST_F(AlarmQueueTest, WhatIsSetWhileTheHandlerRunsComesNext) {
  queue_.changed("a", {.time = 10});
  ASSERT_EQ(due(10).size(), 1U);
  queue_.changed("a", {.time = 40});
  EXPECT_EQ(queue_.next(), std::nullopt);
  EXPECT_FALSE(queue_.ended("a", Outcome::failed, 12));
  EXPECT_THAT(queue_.next(), Optional(40U));
  EXPECT_EQ(queue_.take_due(40, 1)[0].retries, 0U);
  queue_.changed("a", {});
  EXPECT_FALSE(queue_.ended("a", Outcome::done, 41));
  EXPECT_EQ(queue_.size(), 0U);
}

TEST_F(AlarmQueueTest, WhatTheObjectKnowsBetterIsForgotten) {
  queue_.changed("a", {.time = 10});
  ASSERT_EQ(due(10).size(), 1U);
  EXPECT_FALSE(queue_.ended("a", Outcome::not_due, 11));
  EXPECT_EQ(queue_.size(), 0U);
  EXPECT_FALSE(queue_.ended("a", Outcome::done, 11)) << "nobody asked";
}

}  // namespace
}  // namespace selvage::object
