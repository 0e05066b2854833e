// Appends lines to a file, off the threads that have something to say, in bounded space: a full
// file is renamed to "<path>.1", the one before to "<path>.2", and so on; the oldest goes.
//
// Lines may be lost, never mixed: when the writer cannot keep up, when the disk is full, and when
// the machine fails (nothing is synced). The beginning of one that was lost midway may stay, on a
// line of its own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.h"

namespace selvage::signals {

struct LineFileOptions {
  uint64_t max_bytes = uint64_t{64} << 20;  // of all files together
  unsigned files = 8;                       // among which they are divided; at least 2
  size_t max_waiting = size_t{8} << 20;     // bytes that wait for the writer
};

class LineFile {
 public:
  /// "-" is standard output, which is never full.
  static Result<std::unique_ptr<LineFile>> open(const std::string& path,
                                                const LineFileOptions& options);
  /// Writes what waits.
  ~LineFile();
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  /// Any thread; never blocks on the disk. `line` without a line break.
  void append(std::string_view line);
  /// Returns once what was appended before is written.
  void flush();
  /// Lines that were lost so far.
  [[nodiscard]] uint64_t lost() const;
  /// Lines that are not written yet.
  [[nodiscard]] uint64_t waiting() const;

 private:
  LineFile(std::string path, const LineFileOptions& options, int fd, uint64_t size, bool torn);
  void write_loop();
  void write(std::string_view lines);
  std::string_view write_some(std::string_view bytes);
  void rotate();

  const std::string path_;
  const LineFileOptions options_;
  int fd_;         // the writer's
  uint64_t size_;  // likewise
  bool torn_;      // likewise: the file does not end with a line break
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable written_;
  std::string waiting_;
  bool writing_ = false;
  bool stopping_ = false;
  uint64_t waiting_lines_ = 0;
  uint64_t lost_ = 0;
  std::thread thread_;
};

}  // namespace selvage::signals
