// The files that a commit log is written into. Making a segment means writing it full of zeros,
// since a sync of bytes that replace allocated ones takes a thirtieth of the time that a sync of
// bytes that grow a file does; so one spare is kept ready, and segments that are done become it.
//
// Names in the folder: segment-<number>.log, spare.log (zeros or an old segment's bytes; nothing in
// it means anything), spare.tmp (a spare being written).
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "store/file.h"
#include "store/log_format.h"

namespace selvage::store {

/// Any thread. A call may take as long as writing a whole segment.
class SegmentPool {
 public:
  SegmentPool(FileSystem& files, std::string directory, uint64_t segment_size)
      : files_(files), directory_(std::move(directory)), segment_size_(segment_size) {}

  /// Makes a spare, unless there is one.
  Status prepare();
  /// Makes the segment that `header` describes, with `batch` in it, if there is one: durable, both
  /// or nothing, and ready to be written to after them.
  Result<std::unique_ptr<File>> begin(const SegmentHeader& header, std::string_view batch = {});
  /// Removes a segment that nobody needs. Call for the oldest first: each removal is durable before
  /// the call returns, so that no crash can leave a gap.
  Status retire(uint64_t number);

  [[nodiscard]] uint64_t segment_size() const { return segment_size_; }

 private:
  Status prepare_locked();
  [[nodiscard]] std::string path(std::string_view name) const;

  FileSystem& files_;
  const std::string directory_;
  const uint64_t segment_size_;
  std::mutex mutex_;
  bool spare_ready_ = false;
};

}  // namespace selvage::store
