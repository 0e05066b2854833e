#include "store/sqlite_memory.h"

#include <malloc.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "base/log.h"
#include "store/huge_page_heap.h"

namespace selvage::store {
namespace {

constexpr size_t kAddresses = size_t{64} * 1024 * 1024 * 1024;

/// Never destroyed: SQLite's memory lives as long as the process.
HugePageHeap& heap() {
  static auto* const heap = new HugePageHeap(kAddresses);
  return *heap;
}

void* take(int bytes) {
  const auto size = static_cast<size_t>(bytes);
  if (void* block = heap().allocate(size)) return block;
  return std::malloc(size);
}

void give_back(void* block) {
  if (heap().owns(block)) return heap().free(block);
  std::free(block);
}

int usable_bytes(void* block) {
  if (block == nullptr) return 0;
  return static_cast<int>(heap().owns(block) ? heap().usable_bytes(block)
                                             : malloc_usable_size(block));
}

/// SQLite asks only for blocks that it has, and for sizes other than 0.
void* resize(void* block, int bytes) {
  if (!heap().owns(block) && static_cast<size_t>(bytes) > HugePageHeap::kMaxBlockBytes)
    return std::realloc(block, static_cast<size_t>(bytes));
  const int had = usable_bytes(block);
  if (heap().owns(block) &&
      HugePageHeap::rounded(static_cast<size_t>(bytes)) == static_cast<size_t>(had))
    return block;
  void* moved = take(bytes);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, block, static_cast<size_t>(std::min(had, bytes)));
  give_back(block);
  return moved;
}

int round_up(int bytes) {
  const size_t rounded = HugePageHeap::rounded(static_cast<size_t>(bytes));
  return static_cast<int>((rounded + 7) / 8 * 8);
}

}  // namespace

void prepare_sqlite_memory() {
  if constexpr (!kSqliteHasHugePages) return;
  static std::once_flag once;
  std::call_once(once, [] {
    static const sqlite3_mem_methods methods{
        .xMalloc = take,
        .xFree = give_back,
        .xRealloc = resize,
        .xSize = usable_bytes,
        .xRoundup = round_up,
        .xInit = [](void*) { return SQLITE_OK; },
        .xShutdown = [](void*) {},
        .pAppData = nullptr,
    };
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK) return;
    log_warn("sqlite", "it was in use before its memory was prepared, and has small pages");
  });
}

void release_unused_memory() {
  malloc_trim(0);
  heap().release_unused();
}

}  // namespace selvage::store
