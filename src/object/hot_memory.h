// Where the last uses of an object's storage have been in memory, so that the processor can be told
// to fetch all of it at once. With many objects it is in no cache, and a use would otherwise wait
// for one line after the other, each some 100 ns away.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>

#include "store/sqlite_additions.h"

namespace selvage::object {

/// Holds addresses and never reads what is there: what was freed since may stay in it. Used by one
/// thread at a time.
class HotMemory {
 public:
  static constexpr size_t kLine = 64;
  static constexpr size_t kSpans = 64;
  /// Of a span.
  static constexpr size_t kMostLines = 255;

  void clear() { count_ = 0; }

  /// Adds the lines that `bytes` bytes at `start` are in; those that there is no room for, not.
  void add(const void* start, size_t bytes) {
    if (start == nullptr || bytes == 0 || count_ == kSpans) return;
    const size_t before = reinterpret_cast<uintptr_t>(start) % kLine;
    const size_t lines = (before + bytes + kLine - 1) / kLine;
    starts_[count_] = static_cast<const char*>(start) - before;
    lines_[count_] = static_cast<uint8_t>(std::min(lines, kMostLines));
    ++count_;
  }
  void add(sqlite3_stmt* statement) {
    if (statement != nullptr) sqlite3_selvage_statement_memory(statement, add_to, this);
  }
  /// `written`: the page that is likely to be written next; 0: none.
  void add(sqlite3* database, uint32_t written) {
    sqlite3_selvage_connection_memory(database, written, add_to, this);
  }

  void fetch() const {
    for (size_t i = 0; i < count_; ++i) fetch(starts_[i], lines_[i]);
  }

  /// `lines` from `start` on. Into the second cache: the first has too few requests on their way at
  /// a time, and whoever comes next would wait for them.
  static void fetch(const void* start, size_t lines) {
    const char* line = static_cast<const char*>(start);
    for (; lines > 0; --lines, line += kLine) __builtin_prefetch(line, 0, 2);
  }

  /// How many lines it has, some of them perhaps more than once.
  [[nodiscard]] size_t lines() const {
    return std::accumulate(lines_.begin(), lines_.begin() + count_, size_t{0});
  }
  [[nodiscard]] bool has(const void* at) const {
    const auto address = reinterpret_cast<uintptr_t>(at);
    for (size_t i = 0; i < count_; ++i) {
      const auto start = reinterpret_cast<uintptr_t>(starts_[i]);
      if (start <= address && address < start + lines_[i] * kLine) return true;
    }
    return false;
  }

 private:
  static void add_to(void* memory, const void* start, size_t bytes) {
    static_cast<HotMemory*>(memory)->add(start, bytes);
  }

  std::array<const void*, kSpans> starts_{};
  std::array<uint8_t, kSpans> lines_{};
  uint8_t count_ = 0;
};

}  // namespace selvage::object
