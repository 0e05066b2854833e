// Counts per key in windows of time that follow each other ("100 in each minute"), as rate limits
// need them. Bounded memory: keys of windows that are over make place, and when there are still too
// many, their counts start anew, so that a limit may let more through but never refuses too much.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace selvage {

/// Any thread.
class WindowCounters {
 public:
  /// Counts one for `key` in the window of `seconds` that `now_seconds` (since 1970) is in, unless
  /// it has had `limit` already: then false. Windows begin at multiples of their length.
  /// `seconds` > 0; the same key always with the same.
  bool take(std::string_view key, uint64_t limit, uint32_t seconds, int64_t now_seconds);

  /// Of the keys that are kept, in all: about.
  static constexpr size_t kMostBytes = size_t{16} << 20;

 private:
  static constexpr size_t kShards = 16;
  static constexpr size_t kBytesOfEntry = 64;  // beside the key
  struct Counter {
    int64_t ends = 0;
    uint64_t count = 0;
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, Counter> counters;
    size_t bytes = 0;

    void make_place(int64_t now_seconds);
  };
  std::array<Shard, kShards> shards_;
};

}  // namespace selvage
