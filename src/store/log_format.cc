#include "store/log_format.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/broken_variant.h"
#include "store/coding.h"
#include "store/crc32c.h"

namespace selvage::store {
namespace {

constexpr std::string_view kSegmentMagic = "SLVGLOG1";
constexpr uint32_t kBatchMagic = 0x48435442;  // "BTCH"
constexpr std::string_view kSegmentPrefix = "segment-";
constexpr std::string_view kSegmentSuffix = ".log";

uint32_t header_checksum(std::string_view block) {
  uint32_t crc = crc32c(block.substr(0, 12));
  return crc32c(block.substr(16), crc);
}

}  // namespace

std::string encode_segment_header(const SegmentHeader& header) {
  std::string block;
  block.reserve(kLogBlockSize);
  block += kSegmentMagic;
  put_number<uint32_t>(block, kLogFormatVersion);
  put_number<uint32_t>(block, 0);  // checksum, below
  put_number<uint64_t>(block, header.number);
  put_number<uint64_t>(block, header.first_batch);
  put_number<uint64_t>(block, header.epoch_floor);
  put_number<uint64_t>(block, header.sequence_floor);
  put_number<uint32_t>(block, header.salt);
  put_number<uint32_t>(block, static_cast<uint32_t>(kLogBlockSize));
  block.resize(kLogBlockSize);
  set_number<uint32_t>(block.data() + 12, header_checksum(block));
  return block;
}

Result<SegmentHeader> decode_segment_header(std::string_view block) {
  if (block.size() < kLogBlockSize || !block.starts_with(kSegmentMagic))
    return fail(ErrorCode::corrupt, "not a commit log segment");
  block = block.substr(0, kLogBlockSize);
  Decoder in(block.substr(kSegmentMagic.size()));
  auto version = in.number<uint32_t>();
  if (version != kLogFormatVersion) {
    return fail(
        ErrorCode::unsupported,
        fmt::format("commit log of format {}, this program reads {}", version, kLogFormatVersion),
        "Open it with the version of Selvage that wrote it");
  }
  if (in.number<uint32_t>() != header_checksum(block))
    return fail(ErrorCode::corrupt, "the segment's header does not match its checksum");
  SegmentHeader header;
  header.number = in.number<uint64_t>();
  header.first_batch = in.number<uint64_t>();
  header.epoch_floor = in.number<uint64_t>();
  header.sequence_floor = in.number<uint64_t>();
  header.salt = in.number<uint32_t>();
  return header;
}

std::string segment_file_name(uint64_t number) {
  return fmt::format("{}{:016x}{}", kSegmentPrefix, number, kSegmentSuffix);
}

std::optional<uint64_t> parse_segment_file_name(std::string_view name) {
  if (!name.starts_with(kSegmentPrefix) || !name.ends_with(kSegmentSuffix)) return std::nullopt;
  name.remove_prefix(kSegmentPrefix.size());
  name.remove_suffix(kSegmentSuffix.size());
  if (name.size() != 16) return std::nullopt;
  uint64_t number = 0;
  for (char c : name) {
    if (c >= '0' && c <= '9') {
      number = number << 4 | static_cast<uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      number = number << 4 | static_cast<uint64_t>(c - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return number;
}

void BatchBuilder::start(uint64_t number) {
  buffer_.clear();
  count_ = 0;
  put_number<uint32_t>(buffer_, kBatchMagic);
  put_number<uint32_t>(buffer_, 0);  // checksum
  put_number<uint64_t>(buffer_, number);
  put_number<uint64_t>(buffer_, 0);  // size
  put_number<uint32_t>(buffer_, 0);  // count
  put_number<uint32_t>(buffer_, 0);
}

void BatchBuilder::add(const LogEntry& entry) {
  put_number<uint32_t>(buffer_, static_cast<uint32_t>(entry.type));
  put_number<uint32_t>(buffer_, static_cast<uint32_t>(entry.object.size()));
  put_number<uint64_t>(buffer_, entry.epoch);
  put_number<uint64_t>(buffer_, entry.sequence);
  put_number<uint64_t>(buffer_, entry.payload.size());
  buffer_ += entry.object;
  buffer_ += entry.payload;
  ++count_;
}

std::string_view BatchBuilder::finish(uint32_t salt) {
  uint64_t size = buffer_.size();
  set_number<uint64_t>(buffer_.data() + 16, size);
  set_number<uint32_t>(buffer_.data() + 24, count_);
  set_number<uint32_t>(buffer_.data() + 4, crc32c(std::string_view(buffer_).substr(8), salt));
  buffer_.resize(round_up_to_block(size));
  return buffer_;
}

std::optional<Batch> decode_batch(std::string_view bytes, uint32_t salt) {
  if (bytes.size() < kBatchHeaderSize) return std::nullopt;
  Decoder header(bytes);
  if (header.number<uint32_t>() != kBatchMagic) return std::nullopt;
  auto checksum = header.number<uint32_t>();
  Batch batch;
  batch.number = header.number<uint64_t>();
  auto size = header.number<uint64_t>();
  auto count = header.number<uint32_t>();
  if (size < kBatchHeaderSize || size > bytes.size()) return std::nullopt;
  if (crc32c(bytes.substr(8, size - 8), salt) != checksum && !SELVAGE_BROKEN("no-checksum"))
    return std::nullopt;
  batch.size = round_up_to_block(size);

  Decoder in(bytes.substr(kBatchHeaderSize, size - kBatchHeaderSize));
  batch.entries.reserve(std::min<uint64_t>(count, size / 32));
  for (uint32_t i = 0; i < count; ++i) {
    LogEntry entry;
    entry.type = static_cast<EntryType>(in.number<uint32_t>());
    auto object_size = in.number<uint32_t>();
    entry.epoch = in.number<uint64_t>();
    entry.sequence = in.number<uint64_t>();
    auto payload_size = in.number<uint64_t>();
    entry.object = in.bytes(object_size);
    entry.payload = in.bytes(payload_size);
    if (!in.ok()) return std::nullopt;
    batch.entries.push_back(entry);
  }
  if (!in.empty()) return std::nullopt;
  return batch;
}

}  // namespace selvage::store
