#include "signals/hub.h"

#include <gtest/gtest.h>

#include <thread>

namespace selvage::signals {
namespace {

std::shared_ptr<const Record> record_of(const std::string& worker, bool logs = false) {
  auto record = std::make_shared<Record>();
  record->worker = worker;
  if (logs) record->log("log", "[]", 0);
  return record;
}

TEST(Hub, RecordsWhatTheMostCuriousListenerWants) {
  Hub hub;
  EXPECT_EQ(hub.recording(), Recording::off);
  const auto ignore = [](const auto&) {};
  auto notable = hub.subscribe("", Recording::notable, ignore);
  EXPECT_EQ(hub.recording(), Recording::notable);
  auto all = hub.subscribe("w", Recording::all, ignore);
  EXPECT_EQ(hub.recording(), Recording::all);
  all.reset();
  EXPECT_EQ(hub.recording(), Recording::notable);
  notable.reset();
  EXPECT_EQ(hub.recording(), Recording::off);
}

TEST(Hub, AListenerGetsWhatItAskedFor) {
  Hub hub;
  int of_all = 0, of_one = 0, notable = 0;
  auto first = hub.subscribe("", Recording::all, [&](const auto&) { ++of_all; });
  auto second = hub.subscribe("w", Recording::all, [&](const auto&) { ++of_one; });
  auto third = hub.subscribe("", Recording::notable, [&](const auto&) { ++notable; });
  hub.publish(record_of("w"));
  hub.publish(record_of("other", true));
  EXPECT_EQ(of_all, 2);
  EXPECT_EQ(of_one, 1);
  EXPECT_EQ(notable, 1);
}

TEST(Hub, NobodyIsCalledAfterTheEnd) {
  Hub hub;
  std::atomic<bool> ended{false};
  std::atomic<bool> late{false};
  std::atomic<bool> stop{false};
  std::thread publisher([&] {
    while (!stop) hub.publish(record_of("w"));
  });
  for (int i = 0; i < 200; ++i) {
    ended = false;
    auto subscription =
        hub.subscribe("", Recording::all, [&](const auto&) { late = late || ended; });
    subscription.reset();
    ended = true;
  }
  stop = true;
  publisher.join();
  EXPECT_FALSE(late);
}

}  // namespace
}  // namespace selvage::signals
