#include "loop/watchdog.h"

#include <gtest/gtest.h>

#include <atomic>
#include <ctime>
#include <functional>
#include <future>
#include <optional>
#include <thread>

namespace selvage::loop {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

nanoseconds thread_cpu_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

/// Computes until `done`, or so long that it can only be a failure. Returns what `done` is.
bool spin_until(const std::function<bool()>& done) {
  const nanoseconds give_up = thread_cpu_time() + seconds(20);
  while (!done() && thread_cpu_time() < give_up) {
  }
  return done();
}

class Flag : public Interruptible {
 public:
  void interrupt() override { interrupted = true; }
  void abandon(pthread_t thread) override {
    right_thread = pthread_equal(thread, expected_thread) != 0;
    ++abandoned;
  }

  std::atomic<bool> interrupted{false};
  std::atomic<int> abandoned{0};
  std::atomic<bool> right_thread{false};
  pthread_t expected_thread = pthread_self();
};

class TestTurn : public Turn {
 public:
  explicit TestTurn(std::function<void()> body) : body_(std::move(body)) {}
  void run() override { body_(); }

 private:
  std::function<void()> body_;
};

TEST(Execution, IsInterruptedWhenItsBudgetIsUsedUp) {
  Watchdog watchdog;
  Flag flag;
  Execution& execution = watchdog.this_thread();
  execution.start(flag, milliseconds(10));
  watchdog.notice_activity();
  EXPECT_TRUE(spin_until([&] { return flag.interrupted.load(); }));
  const Execution::Outcome outcome = execution.finish();
  EXPECT_TRUE(outcome.interrupted);
  EXPECT_GE(outcome.cpu_time, milliseconds(10));
  EXPECT_EQ(flag.abandoned, 0);
}

TEST(Execution, ThatIsShortIsNotInterrupted) {
  Watchdog watchdog;
  Flag flag;
  Execution& execution = watchdog.this_thread();
  execution.start(flag, std::chrono::hours(1));
  watchdog.notice_activity();
  const nanoseconds end = thread_cpu_time() + milliseconds(20);
  spin_until([&] { return thread_cpu_time() >= end; });
  EXPECT_FALSE(execution.finish().interrupted);
  EXPECT_FALSE(flag.interrupted);
}

TEST(Execution, IsNotChargedForTheOneBeforeIt) {
  Watchdog watchdog;
  Flag first;
  Flag second;
  Execution& execution = watchdog.this_thread();
  execution.start(first, milliseconds(10));
  watchdog.notice_activity();
  spin_until([&] { return first.interrupted.load(); });
  EXPECT_TRUE(execution.finish().interrupted);
  execution.start(second, std::chrono::hours(1));
  const nanoseconds end = thread_cpu_time() + milliseconds(20);
  spin_until([&] { return thread_cpu_time() >= end; });
  EXPECT_FALSE(execution.finish().interrupted);
  EXPECT_FALSE(second.interrupted);
}

TEST(Execution, IsAbandonedAgainAndAgainWhenItIgnoresTheInterrupt) {
  Watchdog watchdog;
  Flag flag;
  Execution& execution = watchdog.this_thread();
  execution.start(flag, milliseconds(5));
  watchdog.notice_activity();
  EXPECT_TRUE(spin_until([&] { return flag.abandoned >= 3; }));
  EXPECT_TRUE(execution.finish().interrupted);
  EXPECT_TRUE(flag.interrupted);
  EXPECT_TRUE(flag.right_thread);
  const int abandoned = flag.abandoned;
  execution.start(flag, std::chrono::hours(1));
  const nanoseconds end = thread_cpu_time() + milliseconds(20);
  spin_until([&] { return thread_cpu_time() >= end; });
  EXPECT_FALSE(execution.finish().interrupted);
  EXPECT_EQ(flag.abandoned, abandoned) << "it had stopped";
}

TEST(Execution, IsInterruptedWithEverythingElse) {
  Watchdog watchdog;
  Flag flag;
  Execution& execution = watchdog.this_thread();
  execution.start(flag, std::chrono::hours(1));
  watchdog.interrupt_all();
  EXPECT_TRUE(flag.interrupted);
  EXPECT_TRUE(execution.finish().interrupted);
}

// A second watchdog at the address of the first was taken for it, and the record the first had
// freed was handed out again.
TEST(Watchdog, GivesAThreadThatKnewAnotherWatchdogARecordOfItsOwn) {
  std::optional<Watchdog> watchdog;
  for (int round = 0; round < 2; ++round) {
    watchdog.emplace();
    Flag flag;
    Execution& execution = watchdog->this_thread();
    EXPECT_EQ(&watchdog->this_thread(), &execution);
    execution.start(flag, std::chrono::hours(1));
    watchdog->interrupt_all();
    EXPECT_TRUE(execution.finish().interrupted) << "in round " << round;
    watchdog.reset();
  }
}

class WatchedLoopTest : public testing::Test {
 protected:
  /// A turn that computes in JavaScript until `done`, for 50 ms of CPU time at least.
  void compute(const std::function<bool()>& done) {
    JavaScriptSection javascript(loop_);
    Execution& execution = watchdog_->this_thread();
    execution.start(flag_, std::chrono::hours(1));
    watchdog_->notice_activity();
    const nanoseconds least = thread_cpu_time() + milliseconds(50);
    spin_until([&] { return done() && thread_cpu_time() >= least; });
    execution.finish();
  }
  void SetUp() override { watchdog_->watch(loop_); }

