#include "http/timeout_wheel.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <vector>

namespace selvage::http {
namespace {

constexpr uint64_t kTick = TimeoutWheel::kTick;

class Alarm final : public TimeoutWheel::Entry {
 public:
  std::vector<uint64_t> rung;
  std::function<void()> then;

 private:
  void on_deadline(uint64_t now) override {
    rung.push_back(now);
    if (then) then();
  }
};

// Advances tick by tick, as the timer does.
void run(TimeoutWheel& wheel, uint64_t from, uint64_t to) {
  for (uint64_t now = from; now <= to; now += kTick) wheel.advance(now);
}

TEST(TimeoutWheel, RingsOnceWithinATickAfterTheDeadline) {
  for (const uint64_t deadline : {1'001ULL, 1'250ULL, 1'999ULL, 20'000ULL, 300'000ULL}) {
    TimeoutWheel wheel(1'000);
    Alarm alarm;
    wheel.add(alarm, deadline);
    run(wheel, 1'000, 400'000);
    ASSERT_EQ(alarm.rung.size(), 1U) << deadline;
    EXPECT_GE(alarm.rung[0], deadline);
    EXPECT_LE(alarm.rung[0], deadline + kTick);
    wheel.remove(alarm);
  }
}

TEST(TimeoutWheel, FollowsDeadlinesThatMove) {
  TimeoutWheel wheel(0);
  Alarm later;
  Alarm sooner;
  Alarm never;
  wheel.add(later, 1'000);
  wheel.add(sooner, 100'000);
  wheel.add(never, 1'000);
  wheel.set_deadline(later, 50'000);
  wheel.set_deadline(sooner, 2'000);
  wheel.set_deadline(never, TimeoutWheel::kNever);
  run(wheel, 0, 1'000'000);
  ASSERT_EQ(later.rung.size(), 1U);
  EXPECT_GE(later.rung[0], 50'000U);
  ASSERT_EQ(sooner.rung.size(), 1U);
  EXPECT_LE(sooner.rung[0], 2'000 + kTick);
  EXPECT_TRUE(never.rung.empty());
}

TEST(TimeoutWheel, ClockThatJumpsForgetsNobody) {
  TimeoutWheel wheel(0);
  std::vector<Alarm> alarms(2'000);
  for (size_t i = 0; i < alarms.size(); ++i) wheel.add(alarms[i], 100 * i);
  wheel.advance(10'000'000);
  for (const Alarm& alarm : alarms) EXPECT_EQ(alarm.rung.size(), 1U);
}

TEST(TimeoutWheel, CallbacksMayRemoveEachOther) {
  TimeoutWheel wheel(0);
  Alarm first;
  Alarm second;
  wheel.add(first, 1'000);
  wheel.add(second, 1'000);
  first.then = [&] { wheel.remove(second); };
  second.then = [&] { wheel.remove(first); };
  run(wheel, 0, 10'000);
  EXPECT_EQ(first.rung.size() + second.rung.size(), 1U);
}

TEST(TimeoutWheel, AgreesWithASimpleListOverARandomHistory) {
  std::mt19937 random(1);
  TimeoutWheel wheel(0);
  std::vector<Alarm> alarms(50);
  std::vector<uint64_t> deadlines(alarms.size(), TimeoutWheel::kNever);
  for (Alarm& alarm : alarms) wheel.add(alarm, TimeoutWheel::kNever);
  uint64_t now = 0;
  for (int step = 0; step < 20'000; ++step) {
    const size_t which = random() % alarms.size();
    if (random() % 3 == 0) {
      deadlines[which] = random() % 4 == 0 ? TimeoutWheel::kNever : now + random() % 200'000;
      wheel.set_deadline(alarms[which], deadlines[which]);
    }
    now += random() % 700;
    wheel.advance(now);
    for (size_t i = 0; i < alarms.size(); ++i) {
      if (!alarms[i].rung.empty()) {
        ASSERT_LE(deadlines[i], now);
        alarms[i].rung.clear();
        deadlines[i] = TimeoutWheel::kNever;
      } else {
        ASSERT_GT(deadlines[i] == TimeoutWheel::kNever ? now + 1 : deadlines[i] + 2 * kTick, now);
      }
    }
  }
}

}  // namespace
}  // namespace selvage::http
