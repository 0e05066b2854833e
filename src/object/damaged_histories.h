// Which histories of objects have turned out to be damaged: the object is whole, but cannot be
// brought back to (all of) its earlier states.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_set>

namespace selvage::object {

/// Any thread.
class DamagedHistories {
 public:
  void note(const std::string& path) {
    std::lock_guard lock(mutex_);
    paths_.insert(path);
  }
  /// Each counts once, whoever finds it how often.
  [[nodiscard]] uint64_t count() const {
    std::lock_guard lock(mutex_);
    return paths_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_set<std::string> paths_;
};

}  // namespace selvage::object
