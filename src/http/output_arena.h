// Memory for what is written in one step of the loop: taken by the piece, given back all at once.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace selvage::http {

/// The responses of one step lie side by side here, and are gone from it when the step ends: what
/// the socket did not take by then has been copied to its connection.
class OutputArena {
 public:
  static constexpr size_t kBlockSize = 256 << 10;
  /// Larger pieces are not for the arena.
  static constexpr size_t kLargestPiece = 32 << 10;

  /// `size` writable bytes (at most kLargestPiece), valid until reset().
  char* take(size_t size) {
    if (blocks_.empty() || kBlockSize - used_ < size) next_block();
    char* const piece = blocks_[current_].get() + used_;
    used_ += size;
    return piece;
  }
  /// The last piece needs `size` bytes less.
  void give_back(size_t size) { used_ -= size; }

  void reset() {
    // After a burst, memory of one block stays.
    if (blocks_.size() > 1) blocks_.resize(1);
    current_ = 0;
    used_ = 0;
  }

 private:
  void next_block() {
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(kBlockSize));
    current_ = blocks_.size() - 1;
    used_ = 0;
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  size_t current_ = 0;
  size_t used_ = 0;
};

}  // namespace selvage::http
