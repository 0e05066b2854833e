// A bounded memory of what one reader has read, least recently used out first.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "kv/kv_entry.h"

namespace selvage::kv {

/// One thread's.
class ReadCache {
 public:
  explicit ReadCache(size_t capacity_bytes) : capacity_(capacity_bytes) {}

  struct Item {
    /// Null: known to be absent.
    std::shared_ptr<const KvEntry> entry;
    /// What the key's version was before it was read.
    uint64_t version = 0;
  };

  /// Null when nothing is known. Valid until the next insert().
  const Item* find(std::string_view name);
  void insert(std::string_view name, Item item);
  [[nodiscard]] size_t bytes() const { return bytes_; }

 private:
  struct Node {
    std::string name;
    Item item;
    size_t bytes = 0;
  };
  /// The least recently used last.
  using Order = std::list<Node>;

  void evict(Order::iterator node);

  const size_t capacity_;
  size_t bytes_ = 0;
  Order order_;
  std::unordered_map<std::string_view, Order::iterator> nodes_;  // keys live in the nodes
};

}  // namespace selvage::kv
