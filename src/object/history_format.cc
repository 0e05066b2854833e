#include "object/history_format.h"

#include "object/page_delta.h"
#include "store/coding.h"
#include "store/crc32c.h"

namespace selvage::object {

using store::Decoder;
using store::put_number;
using store::set_number;

namespace {

constexpr std::string_view kMagic = "SLVGHST1";
constexpr uint32_t kChunkMagic = 0x4b4e4843;    // "CHNK"
constexpr uint32_t kTrailerMagic = 0x4c494154;  // "TAIL"
constexpr uint64_t kTrailer = 32;
constexpr uint64_t kChecksumAt = 4;
constexpr uint64_t kChecked = 8;

uint64_t whole_blocks(uint64_t bytes) {
  return (bytes + kHistoryBlock - 1) / kHistoryBlock * kHistoryBlock;
}

/// Of bytes that only count at this place of this file.
uint32_t placed_checksum(std::string_view bytes, uint32_t salt, uint64_t offset) {
  std::string place;
  put_number<uint64_t>(place, offset);
  return store::crc32c(bytes, store::crc32c(place, salt));
}

void put_point(std::string& out, const HistoryPoint& point) {
  put_number<uint64_t>(out, point.sequence);
  put_number<uint64_t>(out, point.time);
  put_number<uint32_t>(out, point.page_count);
  put_number<uint32_t>(out, point.restores);
}

HistoryPoint take_point(Decoder& in) {
  HistoryPoint point;
  point.sequence = in.number<uint64_t>();
  point.time = in.number<uint64_t>();
  point.page_count = in.number<uint32_t>();
  point.restores = in.number<uint32_t>();
  return point;
}

}  // namespace

std::string encode_history_head(const HistoryHead& head) {
  std::string block;
  block.reserve(kHistoryBlock);
  block += kMagic;
  put_number<uint32_t>(block, 0);  // checksum, below
  put_number<uint32_t>(block, head.salt);
  put_number<uint32_t>(block, head.page_count);
  put_number<uint32_t>(block, head.checksum);
  put_number<uint64_t>(block, head.sequence);
  put_number<uint64_t>(block, head.time);
  put_number<uint32_t>(block, head.restores);
  block.resize(kHistoryBlock);
  set_number<uint32_t>(block.data() + kMagic.size(),
                       store::crc32c(std::string_view(block).substr(kMagic.size() + 4)));
  return block;
}

Result<HistoryHead> decode_history_head(std::string_view block) {
  if (block.size() < kHistoryBlock || !block.starts_with(kMagic))
    return fail(ErrorCode::corrupt, "not an object's history");
  block = block.substr(0, kHistoryBlock);
  Decoder in(block.substr(kMagic.size()));
  if (in.number<uint32_t>() != store::crc32c(block.substr(kMagic.size() + 4)))
    return fail(ErrorCode::corrupt, "the head of the history does not match its checksum");
  HistoryHead head;
  head.salt = in.number<uint32_t>();
  head.page_count = in.number<uint32_t>();
  head.checksum = in.number<uint32_t>();
  head.sequence = in.number<uint64_t>();
  head.time = in.number<uint64_t>();
  head.restores = in.number<uint32_t>();
  return head;
}

uint64_t history_chunks(const HistoryHead& head) {
  return kHistoryBase + uint64_t{head.page_count} * kPageSize;
}

void put_history_commit(std::string& commits, uint64_t sequence, std::string_view payload) {
  put_number<uint64_t>(commits, sequence);
  put_number<uint64_t>(commits, payload.size());
  commits += payload;
}

std::optional<HistoryCommit> take_history_commit(std::string_view& commits) {
  Decoder in(commits);
  HistoryCommit commit;
  commit.sequence = in.number<uint64_t>();
  const auto size = in.number<uint64_t>();
  commit.payload = in.bytes(size);
  if (!in.ok()) return std::nullopt;
  commits.remove_prefix(16 + size);
  return commit;
}

std::string encode_history_chunk(std::string_view commits, uint64_t previous,
                                 const HistoryPoint& end, uint32_t salt, uint64_t offset) {
  const uint64_t size = kHistoryChunkHead + commits.size();
  const uint64_t whole = whole_blocks(size + kTrailer);
  std::string chunk;
  chunk.reserve(whole);
  put_number<uint32_t>(chunk, kChunkMagic);
  put_number<uint32_t>(chunk, 0);  // checksum, below
  put_number<uint64_t>(chunk, whole);
  put_number<uint64_t>(chunk, size);
  put_number<uint64_t>(chunk, previous);
  put_point(chunk, end);
  chunk += commits;
  chunk.resize(whole - kTrailer);
  set_number<uint32_t>(
      chunk.data() + kChecksumAt,
      placed_checksum(std::string_view(chunk).substr(kChecked, size - kChecked), salt, offset));
  std::string trailer;
  put_number<uint32_t>(trailer, kTrailerMagic);
  put_number<uint32_t>(trailer, 0);  // checksum
  put_point(trailer, end);
  set_number<uint32_t>(
      trailer.data() + kChecksumAt,
      placed_checksum(std::string_view(trailer).substr(kChecked), salt, offset + whole));
  return chunk + trailer;
}

uint64_t history_chunk_size(std::string_view head) {
  Decoder in(head);
  if (in.number<uint32_t>() != kChunkMagic) return 0;
  in.number<uint32_t>();
  return in.number<uint64_t>();
}

std::optional<HistoryChunk> decode_history_chunk(std::string_view bytes, uint32_t salt,
                                                 uint64_t offset) {
  Decoder in(bytes);
  if (in.number<uint32_t>() != kChunkMagic) return std::nullopt;
  const auto checksum = in.number<uint32_t>();
  HistoryChunk chunk;
  chunk.size = in.number<uint64_t>();
  const auto size = in.number<uint64_t>();
  chunk.previous = in.number<uint64_t>();
  chunk.end = take_point(in);
  if (!in.ok() || chunk.size > bytes.size() || size < kHistoryChunkHead || size > chunk.size)
    return std::nullopt;
  if (placed_checksum(bytes.substr(kChecked, size - kChecked), salt, offset) != checksum)
    return std::nullopt;
  chunk.commits = bytes.substr(kHistoryChunkHead, size - kHistoryChunkHead);
  return chunk;
}

std::optional<HistoryPoint> decode_history_trailer(std::string_view block, uint32_t salt,
                                                   uint64_t end_offset) {
  if (block.size() < kTrailer) return std::nullopt;
  block = block.substr(block.size() - kTrailer);
  Decoder in(block);
  if (in.number<uint32_t>() != kTrailerMagic) return std::nullopt;
  if (in.number<uint32_t>() != placed_checksum(block.substr(kChecked), salt, end_offset))
    return std::nullopt;
  return take_point(in);
}

}  // namespace selvage::object
