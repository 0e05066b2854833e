// One Durable Object's storage: a SQLite database of its own whose commits go to the commit log.
//
// Writes gather in an implicit transaction, from the first one to commit() or rollback(). commit()
// takes microseconds and returns before the writes are durable; its callback says when they are,
// and until then nothing that depends on them may leave the platform (the output gate).
//
// When an append to the log fails, or the file cannot be read, the storage is broken: every call
// fails with the reason. Close it and open the object anew; that rebuilds it from the log.
#pragma once

#include <chrono>
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
#include "object/entry_cache.h"
#include "object/hot_memory.h"
#include "object/object_pages.h"
#include "object/sql_session.h"
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
class ObjectStorage final : private SqlHost {
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
  /// Shows the value to `visit`, without a copy. Whether there was one.
  Result<bool> get(std::string_view key, UniqueFunction<void(std::string_view value)> visit);
  /// One value for each key, in their order.
  Result<std::vector<std::optional<std::string>>> get_many(const std::vector<std::string>& keys);
  Status put(std::string_view key, std::string_view value);
  Status put_many(const std::vector<Entry>& entries);
  /// Whether there was something to erase.
  Result<bool> erase(std::string_view key);
  /// How many there were.
  Result<uint64_t> erase_many(const std::vector<std::string>& keys);
  Result<std::vector<Entry>> list(const ListOptions& options);
  enum class AlarmFate : uint8_t { kept, deleted };
  /// Erases everything, SQL's tables as well, and ends SQL's cursors. Committed, it leaves no file,
  /// unless an alarm is kept. Not while a savepoint is open.
  Status delete_all(AlarmFate alarm_fate = AlarmFate::deleted);
  // The alarm is part of what a transaction writes. Times are milliseconds since 1970.

  /// When it is due; nullopt when there is none, or when its handler is running and it was not set
  /// anew.
  Result<std::optional<uint64_t>> alarm();
  /// `alarm` without a time: there is to be none.
  Status set_alarm(const Alarm& alarm);
  /// The handler of the alarm of `time` is to run. False: it is not that which is stored, and
  /// nothing happens. Otherwise end_alarm() must follow.
  Result<bool> begin_alarm(uint64_t time);
  /// The handler has ended; when it did well, the alarm is gone, unless it was set anew.
  Status end_alarm(bool well);

  /// Whether anything was ever stored and not deleted as a whole.
  [[nodiscard]] bool has_data() const;

  /// For SQL from a script. Valid until delete_all(), rollback(), or a commit that leaves nothing;
  /// its cursors with it.
  Result<SqlSession*> sql();
  /// The one of before, without opening anything; null when there is none (any more).
  [[nodiscard]] SqlSession* open_sql();
  /// CPU time that a query may compute without giving a row. Before sql().
  void limit_sql_cpu_time(std::chrono::nanoseconds limit) { sql_cpu_time_ = limit; }
  /// Bytes of the database's pages that are in use; those of an empty database when it has none.
  Result<uint64_t> database_size();

  /// After a use: now and then looks up what memory the uses are in.
  void note_use();
  /// A use is to come soon: has the processor fetch what it will touch, as far as known. Takes
  /// under a microsecond.
  void expect_use() const;
  [[nodiscard]] const HotMemory& hot_memory() const { return hot_; }

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
  [[nodiscard]] size_t savepoints() const { return savepoints_; }

  // Point-in-time recovery (object_recovery.cc). A bookmark is a text that names a state of this
  // object (bookmark.h).

  /// Of the last durable commit.
  Result<std::string> bookmark();
  /// Of the last commit up to `time`, in milliseconds since 1970. May block, like the next.
  Result<std::string> bookmark_at(uint64_t time);
  /// Has the object brought back to that state when it is opened next, durably. The bookmark of the
  /// state that it will have had right before.
  Result<std::string> restore_when_opened(std::string_view bookmark);

  /// The last commit's number, durable or not; 0 when there was none since the object was loaded.
  [[nodiscard]] uint64_t sequence() const { return pages_->sequence(); }
  [[nodiscard]] bool broken() const { return pages_->broken(); }
  /// Why not, when it is broken.
  [[nodiscard]] Status usable() const;
  [[nodiscard]] const ObjectKey& key() const { return pages_->key(); }

 private:
  friend class ObjectStore;
  struct Connection;

  ObjectStorage(ObjectStore& store, std::shared_ptr<ObjectPages> pages);
  Status connect(bool for_entries);
  Status begin(bool for_entries);
  /// Lets go of the connection, and with it of SQL's cursors and of what SQLite has not committed.
  void disconnect();
  Result<store::Statement*> read_entries(store::Statement& slot, std::string_view sql);
  Result<store::Statement*> write_entries(store::Statement& slot, std::string_view sql);
  [[nodiscard]] bool lost_transaction() const;
  void forget_new_table();
  Result<std::optional<uint64_t>> stored_alarm();
  Result<bool> has_metadata();
  Result<Alarm> whole_alarm();
  Status write_alarm(const Alarm& alarm);
  Status read_alarm_for_log();
  Status run(const char* sql);
  Status commit_in_sqlite();
  Status own();
  Status check_database();
  Status bring_back(store::File& state, uint32_t page_count);
  Status commit_restore(uint32_t number, DurableCallback callback);
  /// Breaks the storage, unless the failure is the fault of what was asked.
  tl::unexpected<Error> failed(Error error);
  Status erase_one(std::string_view key, uint64_t& count);
  Status before_write() override;
  Error failed_statement(Error error) override;

  ObjectStore& store_;
  std::shared_ptr<ObjectPages> pages_;
  std::unique_ptr<Connection> connection_;
  EntryCache entries_;
  /// There is something to commit.
  bool in_transaction_ = false;
  /// SQLite has a transaction open.
  bool begun_ = false;
  /// The database was deleted in the transaction; the connection, if any, is to a new one.
  bool deleted_all_ = false;
  size_t savepoints_ = 0;
  /// The transaction may have changed the alarm.
  bool alarm_touched_ = false;
  /// What the commit to come is, if it is a restore.
  uint32_t restore_ = 0;
  /// The alarm whose handler runs: it goes when that ends well.
  bool alarm_running_ = false;
  std::chrono::nanoseconds sql_cpu_time_ = SqlSession::Options{}.cpu_time;
  uint32_t uses_ = 0;
  HotMemory hot_;  // the last member: all others are part of it
};

}  // namespace selvage::object
