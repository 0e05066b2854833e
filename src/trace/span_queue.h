// Spans that wait for the exporter, in bounded memory. Any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "trace/span.h"

namespace selvage::trace {

struct QueueLimits {
  size_t spans = 8192;
  size_t bytes = size_t{16} << 20;
};

class SpanQueue {
 public:
  explicit SpanQueue(QueueLimits limits) : limits_(limits) {}

  /// How many wait now; 0 when there was no room, and the span is lost.
  size_t push(Span span);
  /// The oldest, up to `most` of them and about `bytes`; at least one if any waits.
  std::vector<Span> take(size_t most, size_t bytes);
  [[nodiscard]] size_t size() const;
  /// Lost for want of room, so far.
  [[nodiscard]] uint64_t dropped() const;

 private:
  const QueueLimits limits_;
  mutable std::mutex mutex_;
  std::deque<Span> spans_;
  size_t bytes_ = 0;
  uint64_t dropped_ = 0;
};

}  // namespace selvage::trace
