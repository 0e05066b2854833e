#include "kv/kv_value.h"

#include <gtest/gtest.h>

#include <string>

namespace selvage::kv {
namespace {

std::string bytes_of(const KvUpload::Value& value) {
  if (!value.spilled) return value.bytes;
  auto bytes = value.spilled->read(0, value.spilled->size());
  return bytes ? *bytes : bytes.error().describe();
}

TEST(KvUpload, ASmallValueStaysInMemory) {
  const KvLimits limits;
  KvUpload upload(limits, testing::TempDir());
  ASSERT_TRUE(upload.append("one "));
  ASSERT_TRUE(upload.append("two"));
  auto value = upload.finish();
  ASSERT_TRUE(value);
  EXPECT_EQ(value->spilled, nullptr);
  EXPECT_EQ(bytes_of(*value), "one two");
}

TEST(KvUpload, ALargeValueGoesThroughAFileAndIsTheSame) {
  const KvLimits limits;
  KvUpload upload(limits, testing::TempDir());
  std::string expected;
  for (int i = 0; i < 40; ++i) {
    const std::string piece(100'000 + static_cast<size_t>(i), static_cast<char>('a' + i % 26));
    ASSERT_TRUE(upload.append(piece));
    expected += piece;
  }
  auto value = upload.finish();
  ASSERT_TRUE(value);
  ASSERT_NE(value->spilled, nullptr);
  EXPECT_TRUE(bytes_of(*value) == expected);

  auto middle = value->spilled->read(99'990, 20);
  ASSERT_TRUE(middle);
  EXPECT_EQ(*middle, expected.substr(99'990, 20));
  auto end = value->spilled->read(expected.size() - 3, 20);
  ASSERT_TRUE(end);
  EXPECT_EQ(*end, expected.substr(expected.size() - 3));
}

TEST(KvUpload, ThePieceThatPassesTheLimitIsRefused) {
  const KvLimits limits{.max_value_bytes = 3'000'000};
  KvUpload upload(limits, testing::TempDir());
  const std::string piece(1'000'000, 'v');
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(upload.append(piece));
  const Status refused = upload.append("x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "KV PUT failed: 413 Value length of 3000001 exceeds limit of 3000000.");
}

TEST(KvUpload, AnEmptyValueIsAValue) {
  const KvLimits limits;
  KvUpload upload(limits, testing::TempDir());
  auto value = upload.finish();
  ASSERT_TRUE(value);
  EXPECT_EQ(bytes_of(*value), "");
}

}  // namespace
}  // namespace selvage::kv
