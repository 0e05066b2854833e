// Memory for very many small databases: blocks of up to 64 KiB out of huge pages.
//
// A thousand objects' databases are more than the processor's translation caches reach with pages
// of 4 KiB, and each request goes to another one: then half of the time of a short statement is
// spent on looking up addresses, most of all in virtual machines. The general allocator cannot use
// huge pages for memory that threads take from arenas of their own.
//
//   chunk   2 MiB, one huge page where the system has one to give; 32 slabs
//   slab    64 KiB of blocks of one size class
//   bin     the slabs of one class that have a free block; each thread uses the bins of one shard
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace selvage::store {

/// Any thread, and a block may be freed by another one than took it.
class HugePageHeap {
 public:
  static constexpr size_t kSlabBytes = size_t{64} * 1024;
  static constexpr size_t kChunkBytes = size_t{2} * 1024 * 1024;
  static constexpr size_t kMaxBlockBytes = kSlabBytes;

  /// Sets aside addresses, not memory, for `bytes`, at most 64 TiB. If the system refuses them, the
  /// heap is one of 0 bytes.
  explicit HugePageHeap(size_t bytes);
  /// Every block must be free.
  ~HugePageHeap();
  HugePageHeap(const HugePageHeap&) = delete;
  HugePageHeap& operator=(const HugePageHeap&) = delete;

  /// Aligned to 16 bytes, contents undefined; the caller gives it back to free(). Null when it is
  /// larger than kMaxBlockBytes, or when the heap is used up.
  void* allocate(size_t bytes);
  /// `block`: one of allocate().
  void free(void* block);
  /// Whether `block` is of this heap.
  [[nodiscard]] bool owns(const void* block) const {
    const auto* at = static_cast<const char*>(block);
    return at >= base_ && at < base_ + slab_count_ * kSlabBytes;
  }
  /// Bytes that may be used of a block of allocate(): rounded() of what was asked for.
  [[nodiscard]] size_t usable_bytes(const void* block) const;
  /// `bytes` as allocate() rounds them; more than kMaxBlockBytes stays as it is.
  [[nodiscard]] static size_t rounded(size_t bytes);
  /// Gives back to the system what nobody uses, also from chunks that are used in part; those are
  /// no huge pages any more.
  void release_unused();

 private:
  static constexpr size_t kSlabsInChunk = kChunkBytes / kSlabBytes;
  static constexpr size_t kShards = 8;
  static constexpr size_t kClasses = 80;

  /// Guarded by its bin's mutex while a bin has it.
  struct Slab {
    void* free = nullptr;   // its blocks that were given back
    uint32_t previous = 0;  // in its bin's list; 0: none, otherwise one more than the slab's number
    uint32_t next = 0;
    uint16_t used = 0;    // blocks that are taken
    uint16_t carved = 0;  // blocks that were ever taken
    uint8_t size_class = 0;
    uint8_t shard = 0;
  };
  struct alignas(64) Bin {
    std::mutex mutex;
    uint32_t first = 0;  // slab with a free block; numbers as in Slab
  };
  struct Chunk {
    uint32_t free = ~uint32_t{0};  // slabs that no bin has, as bits
    uint32_t resident = 0;         // slabs that may have memory
  };

  Bin& bin(size_t shard, size_t size_class) { return bins_[shard * kClasses + size_class]; }
  [[nodiscard]] size_t number_of(const void* block) const;
  void link(Bin& bin, size_t number);
  void unlink(Bin& bin, size_t number);
  /// The number of a slab that nobody uses; slab_count_ when there is none left.
  size_t take_slab();
  void give_back_slab(size_t number);
  void forget_memory(size_t first_slab, size_t count);

  char* base_ = nullptr;
  size_t slab_count_ = 0;
  Slab* slabs_ = nullptr;
  void* mapping_ = nullptr;
  size_t mapping_bytes_ = 0;
  std::array<Bin, kShards * kClasses> bins_;

  std::mutex chunks_mutex_;
  std::vector<Chunk> chunks_;  // those that were ever used
  size_t first_with_free_ = 0;
  /// A chunk of which nobody uses anything, and which keeps its memory; SIZE_MAX: none.
  size_t spare_chunk_ = SIZE_MAX;
};

}  // namespace selvage::store
