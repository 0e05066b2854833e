#include "store/log_format.h"

#include <gtest/gtest.h>

namespace selvage::store {
namespace {

TEST(LogFormatTest, ASegmentHeaderComesBackAndFillsABlock) {
  SegmentHeader header{.number = 7,
                       .first_batch = 1'000,
                       .salt = 0xdeadbeef,
                       .epoch_floor = 12,
                       .sequence_floor = 99};
  std::string block = encode_segment_header(header);
  ASSERT_EQ(block.size(), kLogBlockSize);
  Result<SegmentHeader> decoded = decode_segment_header(block);
  ASSERT_TRUE(decoded) << decoded.error().describe();
  EXPECT_EQ(decoded->number, 7U);
  EXPECT_EQ(decoded->first_batch, 1'000U);
  EXPECT_EQ(decoded->salt, 0xdeadbeefU);
  EXPECT_EQ(decoded->epoch_floor, 12U);
  EXPECT_EQ(decoded->sequence_floor, 99U);
}

TEST(LogFormatTest, ADamagedSegmentHeaderIsRefused) {
  std::string block = encode_segment_header({.number = 1, .first_batch = 1});
  for (size_t i : {0U, 13U, 20U, 40U, 4095U}) {
    std::string damaged = block;
    damaged[i] ^= 1;
    Result<SegmentHeader> decoded = decode_segment_header(damaged);
    ASSERT_FALSE(decoded) << i;
    EXPECT_EQ(decoded.error().code, ErrorCode::corrupt) << i;
  }
  std::string later = block;
  later[8] = 2;
  Result<SegmentHeader> decoded = decode_segment_header(later);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, ErrorCode::unsupported);
  EXPECT_FALSE(decode_segment_header(std::string_view(block).substr(0, 100)));
}

TEST(LogFormatTest, SegmentNamesComeBack) {
  EXPECT_EQ(segment_file_name(0x1f), "segment-000000000000001f.log");
  EXPECT_EQ(parse_segment_file_name("segment-000000000000001f.log"), 0x1fU);
  for (const char* name : {"spare.log", "segment-1f.log", "segment-000000000000001F.log",
                           "segment-000000000000001f.tmp", ""}) {
    EXPECT_EQ(parse_segment_file_name(name), std::nullopt) << name;
  }
}

std::string batch_of(uint64_t number, uint32_t salt) {
  BatchBuilder builder;
  builder.start(number);
  builder.add({.type = EntryType::record,
               .epoch = 3,
               .sequence = 4,
               .object = "object",
               .payload = std::string_view("pay\0load", 8)});
  builder.add(
      {.type = EntryType::checkpoint, .epoch = 0, .sequence = 2, .object = "o", .payload = ""});
  return std::string(builder.finish(salt));
}

TEST(LogFormatTest, ABatchComesBack) {
  std::string bytes = batch_of(17, 5);
  EXPECT_EQ(bytes.size(), kLogBlockSize);
  std::optional<Batch> batch = decode_batch(bytes, 5);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->number, 17U);
  EXPECT_EQ(batch->size, kLogBlockSize);
  ASSERT_EQ(batch->entries.size(), 2U);
  EXPECT_EQ(batch->entries[0].type, EntryType::record);
  EXPECT_EQ(batch->entries[0].epoch, 3U);
  EXPECT_EQ(batch->entries[0].sequence, 4U);
  EXPECT_EQ(batch->entries[0].object, "object");
  EXPECT_EQ(batch->entries[0].payload, std::string_view("pay\0load", 8));
  EXPECT_EQ(batch->entries[1].type, EntryType::checkpoint);
  EXPECT_EQ(batch->entries[1].object, "o");
}

TEST(LogFormatTest, NoBatchIsFoundInDamagedOrForeignBytes) {
  std::string bytes = batch_of(17, 5);
  constexpr size_t kUsed = kBatchHeaderSize + 2 * 32 + 6 + 8 + 1;
  for (size_t i = 0; i < kUsed; ++i) {
    std::string damaged = bytes;
    damaged[i] ^= 0x10;
    EXPECT_FALSE(decode_batch(damaged, 5)) << "byte " << i;
  }
  for (size_t size = 0; size < kUsed; ++size)
    EXPECT_FALSE(decode_batch(std::string_view(bytes).substr(0, size), 5)) << "size " << size;
  EXPECT_TRUE(decode_batch(std::string_view(bytes).substr(0, kUsed), 5));
  // What a recycled file held before has another salt.
  EXPECT_FALSE(decode_batch(bytes, 6));
  EXPECT_FALSE(decode_batch(std::string(kLogBlockSize, '\0'), 0));
}

}  // namespace
}  // namespace selvage::store
