// Makes compressed copies of assets, one after the other, on a thread of the lowest priority, and
// keeps them on the disk under the hash of what they were made from: each is made once.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "assets/content_coding.h"
#include "base/function.h"
#include "base/result.h"
#include "loop/loop.h"

namespace selvage::assets {

/// A compressed copy. Its file is a cache: it may be removed while nothing runs.
struct CompressedCopy {
  std::string path;
  uint64_t size = 0;  // 0: compression does not help with this one
};

struct CompressionSource {
  std::string path = {};
  std::string hash = {};  // of the content, 32 hexadecimal digits
  bool verify = false;    // the file may have changed since it was hashed
  Coding coding = Coding::gzip;
};

/// Owned by the composition root; outlives the loops that use it.
class Compressor {
 public:
  /// Copies go to `directory`, which is made when needed.
  explicit Compressor(std::string directory);
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  using DoneCallback = UniqueFunction<void(Result<CompressedCopy>)>;
  /// Any thread. `done` is called on `loop`, unless the Compressor ends before.
  void make(CompressionSource source, loop::Loop& loop, DoneCallback done);

 private:
  struct Waiter {
    loop::Loop* loop;
    DoneCallback done;
  };
  struct Job {
    CompressionSource source;
    std::vector<Waiter> waiters;
  };
  void work();
  Result<CompressedCopy> copy_of(const CompressionSource& source);

  const std::string directory_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::string> queue_;    // file names of the copies
  std::map<std::string, Job> jobs_;  // by file name; those in the queue and the current one
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace selvage::assets
