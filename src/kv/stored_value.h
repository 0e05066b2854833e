// Long values as they lie in the database: cut into pieces, each a row, so that neither writing nor
// reading one takes more memory than a piece. An entry names its pieces by a number that no other
// value ever had in this process. Tables: kv_schema.cc and docs/storage-format.md.
//
// Pieces never change. An entry that is overwritten or removed notes, in the same transaction, that
// its pieces are dropped; they are removed later, when nobody reads them. So whoever has begun to
// read a value reads that value to its end, and holds up no writer meanwhile. What a crash leaves
// noted is removed after the next start.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kv/kv_value.h"
#include "store/sqlite.h"

namespace selvage::kv {

/// Which stored values are being read. Any thread.
class ValuesInUse {
 public:
  void begin(int64_t value);
  void end(int64_t value);
  [[nodiscard]] bool contains(int64_t value) const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<int64_t, size_t> readers_;
};

/// Reads stored values over one connection, whose thread's it is.
class StoredValueReader {
 public:
  StoredValueReader(std::shared_ptr<ValuesInUse> in_use) : in_use_(std::move(in_use)) {}
  /// `database` must outlive it.
  Status prepare(store::Database& database);

  /// The pieces of `value` stay from now on until what is returned goes, provided that an entry
  /// still names them after this. Read on this reader's thread; ErrorCode::aborted when it is gone.
  std::shared_ptr<const LongValue> hold(int64_t value, size_t size);

 private:
  struct Pieces {
    store::Statement find;
  };
  class Held;

  const std::shared_ptr<ValuesInUse> in_use_;
  std::shared_ptr<Pieces> pieces_;
};

/// Writes, drops and removes stored values. The writer's thread only; within its transactions where
/// it is not said otherwise.
class StoredValueWriter {
 public:
  /// `database` must outlive it.
  StoredValueWriter(std::shared_ptr<ValuesInUse> in_use, size_t piece_bytes)
      : in_use_(std::move(in_use)), piece_bytes_(piece_bytes) {}
  Status prepare(store::Database& database);

  /// Whether any entry may have a stored value. Cheap.
  [[nodiscard]] bool any() const { return any_; }
  /// The stored value that a key has.
  Result<std::optional<int64_t>> find(int64_t space, std::string_view key);
  /// Gives its number. One of the two has the bytes.
  Result<int64_t> add(std::string_view bytes, const LongValue* other);
  /// No entry names it any more.
  Status drop(int64_t value);

  /// Not within a transaction: removes some dropped values that nobody reads, in one of its own.
  /// Whether there are more to be removed now.
  Result<bool> remove_dropped();
  /// Whether remove_dropped() may have something to do.
  [[nodiscard]] bool any_dropped() const { return any_dropped_; }

 private:
  const std::shared_ptr<ValuesInUse> in_use_;
  const size_t piece_bytes_;
  store::Statement find_, add_piece_, add_dropped_, list_dropped_, erase_pieces_, erase_dropped_;
  store::Statement begin_, commit_, rollback_;
  int64_t last_ = 0;
  bool any_ = false;
  bool any_dropped_ = false;
};

}  // namespace selvage::kv
