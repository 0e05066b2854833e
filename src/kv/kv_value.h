// A value on its way into the store. Small ones stay in memory; from a megabyte on the bytes go to
// an unnamed temporary file, so that many slow uploads do not add up to memory.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "kv/kv_limits.h"

namespace selvage::kv {

/// The bytes of a temporary file, which has no name and goes with it: it takes memory only while
/// it is read. Any thread.
class SpilledValue {
 public:
  /// Takes `fd` over.
  SpilledValue(int fd, size_t size) : fd_(fd), size_(size) {}
  ~SpilledValue();
  SpilledValue(const SpilledValue&) = delete;
  SpilledValue& operator=(const SpilledValue&) = delete;

  [[nodiscard]] size_t size() const { return size_; }
  /// `size` bytes from `offset` on; fewer where it ends.
  [[nodiscard]] Result<std::string> read(size_t offset, size_t size) const;

 private:
  int fd_;
  size_t size_;
};

/// Collects the pieces of one value. One thread's.
class KvUpload {
 public:
  static constexpr size_t kInMemory = size_t{1} << 20;

  /// `limits` must outlive it; the temporary file, if there is one, is made in `directory`.
  KvUpload(const KvLimits& limits, std::string directory, size_t in_memory = kInMemory)
      : limits_(limits), directory_(std::move(directory)), in_memory_(in_memory) {}
  ~KvUpload();
  KvUpload(const KvUpload&) = delete;
  KvUpload& operator=(const KvUpload&) = delete;

  /// Refused from the piece on that passes the limit of a value.
  Status append(std::string_view bytes);
  [[nodiscard]] size_t size() const { return size_; }

  struct Value {
    std::string bytes;
    /// When set, it has the bytes.
    std::shared_ptr<const SpilledValue> spilled;
  };
  /// What was collected; nothing is left.
  Result<Value> finish();

 private:
  Status spill(std::string_view bytes);

  const KvLimits& limits_;
  const std::string directory_;
  const size_t in_memory_;
  std::string memory_;
  int fd_ = -1;
  size_t size_ = 0;
};

}  // namespace selvage::kv
