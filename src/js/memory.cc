#include "js/memory.h"

#include <cstdlib>

namespace selvage::js {

bool BufferAllocator::reserve(size_t length) {
  if (length > budget_) return false;
  const uint64_t before = used_.fetch_add(length, std::memory_order_relaxed);
  if (before + length <= budget_) return true;
  used_.fetch_sub(length, std::memory_order_relaxed);
  return false;
}

void* BufferAllocator::Allocate(size_t length) {
  if (!reserve(length)) return nullptr;
  void* data = calloc(length != 0 ? length : 1, 1);
  if (data == nullptr) used_.fetch_sub(length, std::memory_order_relaxed);
  return data;
}

void* BufferAllocator::AllocateUninitialized(size_t length) {
  if (!reserve(length)) return nullptr;
  void* data = malloc(length != 0 ? length : 1);
  if (data == nullptr) used_.fetch_sub(length, std::memory_order_relaxed);
  return data;
}

void BufferAllocator::Free(void* data, size_t length) {
  free(data);
  used_.fetch_sub(length, std::memory_order_relaxed);
}

}  // namespace selvage::js
