// The contents of files that a loop has in memory, bounded: what was not used for longest goes
// first. With it, what is known about each file's compressed copies.
#pragma once

#include <array>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "assets/content_coding.h"

namespace selvage::assets {

/// One content, by its hash, in up to three codings.
struct Content {
  enum class State : uint8_t {
    unknown,  // nobody has asked for it
    asked,    // it is being made
    ready,
    useless,  // compression does not help, or failed
  };
  struct Copy {
    State state = State::unknown;
    std::string path;  // of the file that has it
    uint64_t size = 0;
    std::shared_ptr<const std::string> bytes;  // when they are in memory
  };

  std::string hash;
  std::array<Copy, kCodings> copies;
  // The cache's.
  bool cached = false;
  std::list<std::shared_ptr<Content>>::iterator place;

  Copy& operator[](Coding coding) { return copies[static_cast<size_t>(coding)]; }
};

/// One loop's.
class ContentCache {
 public:
  explicit ContentCache(size_t max_bytes) : max_bytes_(max_bytes) {}

  /// The content with this hash, made when there is none yet. Shared with those who answer with it.
  std::shared_ptr<Content> get(const std::string& hash);
  /// It is wanted: keeps it from going for a while. One that has gone comes back.
  void touch(const std::shared_ptr<Content>& content);
  /// Puts bytes in memory; others may have to go.
  void keep(const std::shared_ptr<Content>& content, Coding coding,
            std::shared_ptr<const std::string> bytes);
  [[nodiscard]] size_t bytes() const { return bytes_; }
  [[nodiscard]] size_t size() const { return contents_.size(); }

 private:
  // Of a content without its bytes.
  static constexpr size_t kOverhead = 512;
  void shrink();
  static size_t weight(const Content& content);

  size_t max_bytes_;
  size_t bytes_ = 0;
  std::list<std::shared_ptr<Content>> contents_;  // used last first
  std::unordered_map<std::string_view, Content*> by_hash_;
};

}  // namespace selvage::assets
