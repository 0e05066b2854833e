// Where the memory of a new isolate comes from: side by side and all at once, where V8 and the C
// library would have it page by page from all over the address space.
//
// An isolate made from the snapshot fills about 370 pages of 4 KiB. The first touch of each is a
// page fault, and V8 spreads its chunks at random, so that most need page tables of their own. In a
// virtual machine whose host has to keep a copy of its page tables, one such touch was measured at
// 15 to 30 microseconds, and so an isolate takes several milliseconds. Here V8's chunks are cut
// from regions of 2 MiB instead: huge ones for those that an isolate fills, and ones whose pages
// are populated as far as they will be filled for the others. Which are which is the same for each
// isolate, since the same snapshot is read in the same order: the first isolates of the process
// tell it for all later ones, so that no page is filled that would have stayed empty.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace selvage::js {

/// While it lives, the calling thread is making an isolate. Not nested; any number of threads.
/// Where the kernel has no huge pages, or the engine was started without its preloaded library, it
/// does what it can, silently. The chunks are V8's, which gives them back to the system by itself.
class IsolateMemory {
 public:
  /// Once in a process, before threads are started: how the C library keeps freed memory.
  static void prepare_allocator();

  IsolateMemory();
  ~IsolateMemory();
  IsolateMemory(const IsolateMemory&) = delete;
  IsolateMemory& operator=(const IsolateMemory&) = delete;

  /// The process is about to end, and gives all its memory back at once: from now on isolates that
  /// are done with leave theirs as it is. Tearing down a heap takes milliseconds, and a platform
  /// has hundreds. Any thread.
  static void leave_to_exit();
  [[nodiscard]] static bool left_to_exit();

  /// The isolate is ready, and has run what it will run first: what of its chunks is filled now is
  /// what later isolates are going to fill.
  void learn() const;

 private:
  // V8 gets its heap in chunks of this size and alignment.
  static constexpr size_t kChunkBytes = 256 * 1024;
  static constexpr size_t kMaxChunks = 16;
  // How many bytes of the n-th chunk are filled in a new isolate; 0: not known yet.
  static inline std::array<std::atomic<uint32_t>, kMaxChunks> filled_{};
  static void* map(size_t length);
  static bool unmap(void* address, size_t length);

  // In the order of their mapping; null: not from here.
  std::array<std::byte*, kMaxChunks> chunks_{};
  size_t chunk_count_ = 0;
};

}  // namespace selvage::js
