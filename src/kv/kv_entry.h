// The value type of Workers KV.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kv/kv_value.h"

namespace selvage::kv {

struct KvEntry {
  std::string value = {};
  /// As JSON text.
  std::optional<std::string> metadata = std::nullopt;
  /// Seconds since the epoch; from then on the entry does not exist.
  std::optional<int64_t> expiration = std::nullopt;
  /// When set, it has the value and `value` is empty.
  std::shared_ptr<const LongValue> long_value = nullptr;

  bool operator==(const KvEntry&) const = default;
  [[nodiscard]] size_t size() const { return long_value ? long_value->size() : value.size(); }
  [[nodiscard]] bool expired(int64_t now) const { return expiration && *expiration <= now; }
};

/// One change: what the key holds from now on, or that it holds nothing.
struct KvWrite {
  std::string namespace_id;
  std::string key;
  /// nullopt erases.
  std::optional<KvEntry> entry = std::nullopt;
};

struct KvListOptions {
  std::string prefix = {};
  /// At least 1.
  uint64_t limit = 1000;
  /// KvListPage::cursor of the page before; empty for the first.
  std::string cursor = {};
};

struct KvListPage {
  struct Key {
    std::string name;
    std::optional<int64_t> expiration;
    std::optional<std::string> metadata;

    bool operator==(const Key&) const = default;
  };
  /// In the order of their bytes.
  std::vector<Key> keys;
  bool complete = true;
  /// For the next page, with the same prefix; empty when `complete`. Opaque.
  std::string cursor;
};

}  // namespace selvage::kv
