#include "store/huge_page_heap.h"

#include <sys/mman.h>

#include <bit>

namespace selvage::store {
namespace {

constexpr size_t kStep = 16;           // between the classes up to kSteppedBytes
constexpr size_t kSteppedBytes = 128;  // from here on each doubling has eight classes
constexpr int kSteppedBits = 7;

size_t class_of(size_t bytes) {
  if (bytes <= kSteppedBytes) return bytes == 0 ? 0 : (bytes - 1) / kStep;
  const auto exponent = static_cast<int>(std::bit_width(bytes - 1)) - 1;
  const size_t eighth = (bytes - 1 - (size_t{1} << exponent)) >> (exponent - 3);
  return kSteppedBytes / kStep + static_cast<size_t>(exponent - kSteppedBits) * 8 + eighth;
}

size_t class_bytes(size_t size_class) {
  constexpr size_t kStepped = kSteppedBytes / kStep;
  if (size_class < kStepped) return (size_class + 1) * kStep;
  const size_t exponent = kSteppedBits + (size_class - kStepped) / 8;
  return (size_t{1} << exponent) +
         ((size_class - kStepped) % 8 + 1) * (size_t{1} << (exponent - 3));
}

size_t capacity(size_t size_class) { return HugePageHeap::kSlabBytes / class_bytes(size_class); }

/// Threads take turns with the shards, so that few of them meet in one.
size_t own_shard(size_t shards) {
  static std::atomic<size_t> next{0};
  thread_local const size_t turn = next.fetch_add(1, std::memory_order_relaxed);
  return turn % shards;
}

void* map(size_t bytes) {
  void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return at == MAP_FAILED ? nullptr : at;
}

}  // namespace

HugePageHeap::HugePageHeap(size_t bytes) {
  const size_t chunks = (bytes + kChunkBytes - 1) / kChunkBytes;
  const size_t slabs = chunks * kSlabsInChunk;
  // The blocks first, then what is known of their slabs.
  mapping_bytes_ = (chunks + 1) * kChunkBytes + slabs * sizeof(Slab);
  mapping_ = map(mapping_bytes_);
  if (mapping_ == nullptr) return;
  const auto start = reinterpret_cast<uintptr_t>(mapping_);
  base_ = static_cast<char*>(mapping_) + (kChunkBytes - start % kChunkBytes) % kChunkBytes;
  slabs_ = reinterpret_cast<Slab*>(base_ + chunks * kChunkBytes);
  slab_count_ = slabs;
  (void)madvise(base_, chunks * kChunkBytes, MADV_HUGEPAGE);  // without it, pages are small
}

HugePageHeap::~HugePageHeap() {
  if (mapping_ != nullptr) munmap(mapping_, mapping_bytes_);
}

size_t HugePageHeap::rounded(size_t bytes) {
  return bytes > kMaxBlockBytes ? bytes : class_bytes(class_of(bytes));
}

size_t HugePageHeap::number_of(const void* block) const {
  return static_cast<size_t>(static_cast<const char*>(block) - base_) / kSlabBytes;
}

size_t HugePageHeap::usable_bytes(const void* block) const {
  return class_bytes(slabs_[number_of(block)].size_class);
}

void* HugePageHeap::allocate(size_t bytes) {
  if (bytes > kMaxBlockBytes) return nullptr;
  const size_t size_class = class_of(bytes);
  const size_t shard = own_shard(kShards);
  Bin& bin = this->bin(shard, size_class);
  std::lock_guard lock(bin.mutex);
  if (bin.first == 0) {
    const size_t number = take_slab();
    if (number == slab_count_) return nullptr;
    slabs_[number] = {.size_class = static_cast<uint8_t>(size_class),
                      .shard = static_cast<uint8_t>(shard)};
    link(bin, number);
  }
  const size_t number = bin.first - 1;
  Slab& slab = slabs_[number];
  void* block = slab.free;
  if (block != nullptr) {
    slab.free = *static_cast<void**>(block);
  } else {
    block = base_ + number * kSlabBytes + slab.carved++ * class_bytes(size_class);
  }
  if (++slab.used == capacity(size_class)) unlink(bin, number);
  return block;
}

void HugePageHeap::free(void* block) {
  const size_t number = number_of(block);
  Slab& slab = slabs_[number];
  Bin& bin = this->bin(slab.shard, slab.size_class);
  std::lock_guard lock(bin.mutex);
  *static_cast<void**>(block) = slab.free;
  slab.free = block;
  if (slab.used-- == capacity(slab.size_class)) link(bin, number);
  // The last one that has room stays, so that a block that comes and goes does not cost a slab.
  const bool only = bin.first == number + 1 && slab.next == 0;
  if (slab.used != 0 || only) return;
  unlink(bin, number);
  give_back_slab(number);
}

void HugePageHeap::link(Bin& bin, size_t number) {
  Slab& slab = slabs_[number];
  slab.previous = 0;
  slab.next = bin.first;
  bin.first = static_cast<uint32_t>(number + 1);
  if (slab.next != 0) slabs_[slab.next - 1].previous = bin.first;
}

void HugePageHeap::unlink(Bin& bin, size_t number) {
  const Slab& slab = slabs_[number];
  if (slab.next != 0) slabs_[slab.next - 1].previous = slab.previous;
  if (slab.previous != 0) {
    slabs_[slab.previous - 1].next = slab.next;
  } else {
    bin.first = slab.next;
  }
}

size_t HugePageHeap::take_slab() {
  std::lock_guard lock(chunks_mutex_);
  // Low addresses first: so the chunks at the end become free.
  while (first_with_free_ < chunks_.size() && chunks_[first_with_free_].free == 0)
    ++first_with_free_;
  if (first_with_free_ == chunks_.size()) {
    if (chunks_.size() * kSlabsInChunk == slab_count_) return slab_count_;
    chunks_.emplace_back();
  }
  Chunk& chunk = chunks_[first_with_free_];
  const int slab = std::countr_zero(chunk.free);
  chunk.free &= chunk.free - 1;
  chunk.resident = ~uint32_t{0};  // one huge page
  if (spare_chunk_ == first_with_free_) spare_chunk_ = SIZE_MAX;
  return first_with_free_ * kSlabsInChunk + static_cast<size_t>(slab);
}

void HugePageHeap::give_back_slab(size_t number) {
  std::lock_guard lock(chunks_mutex_);
  const size_t index = number / kSlabsInChunk;
  Chunk& chunk = chunks_[index];
  chunk.free |= uint32_t{1} << (number % kSlabsInChunk);
  first_with_free_ = std::min(first_with_free_, index);
  if (chunk.free != ~uint32_t{0}) return;
  if (spare_chunk_ == SIZE_MAX) {
    spare_chunk_ = index;
    return;
  }
  forget_memory(index * kSlabsInChunk, kSlabsInChunk);
  chunk.resident = 0;
}

void HugePageHeap::forget_memory(size_t first_slab, size_t count) {
  (void)madvise(base_ + first_slab * kSlabBytes, count * kSlabBytes, MADV_DONTNEED);
}

void HugePageHeap::release_unused() {
  for (Bin& bin : bins_) {
    std::lock_guard lock(bin.mutex);
    for (uint32_t at = bin.first; at != 0;) {
      const size_t number = at - 1;
      at = slabs_[number].next;
      if (slabs_[number].used != 0) continue;
      unlink(bin, number);
      give_back_slab(number);
    }
  }
  std::lock_guard lock(chunks_mutex_);
  spare_chunk_ = SIZE_MAX;
  for (size_t index = 0; index < chunks_.size(); ++index) {
    Chunk& chunk = chunks_[index];
    const uint32_t unused = chunk.free & chunk.resident;
    for (size_t slab = 0; slab < kSlabsInChunk; ++slab) {
      if ((unused >> slab & 1) != 0) forget_memory(index * kSlabsInChunk + slab, 1);
    }
    chunk.resident &= ~unused;
  }
}

}  // namespace selvage::store
