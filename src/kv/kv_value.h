// Values that are too long for memory, and how one comes to be: small ones stay in memory; from a
// megabyte on the bytes of an upload go to an unnamed temporary file, so that many slow uploads do
// not add up to memory. In the database they lie as stored_value.h says.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "kv/kv_limits.h"

namespace selvage::kv {

/// A value that takes memory only while it is read, wherever it lies.
class LongValue {
 public:
  explicit LongValue(size_t size) : size_(size) {}
  virtual ~LongValue() = default;
  LongValue(const LongValue&) = delete;
  LongValue& operator=(const LongValue&) = delete;

  [[nodiscard]] size_t size() const { return size_; }
  /// As many bytes of `into` as the value has from `offset` on.
  [[nodiscard]] virtual Result<size_t> read_into(size_t offset, std::span<char> into) const = 0;
  /// `size` bytes from `offset` on; fewer where it ends.
  [[nodiscard]] Result<std::string> read(size_t offset, size_t size) const;

 private:
  const size_t size_;
};

/// The bytes of a temporary file, which has no name and goes with it. Any thread.
class SpilledValue final : public LongValue {
 public:
  /// Takes `fd` over.
  SpilledValue(int fd, size_t size) : LongValue(size), fd_(fd) {}
  ~SpilledValue() override;

  [[nodiscard]] Result<size_t> read_into(size_t offset, std::span<char> into) const override;

 private:
  int fd_;
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
    std::shared_ptr<const LongValue> spilled;
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
