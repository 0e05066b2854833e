// The commit log's bytes on disk, for its reader and its writer. The page for people is
// docs/storage-format.md; this file and that page change together.
//
// A log is a run of segment files. A segment is a header block and then batches, each starting on a
// block boundary. A batch is what one sync made durable, with one checksum over all of it.
//
// Two facts carry the crash story. A block that was synced is never written again, so a torn write
// can only harm what nobody was promised. And a batch is written only after the one before it was
// synced, so bytes that do not check, followed by a later batch that does, are damage and not a
// torn tail.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace selvage::store {

constexpr uint64_t kLogBlockSize = 4096;
constexpr uint64_t kBatchHeaderSize = 32;
constexpr uint32_t kLogFormatVersion = 1;
constexpr uint64_t kMaxObjectNameSize = 1024;

constexpr uint64_t round_up_to_block(uint64_t bytes) {
  return (bytes + kLogBlockSize - 1) / kLogBlockSize * kLogBlockSize;
}

struct SegmentHeader {
  /// Counts segments from 1; also in the file's name.
  uint64_t number = 0;
  /// The number of the first batch in it. Batches of earlier segments with this number or a greater
  /// one never happened: their write failed, and nobody was told that it succeeded.
  uint64_t first_batch = 0;
  /// Random; part of every checksum, so that what a recycled file held before never checks.
  uint32_t salt = 0;
  /// No epoch up to this one, and no sequence number up to this one, may be given out again.
  uint64_t epoch_floor = 0;
  uint64_t sequence_floor = 0;
};

/// One block.
std::string encode_segment_header(const SegmentHeader& header);
Result<SegmentHeader> decode_segment_header(std::string_view block);

std::string segment_file_name(uint64_t number);
/// nullopt for names of other files.
std::optional<uint64_t> parse_segment_file_name(std::string_view name);

enum class EntryType : uint32_t { record = 1, checkpoint = 2 };

/// What a batch holds: a record, or the note that an object's records up to `sequence` may go.
struct LogEntry {
  EntryType type = EntryType::record;
  uint64_t epoch = 0;
  uint64_t sequence = 0;
  std::string_view object;
  std::string_view payload;
};

/// Bytes of an entry in a batch.
constexpr uint64_t entry_size(const LogEntry& entry) {
  return 32 + entry.object.size() + entry.payload.size();
}

/// Builds batches in a buffer that it keeps from one to the next.
class BatchBuilder {
 public:
  void start(uint64_t number);
  void add(const LogEntry& entry);
  /// The finished batch, padded with zeros to whole blocks.
  std::string_view finish(uint32_t salt);

 private:
  std::string buffer_;
  uint32_t count_ = 0;
};

struct Batch {
  uint64_t number = 0;
  /// With the padding.
  uint64_t size = 0;
  std::vector<LogEntry> entries;
};

/// The batch that starts `bytes`, with entries that point into them; nullopt when there is no whole
/// and undamaged one.
std::optional<Batch> decode_batch(std::string_view bytes, uint32_t salt);

}  // namespace selvage::store
