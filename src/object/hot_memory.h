// Where the last uses of an object's storage have been in memory, so that the processor can be told
// to fetch all of it at once. With many objects it is in no cache, and a use would otherwise wait
// for one line after the other, each some 100 ns away.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "store/sqlite_additions.h"

namespace selvage::object {

/// Holds addresses and never reads what is there: what was freed since may stay in it. Used by one
/// thread at a time.
class HotMemory {
 public:
  static constexpr size_t kLine = 64;
  /// Spans of up to 63 lines.
  static constexpr size_t kSpans = 96;

  void clear() { count_ = 0; }

  /// Adds `bytes` bytes at `start`, or as many as there is room for.
  void add(const void* start, size_t bytes) {
    uintptr_t line = reinterpret_cast<uintptr_t>(start) & ~kLinesMask;
    const uintptr_t end = reinterpret_cast<uintptr_t>(start) + bytes;
    while (line < end && count_ < kSpans) {
      const uintptr_t lines = std::min((end - line + kLine - 1) / kLine, kLinesMask);
      spans_[count_++] = line | lines;
      line += lines * kLine;
    }
  }
  void add(sqlite3_stmt* statement) {
    if (statement != nullptr) sqlite3_selvage_statement_memory(statement, add_to, this);
  }
  /// `written`: the page that is likely to be written next; 0: none.
  void add(sqlite3* database, uint32_t written) {
    sqlite3_selvage_connection_memory(database, written, add_to, this);
  }

  void fetch() const {
    for (size_t i = 0; i < count_; ++i)
      fetch(reinterpret_cast<const void*>(spans_[i] & ~kLinesMask), spans_[i] & kLinesMask);
  }

  /// `lines` from `start` on. Into the second cache: the first has too few requests on their way at
  /// a time, and whoever comes next would wait for them.
  static void fetch(const void* start, size_t lines) {
    const char* line = static_cast<const char*>(start);
    for (; lines > 0; --lines, line += kLine) __builtin_prefetch(line, 0, 2);
  }

  [[nodiscard]] size_t lines() const {
    size_t sum = 0;
    for (size_t i = 0; i < count_; ++i) sum += spans_[i] & kLinesMask;
    return sum;
  }
  [[nodiscard]] bool has(const void* at) const {
    const auto address = reinterpret_cast<uintptr_t>(at);
    return std::any_of(spans_.begin(), spans_.begin() + count_, [address](uintptr_t span) {
      const uintptr_t start = span & ~kLinesMask;
      return start <= address && address < start + (span & kLinesMask) * kLine;
    });
  }

 private:
  static constexpr uintptr_t kLinesMask = kLine - 1;

  static void add_to(void* memory, const void* start, size_t bytes) {
    static_cast<HotMemory*>(memory)->add(start, bytes);
  }

  /// The first line's address; in its low bits, how many they are.
  std::array<uintptr_t, kSpans> spans_{};
  uint32_t count_ = 0;
};

}  // namespace selvage::object
