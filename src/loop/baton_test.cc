#include "loop/baton.h"

#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include "loop/loop.h"

namespace selvage::loop {
namespace {

constexpr CarrierId kFirst = 1'000'001;
constexpr CarrierId kSecond = 1'000'002;
constexpr CarrierId kThird = 1'000'003;

TEST(Baton, RevokedFromJavaScriptGoesToAStandby) {
  Baton baton;
  baton.acquire(kFirst);
  baton.enter_javascript(kFirst);
  std::thread standby([&] { baton.acquire(kSecond); });
  EXPECT_EQ(baton.in_javascript_carrier(), kFirst);
  EXPECT_TRUE(baton.revoke(baton.sequence()));
  standby.join();
  EXPECT_TRUE(baton.held_by(kSecond));
  EXPECT_FALSE(baton.leave_javascript(kFirst));
  EXPECT_TRUE(baton.held_by(kSecond));
}

TEST(Baton, IsTakenBackOnceTheStandbyReleasesIt) {
  Baton baton;
  baton.acquire(kFirst);
  baton.enter_javascript(kFirst);
  ASSERT_TRUE(baton.revoke(baton.sequence()));
  baton.acquire(kSecond);
  ASSERT_FALSE(baton.leave_javascript(kFirst));
  std::promise<void> woken;
  std::thread first([&] { baton.acquire_urgently(kFirst, [&] { woken.set_value(); }); });
  woken.get_future().wait();
  EXPECT_TRUE(baton.wanted());
  EXPECT_TRUE(baton.held_by(kSecond));
  baton.release();
  first.join();
  EXPECT_TRUE(baton.held_by(kFirst));
  EXPECT_FALSE(baton.wanted());
}

TEST(Baton, RevokingWithAnOldSequenceDoesNothing) {
  Baton baton;
  baton.acquire(kFirst);
  baton.enter_javascript(kFirst);
  const uint64_t old = baton.sequence();
  ASSERT_TRUE(baton.leave_javascript(kFirst));
  baton.enter_javascript(kFirst);
  EXPECT_FALSE(baton.revoke(old));
  EXPECT_EQ(baton.in_javascript_carrier(), kFirst);
  EXPECT_TRUE(baton.leave_javascript(kFirst));
}

TEST(Baton, NativeCodeInsideAStretchDoesNotStartAnother) {
  Baton baton;
  baton.acquire(kFirst);
  baton.enter_javascript(kFirst);
  const uint64_t sequence = baton.sequence();
  ASSERT_TRUE(baton.leave_javascript(kFirst));
  baton.reenter_javascript(kFirst);
  EXPECT_EQ(baton.sequence(), sequence);
  EXPECT_TRUE(baton.revoke(sequence));
}

TEST(Baton, IsNotRevokedOutsideJavaScript) {
  Baton baton;
  EXPECT_FALSE(baton.revoke(baton.sequence()));
  baton.acquire(kFirst);
  EXPECT_FALSE(baton.revoke(baton.sequence()));
  EXPECT_TRUE(baton.held_by(kFirst));
}

TEST(Baton, UrgentThreadsGoBeforeStandbys) {
  Baton baton;
  std::mutex mutex;
  std::vector<CarrierId> order;
  const auto note_and_release = [&](CarrierId me) {
    {
      std::lock_guard lock(mutex);
      order.push_back(me);
    }
    baton.release();
  };
  baton.acquire(kFirst);
  std::thread standby([&] {
    baton.acquire(kSecond);
    note_and_release(kSecond);
  });
  std::promise<void> urgent;
  std::thread script([&] {
    baton.acquire_urgently(kThird, [&] { urgent.set_value(); });
    note_and_release(kThird);
  });
  urgent.get_future().wait();
  baton.release();
  standby.join();
  script.join();
  EXPECT_EQ(order, (std::vector<CarrierId>{kThird, kSecond}));
}

class Script : public Turn {
 public:
  explicit Script(UniqueFunction<void()> body) : body_(std::move(body)) {}
  void run() override { body_(); }

 private:
  UniqueFunction<void()> body_;
};

// Runs something on the loop and says on which thread that was.
std::thread::id carrier_of(Loop& loop) {
  std::promise<std::thread::id> promise;
  loop.post([&] { promise.set_value(std::this_thread::get_id()); });
  return promise.get_future().get();
}

TEST(NativeSection, TakesARevokedBatonBackAndGivesItUpAgain) {
  Loop loop(0);
  std::thread::id before_native;
  std::thread::id after_native;
  bool held_outside = true;
  bool held_inside = false;
  bool held_nested = false;
  bool held_at_end = false;
  std::promise<void> over;
  Script script([&] {
    const CarrierId me = Loop::this_carrier();
    {
      JavaScriptSection javascript(loop);
      ASSERT_TRUE(loop.baton().revoke(loop.baton().sequence()));
      before_native = carrier_of(loop);
      held_outside = loop.baton().held_by(me);
      {
        NativeSection native(loop);
        held_inside = loop.baton().held_by(me);
        {
          NativeSection nested(loop);
        }
        held_nested = loop.baton().held_by(me);
      }
      after_native = carrier_of(loop);
    }
    held_at_end = loop.baton().held_by(me);
    over.set_value();
  });
  loop.schedule(script);
  std::thread carrier([&] { loop.carry(); });
  std::thread standby([&] { loop.carry(); });
  // Whichever of the two began the script, the other carried the loop meanwhile.
  const std::thread::id ids[] = {carrier.get_id(), standby.get_id()};
  const std::thread::id survivor = carrier_of(loop);
  over.get_future().wait();
  loop.stop();
  carrier.join();
  standby.join();
  EXPECT_TRUE(survivor == ids[0] || survivor == ids[1]);
  EXPECT_EQ(before_native, survivor);
  EXPECT_EQ(after_native, survivor);
  EXPECT_FALSE(held_outside);
  EXPECT_TRUE(held_inside);
  EXPECT_TRUE(held_nested);
  EXPECT_TRUE(held_at_end);
}

TEST(NativeSection, ThatWasNotRevokedGoesOnInJavaScript) {
  Loop loop(0);
  bool held_inside = false;
  bool in_javascript_after = false;
  Script script([&] {
    JavaScriptSection javascript(loop);
    {
      NativeSection native(loop);
      held_inside = loop.baton().held_by(Loop::this_carrier());
    }
    in_javascript_after = loop.baton().in_javascript();
  });
  loop.schedule(script);
  loop.run_until_idle();
  EXPECT_TRUE(held_inside);
  EXPECT_TRUE(in_javascript_after);
  EXPECT_FALSE(loop.baton().in_javascript());
}

}  // namespace
}  // namespace selvage::loop
