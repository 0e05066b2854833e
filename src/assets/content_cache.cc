#include "assets/content_cache.h"

namespace selvage::assets {

size_t ContentCache::weight(const Content& content) {
  size_t bytes = kOverhead;
  for (const Content::Copy& copy : content.copies) {
    if (copy.bytes) bytes += copy.bytes->size();
  }
  return bytes;
}

std::shared_ptr<Content> ContentCache::get(const std::string& hash) {
  if (const auto known = by_hash_.find(hash); known != by_hash_.end()) {
    std::shared_ptr<Content> found = *known->second->place;
    touch(found);
    return found;
  }
  auto content = std::make_shared<Content>();
  content->hash = hash;
  touch(content);
  return content;
}

void ContentCache::touch(const std::shared_ptr<Content>& content) {
  if (content->cached) {
    contents_.splice(contents_.begin(), contents_, content->place);
    return;
  }
  // Another one may have taken its place: then it stays outside, and its files on the disk.
  if (!by_hash_.emplace(content->hash, content.get()).second) return;
  contents_.push_front(content);
  content->place = contents_.begin();
  content->cached = true;
  bytes_ += weight(*content);
  shrink();
}

void ContentCache::keep(const std::shared_ptr<Content>& content, Coding coding,
                        std::shared_ptr<const std::string> bytes) {
  touch(content);
  if (!content->cached) return;
  bytes_ -= weight(*content);
  (*content)[coding].bytes = std::move(bytes);
  bytes_ += weight(*content);
  shrink();
}

void ContentCache::shrink() {
  while (bytes_ > max_bytes_ && contents_.size() > 1) {
    Content& oldest = *contents_.back();
    bytes_ -= weight(oldest);
    by_hash_.erase(oldest.hash);
    // Those who have it still keep what they need; nobody takes it for being in memory.
    for (Content::Copy& copy : oldest.copies) copy.bytes.reset();
    oldest.cached = false;
    contents_.pop_back();
  }
}

}  // namespace selvage::assets
