// The few entries that an object asked for last, so that the key that most calls of an object begin
// with does not cost a walk through SQLite's caches, which are cold when other objects had the
// processor in between.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace selvage::object {

/// Holds only what the database says too: whoever changes an entry tells the cache, and whoever
/// undoes changes clears it. Used by the object's thread.
class EntryCache {
 public:
  static constexpr size_t kEntries = 8;
  /// Longer keys and values are left to SQLite.
  static constexpr size_t kMaxBytes = 1024;

  /// A value, or that there is none; null when the cache does not know.
  [[nodiscard]] const std::optional<std::string>* find(std::string_view key) const {
    const size_t at = place_of(key);
    return at == kEntries ? nullptr : &slots_[at].value;
  }

  /// What the database has now under `key`; nullopt: nothing.
  void note(std::string_view key, std::optional<std::string_view> value) {
    const size_t at = place_of(key);
    Slot* slot = at == kEntries ? nullptr : &slots_[at];
    if (key.size() > kMaxBytes || (value && value->size() > kMaxBytes)) {
      if (slot != nullptr) *slot = {};
      return;
    }
    if (slot == nullptr) {
      slot = &slots_[next_];
      next_ = (next_ + 1) % kEntries;
      slot->key = key;
      slot->used = true;
    }
    if (!value) {
      slot->value.reset();
    } else if (slot->value) {
      slot->value->assign(*value);
    } else {
      slot->value.emplace(*value);
    }
  }

  void clear() { *this = {}; }

 private:
  struct Slot {
    std::string key;
    std::optional<std::string> value;
    bool used = false;
  };

  /// kEntries: nowhere.
  [[nodiscard]] size_t place_of(std::string_view key) const {
    size_t at = 0;
    while (at < kEntries && !(slots_[at].used && slots_[at].key == key)) ++at;
    return at;
  }

  std::array<Slot, kEntries> slots_;
  size_t next_ = 0;
};

}  // namespace selvage::object
