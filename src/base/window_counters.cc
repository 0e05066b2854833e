#include "base/window_counters.h"

#include <functional>

namespace selvage {

void WindowCounters::Shard::make_place(int64_t now_seconds) {
  std::erase_if(counters, [&](const auto& entry) {
    if (entry.second.ends > now_seconds) return false;
    bytes -= entry.first.size() + kBytesOfEntry;
    return true;
  });
  // Half, or the next key would come here again.
  if (bytes > kMostBytes / kShards / 2) {
    counters.clear();
    bytes = 0;
  }
}

bool WindowCounters::take(std::string_view key, uint64_t limit, uint32_t seconds,
                          int64_t now_seconds) {
  Shard& shard = shards_[std::hash<std::string_view>{}(key) % kShards];
  std::lock_guard lock(shard.mutex);
  const size_t size = key.size() + kBytesOfEntry;
  if (shard.bytes + size > kMostBytes / kShards) shard.make_place(now_seconds);
  const auto [entry, added] = shard.counters.try_emplace(std::string(key));
  if (added) shard.bytes += size;
  Counter& counter = entry->second;
  if (counter.ends <= now_seconds) counter = {(now_seconds / seconds + 1) * seconds, 0};
  if (counter.count >= limit) return false;
  ++counter.count;
  return true;
}

}  // namespace selvage
