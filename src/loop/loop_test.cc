#include "loop/loop.h"

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <numeric>
#include <optional>
#include <thread>
#include <vector>

namespace selvage::loop {
namespace {

using std::chrono::milliseconds;
using Order = std::vector<std::string>;

class TestTurn : public Turn {
 public:
  explicit TestTurn(std::function<void()> body) : body_(std::move(body)) {}
  void run() override { body_(); }

 private:
  std::function<void()> body_;
};

class LoopTest : public testing::Test {
 protected:
  TestTurn noting(const std::string& name) {
    return TestTurn([this, name] { order_.push_back(name); });
  }

  Loop loop_{0};
  Order order_;
};

TEST_F(LoopTest, RunsTurnsInOrder) {
  TestTurn a = noting("a");
  TestTurn b = noting("b");
  TestTurn c = noting("c");
  loop_.schedule(b);
  loop_.schedule(a);
  loop_.schedule(c);
  loop_.run_until_idle();
  EXPECT_EQ(order_, (Order{"b", "a", "c"}));
}

TEST_F(LoopTest, RunsATurnOnceThoughScheduledTwice) {
  TestTurn a = noting("a");
  TestTurn b = noting("b");
  loop_.schedule(a);
  loop_.schedule(b);
  loop_.schedule(a);
  loop_.run_until_idle();
  EXPECT_EQ(order_, (Order{"a", "b"}));
  loop_.schedule(a);
  loop_.run_until_idle();
  EXPECT_EQ(order_, (Order{"a", "b", "a"}));
}

TEST_F(LoopTest, DoesNotRunWhatWasUnscheduled) {
  TestTurn a = noting("a");
  TestTurn b = noting("b");
  TestTurn c = noting("c");
  TestTurn d = noting("d");
  for (TestTurn* turn : {&a, &b, &c}) loop_.schedule(*turn);
  loop_.unschedule(b);
  loop_.unschedule(c);  // the last: what comes next must go behind a
  loop_.unschedule(d);  // was never in
  loop_.schedule(d);
  loop_.unschedule(a);
  loop_.run_until_idle();
  EXPECT_EQ(order_, Order{"d"});
}

TEST_F(LoopTest, ATurnMayUnscheduleThoseBehindIt) {
  std::optional<TestTurn> last(noting("last"));
  TestTurn first([&] {
    order_.push_back("first");
    loop_.unschedule(*last);
    last.reset();
  });
  loop_.schedule(first);
  loop_.schedule(*last);
  loop_.run_until_idle();
  EXPECT_EQ(order_, Order{"first"});
}

TEST_F(LoopTest, DeferredWorkComesAfterTheTurnsAndBeforeThePoll) {
  loop_.post([&] { order_.push_back("poll"); });
  TestTurn b = noting("b");
  TestTurn a([&] {
    order_.push_back("a");
    loop_.defer([&] {
      order_.push_back("deferred");
      loop_.defer([&] { order_.push_back("deferred by deferred"); });
    });
  });
  loop_.schedule(a);
  loop_.schedule(b);
  loop_.run_until_idle();
  EXPECT_EQ(order_, (Order{"a", "b", "deferred", "deferred by deferred", "poll"}));
}

TEST_F(LoopTest, PollsBetweenTurnsThatScheduleThemselves) {
  bool arrived = false;
  int runs = 0;
  std::optional<TestTurn> turn;
  turn.emplace([&] {
    if (!arrived && ++runs < 100'000) loop_.schedule(*turn);
  });
  loop_.schedule(*turn);
  loop_.post([&] { arrived = true; });
  Timer keep_alive(loop_);
  keep_alive.start(std::chrono::hours(1), [] {});
  loop_.run_until([&] { return arrived || runs == 100'000; });
  EXPECT_LT(runs, 100'000);
}

TEST_F(LoopTest, PostsFromAnotherThreadArriveInOrder) {
  constexpr int kPosts = 2000;
  Timer keep_alive(loop_);
  keep_alive.start(std::chrono::hours(1), [] {});
  std::vector<int> got;
  std::thread poster([&] {
    for (int i = 0; i < kPosts; ++i) loop_.post([&got, i] { got.push_back(i); });
  });
  EXPECT_TRUE(loop_.run_until([&] { return got.size() == kPosts; }));
  poster.join();
  std::vector<int> expected(kPosts);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(got, expected);
}

TEST_F(LoopTest, APostMayPostAgain) {
  loop_.post([&] {
    order_.push_back("first");
    loop_.post([&] { order_.push_back("second"); });
  });
  loop_.run_until_idle();
  EXPECT_EQ(order_, (Order{"first", "second"}));
}

TEST_F(LoopTest, CarriersEndWhenTheLoopIsStopped) {
  std::thread one([&] { loop_.carry(); });
  std::thread other([&] { loop_.carry(); });
  std::promise<std::thread::id> ran_on;
  loop_.post([&] { ran_on.set_value(std::this_thread::get_id()); });
  const std::thread::id carrier = ran_on.get_future().get();
  EXPECT_TRUE(carrier == one.get_id() || carrier == other.get_id());
  loop_.stop();
  one.join();
  other.join();
  EXPECT_EQ(loop_.standing_by(), 0);
}

TEST_F(LoopTest, TimerFiresOnce) {
  Timer timer(loop_);
  timer.start(milliseconds(1), [&] { order_.push_back("fired"); });
  EXPECT_TRUE(timer.active());
  loop_.run_until_idle();
  EXPECT_EQ(order_, Order{"fired"});
  EXPECT_FALSE(timer.active());
}

TEST_F(LoopTest, CanceledTimerDoesNotFire) {
  Timer timer(loop_);
  timer.start(milliseconds(0), [&] { order_.push_back("canceled"); });
  timer.cancel();
  EXPECT_FALSE(timer.active());
  {
    Timer destroyed(loop_);
    destroyed.start(milliseconds(0), [&] { order_.push_back("destroyed"); });
  }
  Timer later(loop_);
  later.start(milliseconds(1), [&] { order_.push_back("later"); });
  loop_.run_until_idle();
  EXPECT_EQ(order_, Order{"later"});
}

TEST_F(LoopTest, StartingATimerAgainReplacesWhatWasSet) {
  Timer timer(loop_);
  timer.start(milliseconds(0), [&] { order_.push_back("replaced"); });
  timer.start(milliseconds(1), [&] { order_.push_back("fired"); });
  loop_.run_until_idle();
  EXPECT_EQ(order_, Order{"fired"});
}

TEST_F(LoopTest, TimerRestartsInItsCallback) {
  Timer timer(loop_);
  int fired = 0;
  std::function<void()> tick = [&] {
    if (++fired < 3) timer.start(milliseconds(1), [&] { tick(); });
  };
  timer.start(milliseconds(1), [&] { tick(); });
  loop_.run_until_idle();
  EXPECT_EQ(fired, 3);
  EXPECT_FALSE(timer.active());
}

TEST_F(LoopTest, TimerMayBeDestroyedInItsCallback) {
  std::optional<Timer> timer;
  timer.emplace(loop_);
  timer->start(milliseconds(0), [&] {
    timer.reset();
    order_.push_back("fired");
  });
  loop_.run_until_idle();
  EXPECT_EQ(order_, Order{"fired"});
}

TEST_F(LoopTest, TurnScheduledByATimerRunsThoughNothingElseHappens) {
  TestTurn turn([&] {
    order_.push_back("turn");
    loop_.wake();  // run_until looks after the poll that follows
  });
  Timer timer(loop_);
  Timer far(loop_);
  far.start(std::chrono::hours(1), [] {});
  timer.start(milliseconds(0), [&] { loop_.schedule(turn); });
  EXPECT_TRUE(loop_.run_until([&] { return !order_.empty(); }));
}

TEST_F(LoopTest, TimerThatDoesNotKeepTheLoopAliveLetsItBecomeIdle) {
  Timer timer(loop_);
  timer.start(std::chrono::hours(1), [&] { order_.push_back("fired"); });
  timer.keep_loop_alive(false);
  loop_.run_until_idle();
  EXPECT_TRUE(timer.active());
  EXPECT_TRUE(order_.empty());
}

}  // namespace
}  // namespace selvage::loop
