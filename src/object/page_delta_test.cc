#include "object/page_delta.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace selvage::object {
namespace {

using Pages = std::map<uint32_t, PageBytes>;

Result<Commitment> apply_to(Pages& pages, std::string_view payload) {
  return apply_page_delta(payload, [&pages](uint32_t number, bool image) -> Result<PageBytes*> {
    auto [position, inserted] = pages.try_emplace(number);
    if (inserted || image) position->second.fill('\0');
    return &position->second;
  });
}

TEST(PageDeltaTest, AnyChangeComesBack) {
  uint32_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  for (int run = 0; run < 300; ++run) {
    PageBytes before;
    for (char& c : before) c = random() % 4 == 0 ? static_cast<char>(random()) : '\0';
    PageBytes after = before;
    for (uint32_t changes = random() % 20; changes > 0; --changes) {
      uint32_t at = random() % kPageSize;
      uint32_t size = std::min<uint32_t>(random() % 100, kPageSize - at);
      for (uint32_t i = 0; i < size; ++i) after[at + i] = static_cast<char>(random());
    }
    PageDeltaWriter writer({.page_count = 3});
    bool changed = writer.add(2, &before, after);
    EXPECT_EQ(changed, before != after);
    EXPECT_EQ(writer.empty(), before == after);
    EXPECT_TRUE(writer.add(3, nullptr, after));
    std::string payload = std::move(writer).finish();

    Pages pages{{2, before}, {3, before}};
    for (int times = 0; times < 2; ++times) {
      Result<Commitment> count = apply_to(pages, payload);
      ASSERT_TRUE(count) << count.error().describe();
      EXPECT_EQ(count->page_count, 3U);
      EXPECT_EQ(count->alarm, std::nullopt);
      EXPECT_EQ(pages[2], after);
      EXPECT_EQ(pages[3], after);
    }
  }
}

TEST(PageDeltaTest, ASmallChangeIsASmallPayload) {
  PageBytes before;
  before.fill('x');
  PageBytes after = before;
  after[100] = 'y';
  after[4095] = 'z';
  PageDeltaWriter writer({.page_count = 1});
  writer.add(1, &before, after);
  EXPECT_LE(std::move(writer).finish().size(), 12U + 8U + 2 * 5U);
  PageBytes zeros;
  zeros.fill('\0');
  PageDeltaWriter image({.page_count = 1});
  EXPECT_TRUE(image.add(1, nullptr, zeros)) << "an image of zeros is said, too";
  EXPECT_LE(std::move(image).finish().size(), 12U + 8U);
}

TEST(PageDeltaTest, AnAlarmComesBack) {
  PageBytes after;
  after.fill('x');
  for (const Alarm& alarm : {Alarm{.time = 1'700'000'000'000, .object_name = "room"}, Alarm{}}) {
    PageDeltaWriter writer({.page_count = 1, .alarm = alarm});
    writer.add(1, nullptr, after);
    Pages pages;
    const std::string payload = std::move(writer).finish();
    Result<Commitment> commitment = apply_to(pages, payload);
    ASSERT_TRUE(commitment) << commitment.error().describe();
    EXPECT_EQ(commitment->alarm, alarm);
    EXPECT_EQ(pages[1], after);
    for (size_t size = 0; size < payload.size(); ++size)
      EXPECT_FALSE(apply_to(pages, std::string_view(payload).substr(0, size))) << size;
  }
}

TEST(PageDeltaTest, WhatACommitWasComesBack) {
  const Commitment written{.page_count = 7,
                           .alarm = Alarm{.time = 5, .object_name = "room"},
                           .time = 1'700'000'000'001,
                           .from_nothing = true,
                           .restore = 3};
  const std::string payload = PageDeltaWriter(written).finish();
  Result<Commitment> read = read_commitment(payload);
  ASSERT_TRUE(read) << read.error().describe();
  EXPECT_EQ(read->page_count, 7U);
  EXPECT_EQ(read->alarm, written.alarm);
  EXPECT_EQ(read->time, written.time);
  EXPECT_TRUE(read->from_nothing);
  EXPECT_EQ(read->restore, 3U);
  read = read_commitment(PageDeltaWriter({.page_count = 1}).finish());
  ASSERT_TRUE(read) << read.error().describe();
  EXPECT_EQ(read->time, 0U);
  EXPECT_FALSE(read->from_nothing);
  EXPECT_EQ(read->restore, 0U);
}

TEST(PageDeltaTest, MalformedPayloadsAreRefused) {
  PageBytes before;
  before.fill('x');
  PageBytes after = before;
  after[100] = 'y';
  PageDeltaWriter writer({.page_count = 1});
  writer.add(1, &before, after);
  writer.add(2, nullptr, after);
  const std::string payload = std::move(writer).finish();
  Pages pages;
  for (size_t size = 0; size < payload.size(); ++size)
    EXPECT_FALSE(apply_to(pages, std::string_view(payload).substr(0, size))) << size;
  EXPECT_FALSE(apply_to(pages, payload + "x"));
  std::string later = payload;
  later[0] = 2;
  EXPECT_EQ(apply_to(pages, later).error().code, ErrorCode::unsupported);
  std::string beyond = payload;
  beyond[21] = '\x7f';  // an offset far outside the page
  EXPECT_FALSE(apply_to(pages, beyond));
  std::mt19937 random(1);
  for (int i = 0; i < 3'000; ++i) {
    std::string damaged = payload;
    damaged[random() % damaged.size()] = static_cast<char>(random());
    (void)apply_to(pages, damaged);  // may be right or wrong, must not go outside
    pages.clear();
  }
}

}  // namespace
}  // namespace selvage::object
