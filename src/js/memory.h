// The memory of an isolate's array buffers, which V8 leaves to its embedder.
#pragma once

#include <v8.h>

#include <atomic>
#include <cstdint>
#include <memory>

namespace selvage::js {

/// Gives zeroed memory up to a budget, then nothing: V8 answers with a RangeError. Shared with V8,
/// since buffers may outlive the isolate (transferred, or freed by a background thread).
class BufferAllocator final : public v8::ArrayBuffer::Allocator {
 public:
  explicit BufferAllocator(uint64_t budget_bytes) : budget_(budget_bytes) {}

  void* Allocate(size_t length) override;
  void* AllocateUninitialized(size_t length) override;
  void Free(void* data, size_t length) override;

  [[nodiscard]] uint64_t used_bytes() const { return used_.load(std::memory_order_relaxed); }

 private:
  bool reserve(size_t length);

  const uint64_t budget_;
  std::atomic<uint64_t> used_{0};
};

}  // namespace selvage::js
