// The bytes of an object's history on disk, for its reader and its writer. The page for people is
// docs/storage-format.md; this file and that page change together.
//
// A history is one file: a head, the pages of the database as they were before the first commit
// that it tells of (the base), and then chunks, each with some commits as the commit log had them.
// The state after any of them is the base with the commits up to it applied; nothing else is
// needed.
//
// Chunks start on block boundaries, so that no sector of one is ever written with another. A chunk
// names the last commit before it, so that what an earlier attempt left behind is never taken for
// the continuation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace selvage::object {

/// A sector.
constexpr uint64_t kHistoryBlock = 512;

struct HistoryHead {
  /// Random; part of every checksum.
  uint32_t salt = 0;
  /// Of the base.
  uint32_t page_count = 0;
  uint32_t checksum = 0;
  /// The base is the state after this commit. 0: what there was before the first commit.
  uint64_t sequence = 0;
  /// When that state began, in milliseconds since 1970; 0: it was there always.
  uint64_t time = 0;
  /// How many restores the object had had by then.
  uint32_t restores = 0;
};

/// One block.
std::string encode_history_head(const HistoryHead& head);
/// ErrorCode::corrupt when the block is not a whole head.
Result<HistoryHead> decode_history_head(std::string_view block);

/// Where the base starts, and where the chunks do.
constexpr uint64_t kHistoryBase = kHistoryBlock;
uint64_t history_chunks(const HistoryHead& head);

/// Commits as they are kept: each its sequence number, the size of its payload, the payload.
void put_history_commit(std::string& commits, uint64_t sequence, std::string_view payload);
struct HistoryCommit {
  uint64_t sequence = 0;
  std::string_view payload;
};
/// Takes the first off the front; nullopt when there is no whole one.
std::optional<HistoryCommit> take_history_commit(std::string_view& commits);

/// What a chunk, or all up to its end, leads to.
struct HistoryPoint {
  /// The last commit's number.
  uint64_t sequence = 0;
  /// Its time; 0: not known.
  uint64_t time = 0;
  /// Pages of the database.
  uint32_t page_count = 0;
  /// How many restores the object has had.
  uint32_t restores = 0;
};

/// A chunk at `offset` of the file, padded to whole blocks, its checksum filled in.
std::string encode_history_chunk(std::string_view commits, uint64_t previous,
                                 const HistoryPoint& end, uint32_t salt, uint64_t offset);

struct HistoryChunk {
  /// With the padding.
  uint64_t size = 0;
  /// The last commit before it.
  uint64_t previous = 0;
  HistoryPoint end;
  /// Into the bytes that were decoded.
  std::string_view commits;
};
constexpr uint64_t kHistoryChunkHead = 56;
/// The size of the chunk that these bytes (at least kHistoryChunkHead) claim to start; 0: none.
uint64_t history_chunk_size(std::string_view head);
/// nullopt when the bytes do not start with a whole and undamaged chunk of that place.
std::optional<HistoryChunk> decode_history_chunk(std::string_view bytes, uint32_t salt,
                                                 uint64_t offset);
/// From the last block of a chunk: where the chunk leads to; nullopt when it does not check.
std::optional<HistoryPoint> decode_history_trailer(std::string_view block, uint32_t salt,
                                                   uint64_t end_offset);

}  // namespace selvage::object
