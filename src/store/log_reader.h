// Reads the segments of a commit log, tells a torn tail from damage, and refuses damage.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/function.h"
#include "base/result.h"
#include "store/file.h"
#include "store/log_format.h"

namespace selvage::store {

/// One thread at a time; nobody may write to the log during a call.
class LogReader {
 public:
  /// The entry, with views valid during the call, and the number of its segment.
  using Visitor = UniqueFunction<Status(const LogEntry&, uint64_t segment)>;

  /// Lists the segments and reads their headers. A folder without segments is an empty log.
  /// Fails with ErrorCode::corrupt when a segment between others is missing or has no valid header.
  static Result<LogReader> open(FileSystem& files, std::string directory);

  /// Visits every entry, oldest first. Stops at the visitor's first error and returns it. Fails
  /// with ErrorCode::corrupt when a batch before the end is damaged; bytes after the last whole
  /// batch of the last segment are a torn tail, and pass silently.
  Status scan(Visitor visitor);

  /// Oldest first.
  [[nodiscard]] const std::vector<SegmentHeader>& segments() const { return segments_; }
  /// The number after the last batch; known after scan().
  [[nodiscard]] uint64_t next_batch() const { return next_batch_; }
  /// Bytes in whole batches; known after scan().
  [[nodiscard]] uint64_t bytes() const { return bytes_; }
  /// The last batch with its padding, if the last segment has one; known after scan().
  [[nodiscard]] const std::string& last_batch() const { return last_batch_; }
  /// Where it ends in the last segment; known after scan().
  [[nodiscard]] uint64_t end() const { return end_; }

 private:
  LogReader(FileSystem& files, std::string directory)
      : files_(files), directory_(std::move(directory)) {}
  Status scan_segment(size_t index, Visitor& visitor);
  [[nodiscard]] std::string path(uint64_t number) const;

  FileSystem& files_;
  std::string directory_;
  std::vector<SegmentHeader> segments_;
  uint64_t next_batch_ = 1;
  uint64_t bytes_ = 0;
  std::string last_batch_;
  uint64_t end_ = 0;
};

}  // namespace selvage::store
