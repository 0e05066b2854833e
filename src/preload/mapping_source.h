// A library that the dynamic linker loads into the engine's process before others (LD_PRELOAD, set
// by the supervisor): its mmap64() and munmap() stand before the C library's, do the same, and let
// the calling thread say where a mapping shall come from. V8 in its host has no other door for an
// embedder's allocator; js/isolate_memory.h says what it is for.
//
// The engine works without it, only slower: it looks the function up by its name.
#pragma once

#include <stddef.h>

extern "C" {

/// Called on the thread that maps. May map by itself (those calls are not seen); errno stays as it
/// was.
struct selvage_mapping_source {
  /// Wanted are `length` readable and writable bytes, zeroed, anywhere. Null: from the system.
  void* (*map)(size_t length);
  /// `length` bytes at `address` are given back. False: to the system.
  bool (*unmap)(void* address, size_t length);
};

/// Sets the calling thread's source, which must stay until the next call; null: none, as at a
/// thread's start.
__attribute__((visibility("default"))) void selvage_map_from(const selvage_mapping_source* source);
}
