#include "store/huge_page_heap.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>
#include <map>
#include <random>
#include <thread>
#include <vector>

namespace selvage::store {
namespace {

constexpr size_t kMiB = size_t{1024} * 1024;

struct Block {
  unsigned char* at;
  size_t bytes;
  unsigned char mark;
};

bool holds_mark(const Block& block) {
  for (size_t i = 0; i < block.bytes; ++i) {
    if (block.at[i] != block.mark) return false;
  }
  return true;
}

/// Pages of the memory of the heap that `block` begins a chunk of.
size_t resident_pages(void* block) {
  std::vector<unsigned char> pages(HugePageHeap::kChunkBytes / 4096);
  const auto chunk = reinterpret_cast<uintptr_t>(block) / HugePageHeap::kChunkBytes;
  EXPECT_EQ(0, mincore(reinterpret_cast<void*>(chunk * HugePageHeap::kChunkBytes),
                       HugePageHeap::kChunkBytes, pages.data()));
  size_t count = 0;
  for (const unsigned char page : pages) count += page & 1U;
  return count;
}

TEST(HugePageHeapTest, EverySizeFitsInItsClassWithLittleWaste) {
  HugePageHeap heap(8 * kMiB);
  for (size_t bytes = 0; bytes <= HugePageHeap::kMaxBlockBytes; bytes += bytes < 300 ? 1 : 37) {
    void* block = heap.allocate(bytes);
    ASSERT_NE(block, nullptr) << bytes;
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % 16, 0U);
    const size_t usable = heap.usable_bytes(block);
    EXPECT_GE(usable, bytes);
    EXPECT_LE(usable, std::max<size_t>(bytes + 16, bytes + bytes / 8));
    EXPECT_EQ(usable, HugePageHeap::rounded(bytes));
    std::memset(block, 1, usable);
    heap.free(block);
  }
  EXPECT_EQ(heap.allocate(HugePageHeap::kMaxBlockBytes + 1), nullptr);
  EXPECT_EQ(HugePageHeap::rounded(HugePageHeap::kMaxBlockBytes + 1),
            HugePageHeap::kMaxBlockBytes + 1);
}

TEST(HugePageHeapTest, BlocksKeepWhatTheyHold) {
  HugePageHeap heap(256 * kMiB);
  std::mt19937 random(std::random_device{}());
  std::vector<Block> blocks;
  for (int step = 0; step < 30'000; ++step) {
    if (blocks.size() < 800 || random() % 2 == 0) {
      const size_t bytes = random() % (random() % 8 == 0 ? 60'000 : 5'000);
      auto* at = static_cast<unsigned char*>(heap.allocate(bytes));
      ASSERT_NE(at, nullptr);
      ASSERT_TRUE(heap.owns(at));
      const Block block{at, bytes, static_cast<unsigned char>(random())};
      std::memset(at, block.mark, bytes);
      blocks.push_back(block);
    } else {
      std::swap(blocks[random() % blocks.size()], blocks.back());
      ASSERT_TRUE(holds_mark(blocks.back()));
      heap.free(blocks.back().at);
      blocks.pop_back();
    }
    if (step % 5'000 == 0) heap.release_unused();
  }
  for (const Block& block : blocks) {
    ASSERT_TRUE(holds_mark(block));
    heap.free(block.at);
  }
}

TEST(HugePageHeapTest, UsedUpItGivesNothingUntilSomethingIsFree) {
  HugePageHeap heap(1);
  std::vector<void*> blocks;
  while (void* block = heap.allocate(HugePageHeap::kSlabBytes)) blocks.push_back(block);
  EXPECT_EQ(blocks.size(), HugePageHeap::kChunkBytes / HugePageHeap::kSlabBytes);
  EXPECT_EQ(heap.allocate(16), nullptr);
  heap.free(blocks.back());
  heap.release_unused();  // the slab was of another class
  EXPECT_NE(heap.allocate(16), nullptr);
}

TEST(HugePageHeapTest, WhatWasNotAllocatedHereIsNotOwned) {
  HugePageHeap heap(4 * kMiB);
  int local = 0;
  EXPECT_FALSE(heap.owns(&local));
  EXPECT_FALSE(heap.owns(nullptr));
}

TEST(HugePageHeapTest, UnusedMemoryGoesBackToTheSystem) {
  HugePageHeap heap(64 * kMiB);
  void* kept = heap.allocate(1'000);
  std::memset(kept, 1, 1'000);
  std::vector<void*> blocks;
  for (size_t i = 0; i < 3'000; ++i) {
    blocks.push_back(heap.allocate(4'300));
    std::memset(blocks.back(), 1, 4'300);
  }
  void* far = blocks.back();
  EXPECT_GT(resident_pages(far), 0U);
  for (void* block : blocks) heap.free(block);
  heap.release_unused();
  EXPECT_EQ(resident_pages(far), 0U);
  EXPECT_GT(resident_pages(kept), 0U);
  EXPECT_LE(resident_pages(kept), HugePageHeap::kSlabBytes / 4096);
  heap.free(kept);
}

TEST(HugePageHeapTest, ThreadsMayFreeEachOthersBlocks) {
  HugePageHeap heap(64 * kMiB);
  std::mutex mutex;
  std::vector<Block> shared;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (unsigned seed = 0; seed < 4; ++seed) {
    threads.emplace_back([&, seed] {
      std::mt19937 random(seed);
      for (int step = 0; step < 10'000; ++step) {
        const size_t bytes = 1 + random() % 3'000;
        const Block block{static_cast<unsigned char*>(heap.allocate(bytes)), bytes,
                          static_cast<unsigned char>(random())};
        std::memset(block.at, block.mark, bytes);
        std::lock_guard lock(mutex);
        shared.push_back(block);
        if (shared.size() < 200) continue;
        std::swap(shared[random() % shared.size()], shared.back());
        EXPECT_TRUE(holds_mark(shared.back()));
        heap.free(shared.back().at);
        shared.pop_back();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Block& block : shared) heap.free(block.at);
}

}  // namespace
}  // namespace selvage::store
