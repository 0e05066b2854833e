#include "store/change_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace selvage::store {
namespace {

using testing::ElementsAre;

Change change(std::string name) {
  return {.kind = Change::Kind::deployment, .scope = "worker", .name = std::move(name)};
}

TEST(LocalChangeFeedTest, EverySubscriberHearsEverythingInOrderBeforePublishReturns) {
  LocalChangeFeed feed;
  std::vector<std::string> first;
  std::vector<std::string> second;
  auto into = [](std::vector<std::string>& heard) {
    return [&heard](uint64_t sequence, const std::vector<Change>& changes) {
      for (const Change& change : changes)
        heard.push_back(std::to_string(sequence++) + change.name);
    };
  };
  auto one = feed.subscribe(into(first));
  EXPECT_EQ(feed.publish({change("a"), change("b")}), 2U);
  auto two = feed.subscribe(into(second));
  EXPECT_EQ(feed.publish({change("c")}), 3U);
  one.reset();
  EXPECT_EQ(feed.publish({change("d")}), 4U);
  EXPECT_THAT(first, ElementsAre("1a", "2b", "3c"));
  EXPECT_THAT(second, ElementsAre("3c", "4d"));
}

TEST(LocalChangeFeedTest, ThreadsPublishInOneOrder) {
  LocalChangeFeed feed;
  uint64_t last = 0;
  bool in_order = true;
  auto subscription = feed.subscribe([&](uint64_t sequence, const std::vector<Change>& changes) {
    in_order = in_order && sequence == last + 1;
    last = sequence + changes.size() - 1;
  });
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&feed] {
      for (int i = 0; i < 200; ++i) feed.publish({change("x"), change("y")});
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(in_order);
  EXPECT_EQ(last, 4 * 200 * 2U);
}

}  // namespace
}  // namespace selvage::store
