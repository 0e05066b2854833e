// Where SQLite's memory comes from: a HugePageHeap, and beyond it the general allocator.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <new>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SELVAGE_SQLITE_ON_GENERAL_ALLOCATOR 1
#endif
#endif

namespace selvage::store {

/// Under the address sanitizer, SQLite keeps the general allocator, which knows more about misuse.
#if defined(SELVAGE_SQLITE_ON_GENERAL_ALLOCATOR)
inline constexpr bool kSqliteHasHugePages = false;
#else
inline constexpr bool kSqliteHasHugePages = true;
#endif

/// Before anything else of SQLite is called, even to find or to register a VFS; later calls do
/// nothing. Any thread.
void prepare_sqlite_memory();

/// For what lives beside SQLite's pages: an allocator of the standard library's kind.
template <typename T>
struct SqliteAllocator {
  using value_type = T;

  SqliteAllocator() = default;
  template <typename U>
  SqliteAllocator(const SqliteAllocator<U>&) {}  // NOLINT(google-explicit-constructor)

  T* allocate(size_t count) {
    void* block = sqlite3_malloc64(count * sizeof(T));
    if (block == nullptr) throw std::bad_alloc();
    return static_cast<T*>(block);
  }
  void deallocate(T* block, size_t) { sqlite3_free(block); }
  bool operator==(const SqliteAllocator&) const = default;
};

/// Gives the system back what nobody uses now, of SQLite's memory and of the general allocator's.
/// Any thread; may take milliseconds.
void release_unused_memory();

}  // namespace selvage::store
