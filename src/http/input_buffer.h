// Where a connection's requests lie while they are read and answered. An idle connection has none.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

namespace selvage::http {

/// A block of bytes of known size; owned.
struct InputBuffer {
  std::unique_ptr<char[]> bytes;
  size_t capacity = 0;

  explicit operator bool() const { return bytes != nullptr; }
  [[nodiscard]] char* data() const { return bytes.get(); }
};

/// Hands out input buffers of one size and keeps some that came back, last in, first out.
class InputBufferPool {
 public:
  // Not a power of two: the beginnings of buffers should not all compete for the same cache lines.
  static constexpr size_t kBufferSize = (16 << 10) + 48;
  static constexpr size_t kMostKept = 1024;

  InputBuffer take() {
    if (kept_.empty()) return {std::make_unique_for_overwrite<char[]>(kBufferSize), kBufferSize};
    InputBuffer buffer{std::move(kept_.back()), kBufferSize};
    kept_.pop_back();
    return buffer;
  }
  void give_back(InputBuffer buffer) {
    if (buffer.capacity == kBufferSize && kept_.size() < kMostKept) {
      kept_.push_back(std::move(buffer.bytes));
    }
  }

 private:
  std::vector<std::unique_ptr<char[]>> kept_;
};

}  // namespace selvage::http
