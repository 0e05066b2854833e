#include "js/isolate_memory.h"

#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <mutex>

#include "preload/mapping_source.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23  // Linux 5.14; older: EINVAL, and the pages come by faults
#endif

namespace selvage::js {
namespace {

constexpr size_t kPageBytes = 4096;
constexpr size_t kRegionBytes = 2 * 1024 * 1024;  // a huge page
/// What V8 asks of the C library for an isolate, and its deserializer meanwhile.
constexpr size_t kAllocatedBytes = 600 * 1024;

using MapFrom = void (*)(const selvage_mapping_source*);

MapFrom map_from() {
  static const auto found = reinterpret_cast<MapFrom>(dlsym(RTLD_DEFAULT, "selvage_map_from"));
  return found;
}

std::byte* round_up(void* address, size_t alignment) {
  const auto at = reinterpret_cast<uintptr_t>(address);
  return reinterpret_cast<std::byte*>((at + alignment - 1) / alignment * alignment);  // NOLINT
}

/// Cuts chunks from regions, upwards.
class ChunkPool {
 public:
  /// `huge`: backed by huge pages, where the system lets us have them.
  explicit constexpr ChunkPool(bool huge) : huge_(huge) {}

  /// Null: the system has nothing.
  std::byte* take(size_t bytes) {
    std::lock_guard lock(mutex_);
    if (next_ == end_ && !refill(bytes)) return nullptr;
    std::byte* const chunk = next_;
    next_ += bytes;
    return chunk;
  }

 private:
  bool refill(size_t chunk_bytes) {
    // V8 says MADV_DONTFORK for nearly two chunks at each chunk: the last one must not reach
    // others' memory, so the region has an inaccessible chunk behind it.
    const size_t length = 2 * kRegionBytes + chunk_bytes;
    void* const reserved = mmap(nullptr, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (reserved == MAP_FAILED) return false;
    std::byte* const first = round_up(reserved, kRegionBytes);
    auto* const start = static_cast<std::byte*>(reserved);
    const std::byte* const last = first + kRegionBytes + chunk_bytes;
    if (first > start) munmap(reserved, static_cast<size_t>(first - start));
    munmap(const_cast<std::byte*>(last), static_cast<size_t>(start + length - last));
    if (mprotect(first, kRegionBytes, PROT_READ | PROT_WRITE) != 0) return false;
    // The same for the whole region, or V8's own call would split it.
    madvise(first, kRegionBytes, MADV_DONTFORK);
    madvise(first, kRegionBytes, huge_ ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    next_ = first;
    end_ = first + kRegionBytes;
    return true;
  }

  const bool huge_;
  std::mutex mutex_;
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
};

ChunkPool full_chunks(true);
ChunkPool other_chunks(false);

thread_local IsolateMemory* current = nullptr;
thread_local std::byte* last_given = nullptr;  // V8 is about to cut it to size

std::atomic<bool> process_ends{false};

}  // namespace

void IsolateMemory::prepare_allocator() {
  // glibc takes blocks from 128 KiB up from the system, each on its own, until one such was freed:
  // from then on it keeps blocks up to that size, and twice as much free memory.
  std::free(std::malloc(4 * kAllocatedBytes));
}

IsolateMemory::IsolateMemory() {
  // Has the C library get memory from the system that the next allocations are cut from.
  if (void* const block = std::malloc(kAllocatedBytes); block != nullptr) {
    madvise(round_up(block, kPageBytes), kAllocatedBytes - kPageBytes, MADV_POPULATE_WRITE);
    std::free(block);
  }
  static constexpr selvage_mapping_source kSource{.map = map, .unmap = unmap};
  current = this;
  last_given = nullptr;
  if (map_from() != nullptr) map_from()(&kSource);
}

IsolateMemory::~IsolateMemory() {
  if (map_from() != nullptr) map_from()(nullptr);
  current = nullptr;
}

void IsolateMemory::leave_to_exit() { process_ends.store(true); }

bool IsolateMemory::left_to_exit() { return process_ends.load(); }

void* IsolateMemory::map(size_t length) {
  // For a chunk V8 maps exactly this much, and gives back what is not aligned. What is longer, be
  // it by a page, is a larger chunk that would reach into the next one.
  if (length != 2 * kChunkBytes - kPageBytes) return nullptr;
  if (current->chunk_count_ == kMaxChunks) return nullptr;
  const int before = errno;
  const uint32_t bytes = filled_[current->chunk_count_].load(std::memory_order_relaxed);
  const bool full = bytes > kChunkBytes / 8 * 7;
  std::byte* const chunk = (full ? full_chunks : other_chunks).take(kChunkBytes);
  if (chunk != nullptr && !full && bytes != 0) madvise(chunk, bytes, MADV_POPULATE_WRITE);
  errno = before;
  current->chunks_[current->chunk_count_++] = chunk;
  last_given = chunk;
  return chunk;
}

bool IsolateMemory::unmap(void* address, size_t length) {
  // What V8 takes for the rest of its mapping is the next chunk.
  return last_given != nullptr && address == last_given + kChunkBytes && length < kChunkBytes;
}

void IsolateMemory::learn() const {
  for (size_t index = 0; index < chunk_count_; ++index) {
    if (chunks_[index] == nullptr) continue;
    std::array<unsigned char, kChunkBytes / kPageBytes> resident{};
    // ENOMEM: V8 has given the chunk back.
    if (mincore(chunks_[index], kChunkBytes, resident.data()) != 0) continue;
    const auto last = std::find_if(resident.rbegin(), resident.rend(),
                                   [](unsigned char page) { return (page & 1) != 0; });
    const auto bytes = static_cast<uint32_t>((resident.rend() - last) * kPageBytes);
    if (bytes > filled_[index].load(std::memory_order_relaxed)) {
      filled_[index].store(bytes, std::memory_order_relaxed);
    }
  }
}

}  // namespace selvage::js
