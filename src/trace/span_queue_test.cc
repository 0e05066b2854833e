#include "trace/span_queue.h"

#include <gtest/gtest.h>

namespace selvage::trace {
namespace {

Span named(const std::string& name) {
  Span span;
  span.name = name;
  return span;
}

TEST(SpanQueue, GivesTheOldestFirst) {
  SpanQueue queue({.spans = 10});
  EXPECT_EQ(queue.push(named("a")), 1u);
  EXPECT_EQ(queue.push(named("b")), 2u);
  EXPECT_EQ(queue.push(named("c")), 3u);
  const auto taken = queue.take(2, 1 << 20);
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0].name, "a");
  EXPECT_EQ(queue.size(), 1u);
}

TEST(SpanQueue, DropsAndCountsWhatThereIsNoRoomFor) {
  SpanQueue queue({.spans = 2});
  for (int i = 0; i < 5; ++i) queue.push(named("s"));
  EXPECT_EQ(queue.size(), 2u);
  EXPECT_EQ(queue.dropped(), 3u);
  EXPECT_EQ(queue.take(10, 1 << 20).size(), 2u);
  EXPECT_EQ(queue.push(named("s")), 1u);
}

TEST(SpanQueue, BytesAreBoundedAsWell) {
  SpanQueue queue({.spans = 1000, .bytes = 64 * 1024});
  for (int i = 0; i < 1000; ++i) {
    Span span = named("s");
    span.set("url.path", std::string(1000, 'x'));
    queue.push(std::move(span));
  }
  EXPECT_LT(queue.size(), 64u);
  EXPECT_GT(queue.size(), 20u);
  EXPECT_EQ(queue.size() + queue.dropped(), 1000u);
  const size_t before = queue.size();
  EXPECT_LT(queue.take(1000, 8 * 1024).size(), 8u);
  EXPECT_EQ(queue.take(1000, 1).size(), 1u);
  while (!queue.take(1000, 1 << 20).empty()) {
  }
  for (size_t i = 0; i < before; ++i) EXPECT_GT(queue.push(named("s")), 0u);
}

}  // namespace
}  // namespace selvage::trace
