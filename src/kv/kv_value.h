// A value on its way into the store. Small ones stay in memory; from a megabyte on the bytes go to
// an unnamed temporary file, so that many slow uploads do not add up to memory.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "kv/kv_limits.h"

namespace selvage::kv {

/// The bytes of a temporary file, mapped to be read. The file has no name and goes with it.
class SpilledValue {
 public:
  /// Takes `fd` over; `size` is not 0.
  static Result<std::shared_ptr<const SpilledValue>> map(int fd, size_t size);
  ~SpilledValue();
  SpilledValue(const SpilledValue&) = delete;
  SpilledValue& operator=(const SpilledValue&) = delete;

  [[nodiscard]] std::string_view view() const { return {data_, size_}; }

 private:
  SpilledValue(const char* data, size_t size) : data_(data), size_(size) {}
  const char* data_;
  size_t size_;
};

/// Collects the pieces of one value. One thread's.
class KvUpload {
 public:
  static constexpr size_t kInMemory = size_t{1} << 20;

  /// `limits` must outlive it; the temporary file, if there is one, is made in `directory`.
  KvUpload(const KvLimits& limits, std::string directory)
      : limits_(limits), directory_(std::move(directory)) {}
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
  std::string directory_;
  std::string memory_;
  int fd_ = -1;
  size_t size_ = 0;
};

}  // namespace selvage::kv
