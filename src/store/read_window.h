// A window that moves over a file: reads ahead, so that a reader which goes from front to back in
// small steps asks the system seldom.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/file.h"

namespace selvage::store {

class ReadWindow {
 public:
  /// `file` must outlive it; bytes beyond `file_size` are not there.
  ReadWindow(File& file, uint64_t file_size) : file_(file), file_size_(file_size) {}

  /// `size` bytes at `offset`, or fewer where the file ends. Valid until the next call.
  Result<std::string_view> view(uint64_t offset, uint64_t size) {
    size = std::min(size, file_size_ - std::min(file_size_, offset));
    if (offset < start_ || offset + size > start_ + bytes_.size()) {
      uint64_t wanted = std::min(std::max(size, kReadAhead), file_size_ - offset);
      bytes_.resize(wanted);
      start_ = offset;
      SELVAGE_TRY(size_t got, file_.read_at(offset, bytes_));
      bytes_.resize(got);
      size = std::min<uint64_t>(size, got);
    }
    return std::string_view(bytes_).substr(offset - start_, size);
  }

 private:
  static constexpr uint64_t kReadAhead = 256 * 1024;

  File& file_;
  uint64_t file_size_;
  uint64_t start_ = 0;
  std::string bytes_;
};

}  // namespace selvage::store
