#include "cli/reactor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "cli/testing/run_until.h"

namespace selvage::cli {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

TEST(Reactor, timers_run_in_the_order_of_their_times) {
  Reactor reactor;
  std::vector<int> order;
  reactor.after(milliseconds(2), [&] {
    order.push_back(2);
    reactor.stop(7);
  });
  reactor.after(milliseconds(1), [&] { order.push_back(1); });
  const Reactor::TimerId canceled = reactor.after(milliseconds(0), [&] { order.push_back(0); });
  reactor.cancel(canceled);
  EXPECT_EQ(reactor.run(), 7);
  EXPECT_THAT(order, ElementsAre(1, 2));
}

TEST(Reactor, a_callback_may_forget_its_own_descriptor_and_others) {
  Reactor reactor;
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const Descriptor from(ends[0]);
  const Descriptor to(ends[1]);
  ASSERT_EQ(write(to.get(), "x", 1), 1);
  int calls = 0;
  reactor.watch(from.get(), POLLIN, [&](short) {
    ++calls;
    reactor.forget(from.get());
    reactor.forget(to.get());
    reactor.after(milliseconds(0), [&] { reactor.stop(0); });
  });
  reactor.watch(to.get(), POLLOUT, [&](short) {});
  reactor.run();
  EXPECT_EQ(calls, 1);
}

TEST(Reactor, a_number_that_was_given_to_another_descriptor_gets_no_event_of_the_one_before) {
  // The build command of a project was killed because the one before it had ended.
  Reactor reactor;
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  ASSERT_EQ(write(ends[1], "x", 1), 1);
  int calls = 0;
  reactor.watch(ends[0], POLLIN, [&](short) { ADD_FAILURE() << "forgotten"; });
  // Timers run between poll and the callbacks.
  reactor.after(milliseconds(0), [&] {
    reactor.forget(ends[0]);
    std::array<int, 2> others{};
    ASSERT_EQ(pipe(others.data()), 0);
    ASSERT_EQ(dup2(others[0], ends[0]), ends[0]);
    reactor.watch(ends[0], POLLIN, [&](short) { ++calls; });
    reactor.after(milliseconds(1), [&] { reactor.stop(0); });
    close(others[0]);
  });
  reactor.run();
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace selvage::cli
