#include "kv/read_cache.h"

namespace selvage::kv {
namespace {

/// Of a node and its place in the table.
constexpr size_t kNodeOverhead = 160;

}  // namespace

const ReadCache::Item* ReadCache::find(std::string_view name) {
  auto found = nodes_.find(name);
  if (found == nodes_.end()) return nullptr;
  order_.splice(order_.begin(), order_, found->second);
  return &found->second->item;
}

void ReadCache::insert(std::string_view name, Item item) {
  if (auto found = nodes_.find(name); found != nodes_.end()) evict(found->second);
  size_t bytes = kNodeOverhead + name.size();
  if (item.entry) bytes += item.entry->value.size() + item.entry->metadata.value_or("").size();
  // One value must not push out all the others.
  if (bytes > capacity_ / 4) return;
  order_.push_front(Node{std::string(name), std::move(item), bytes});
  nodes_.emplace(order_.front().name, order_.begin());
  bytes_ += bytes;
  while (bytes_ > capacity_) evict(std::prev(order_.end()));
}

void ReadCache::evict(Order::iterator node) {
  bytes_ -= node->bytes;
  nodes_.erase(node->name);
  order_.erase(node);
}

}  // namespace selvage::kv
