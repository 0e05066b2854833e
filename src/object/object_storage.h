// One Durable Object's storage: a SQLite database of its own whose commits go to the commit log.
//
// Writes gather in an implicit transaction, from the first one to commit() or rollback(). commit()
// takes microseconds and returns before the writes are durable; its callback says when they are,
// and until then nothing that depends on them may leave the platform (the output gate).
//
// When an append to the log fails, or the file cannot be read, the storage is broken: every call
// fails with the reason. Close it and open the object anew; that rebuilds it from the log.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/function.h"
#include "base/result.h"
#include "object/object_pages.h"
#include "store/sqlite.h"

namespace selvage::object {

class ObjectStore;

struct ListOptions {
  /// First key wanted.
  std::optional<std::string> start = std::nullopt;
  /// Only keys after this one. Not together with `start`.
  std::optional<std::string> start_after = std::nullopt;
  /// Only keys before this one.
  std::optional<std::string> end = std::nullopt;
  std::optional<std::string> prefix = std::nullopt;
  /// Greatest key first; `start` and `end` keep their meaning.
  bool reverse = false;
  std::optional<uint64_t> limit = std::nullopt;
};

struct Entry {
  std::string key;
  std::string value;

  bool operator==(const Entry&) const = default;
};

/// Used by one thread at a time, the object's. Must be destroyed before its ObjectStore. Keys are
/// UTF-8, ordered by their bytes; values are opaque.
class ObjectStorage {
 public:
  /// The commit's sequence number, and whether it is durable; on the commit log's thread, in the
  /// order of the commits. An error: outcome unknown, the storage is broken. May come after the
  /// storage was destroyed.
  using DurableCallback = UniqueFunction<void(uint64_t sequence, const Status&)>;

  /// Rolls back an open transaction. What was committed becomes durable nevertheless.
  ~ObjectStorage();
  ObjectStorage(const ObjectStorage&) = delete;
  ObjectStorage& operator=(const ObjectStorage&) = delete;

  Result<std::optional<std::string>> get(std::string_view key);
  /// One value for each key, in their order.
  Result<std::vector<std::optional<std::string>>> get_many(const std::vector<std::string>& keys);
  Status put(std::string_view key, std::string_view value);
  Status put_many(const std::vector<Entry>& entries);
  /// Whether there was something to erase.
  Result<bool> erase(std::string_view key);
  /// How many there were.
  Result<uint64_t> erase_many(const std::vector<std::string>& keys);
  Result<std::vector<Entry>> list(const ListOptions& options);
  /// Erases everything. Committed, it leaves no file.
  Status delete_all();
  /// Whether anything was ever stored and not deleted as a whole.
  [[nodiscard]] bool has_data() const;
  /// Bytes of the database.
  [[nodiscard]] uint64_t database_size() const;

  /// Whether a transaction is open: there are writes to commit() or to rollback().
  [[nodiscard]] bool in_transaction() const { return in_transaction_; }
  /// Ends the turn well. Returns the commit's sequence number; nullopt, and `callback` is dropped,
  /// when nothing changed. Not while a savepoint is open.
  Result<std::optional<uint64_t>> commit(DurableCallback callback);
  /// Ends the turn badly: nothing since the last commit happened, savepoints included.
  Status rollback();

  /// Whether everything committed is durable. False also just after opening, when the object was
  /// closed with commits on their way: what is read then may not leave either until when_durable().
  [[nodiscard]] bool durable() const { return pages_->all_durable(); }
  /// Calls `callback` on the log's thread, soon, when all commits made so far are durable, or have
  /// failed.
  void when_durable(UniqueFunction<void(const Status&)> callback);

  // Explicit transactions within the implicit one; they nest.
  Status savepoint();
  /// Keeps what was written since the innermost savepoint, and ends it.
  Status release();
  /// Undoes what was written since the innermost savepoint, and ends it.
  Status rollback_to();
  [[nodiscard]] size_t savepoints() const { return savepoints_.size(); }

  /// The last commit's number, durable or not; 0 when there was none since the object was loaded.
  [[nodiscard]] uint64_t sequence() const { return pages_->sequence(); }
  [[nodiscard]] bool broken() const { return pages_->broken(); }
  [[nodiscard]] const ObjectKey& key() const { return pages_->key(); }

 private:
  friend class ObjectStore;
  struct Connection;

  ObjectStorage(ObjectStore& store, std::shared_ptr<ObjectPages> pages);
  Status usable() const;
  Status connect();
  Status begin();
  Status run(const char* sql);
  /// Breaks the storage, unless the failure is the fault of what was asked.
  tl::unexpected<Error> failed(Error error);
  Status erase_one(std::string_view key, uint64_t& count);

  ObjectStore& store_;
  std::shared_ptr<ObjectPages> pages_;
  std::unique_ptr<Connection> connection_;
  bool in_transaction_ = false;
  /// Everything was deleted in this transaction, and nothing written since.
  bool emptied_ = false;
  std::vector<bool> savepoints_;  // what emptied_ was at each
};

}  // namespace selvage::object