  Flag flag_;
  Loop loop_{0};
  std::optional<Watchdog> watchdog_{std::in_place};
};

TEST_F(WatchedLoopTest, PassesTheLoopOnWhileATurnComputes) {
  std::atomic<bool> neighbour_ran{false};
  bool ran_before_the_end = false;
  std::thread::id computed_on;
  std::thread::id neighbour_on;
  std::promise<void> over;
  TestTurn neighbour([&] {
    neighbour_on = std::this_thread::get_id();
    neighbour_ran = true;
  });
  TestTurn computing([&] {
    computed_on = std::this_thread::get_id();
    loop_.post([&] { loop_.schedule(neighbour); });
    compute([&] { return neighbour_ran.load(); });
    ran_before_the_end = neighbour_ran;
    over.set_value();
  });
  loop_.schedule(computing);
  std::thread carrier([&] { loop_.carry(); });
  over.get_future().wait();
  carrier.join();  // it lost the loop: it ends with its turn, though the loop was not stopped
  EXPECT_TRUE(ran_before_the_end);
  EXPECT_NE(computed_on, neighbour_on);

  // The standby goes on with the loop, until it is stopped.
  std::promise<std::thread::id> later;
  loop_.post([&] { later.set_value(std::this_thread::get_id()); });
  EXPECT_EQ(later.get_future().get(), neighbour_on);
  loop_.stop();
}

TEST_F(WatchedLoopTest, StandbyThreadsEndWithTheLoop) {
  // Two scripts that compute at once, each waiting for what comes behind it: two standbys.
  std::atomic<int> computing{0};
  std::atomic<bool> third_ran{false};
  std::atomic<int> over{0};
  std::promise<void> all_over;
  const auto body = [&] {
    ++computing;
    compute([&] { return third_ran.load(); });
    if (++over == 2) all_over.set_value();
  };
  TestTurn first(body);
  TestTurn second(body);
  TestTurn third([&] { third_ran = computing == 2; });
  for (TestTurn* turn : {&first, &second, &third}) loop_.schedule(*turn);
  std::thread carrier([&] { loop_.carry(); });
  all_over.get_future().wait();
  EXPECT_TRUE(third_ran);
  loop_.stop();
  carrier.join();
  watchdog_.reset();  // waits for them
  EXPECT_EQ(loop_.standing_by(), 0);
  EXPECT_TRUE(loop_.run_until([] { return true; })) << "the baton is free";
}

}  // namespace
}  // namespace selvage::loop
