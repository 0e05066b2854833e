#include "object/object_storage.h"

#include <fmt/format.h>

#include "object/object_store.h"
#include "object/sql_error.h"
#include "store/sqlite_additions.h"

namespace selvage::object {

using store::Database;
using store::Statement;

namespace {

/// The least string that is greater than all with this prefix; nullopt when there is none.
std::optional<std::string> after_prefix(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (prefix.empty()) return std::nullopt;
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

}  // namespace

/// Members are destroyed from the last to the first: the cursors before the statements, and those
/// before the database.
struct ObjectStorage::Connection {
  /// Whether the database has the table of the key-value interface.
  enum class Table : uint8_t { unknown, missing, there, new_in_transaction };

  SqlAuthorizer authorizer;
  Database database;
  Statement get, put, erase, list, list_reverse, commit, size;
  Statement get_alarm, get_alarm_name;
  Table table = Table::unknown;
  std::optional<SqlSession> sql;

  /// Compiles on first use.
  Result<Statement*> statement(Statement& slot, std::string_view sql_text) {
    if (!slot) {
      SELVAGE_TRY(slot, database.prepare(sql_text));
    }
    return &slot;
  }
};

ObjectStorage::ObjectStorage(ObjectStore& store, std::shared_ptr<ObjectPages> pages)
    : store_(store), pages_(std::move(pages)) {}

ObjectStorage::~ObjectStorage() {
  disconnect();
  pages_->discard();
  store_.close(pages_);
}

Status ObjectStorage::usable() const {
  if (!pages_->broken()) return {};
  Error reason = pages_->reason();
  // What a script did to itself, it is told in the same words as at first.
  if (reason.code == ErrorCode::already_exists || reason.code == ErrorCode::limit_exceeded)
    return fail(std::move(reason));
  return fail(std::move(reason).within("the object's storage is broken"));
}

bool ObjectStorage::lost_transaction() const {
  return begun_ && connection_ && !connection_->database.in_transaction();
}

tl::unexpected<Error> ObjectStorage::failed(Error error) {
  const bool fault_of_request = error.code == ErrorCode::invalid_argument ||
                                error.code == ErrorCode::already_exists ||
                                error.code == ErrorCode::limit_exceeded;
  if (error.code == ErrorCode::limit_exceeded) {
    error.message = lost_transaction() ? "database or disk is full: SQLITE_FULL"
                                       : "string or blob too big: SQLITE_TOOBIG";
  }
  if (lost_transaction() || !fault_of_request) pages_->break_with(error);
  return fail(std::move(error));
}

Error ObjectStorage::failed_statement(Error error) {
  // SQLite may have rolled back: the disk or a limit is full. What the script wrote before is gone
  // then, so it must not go on as if nothing had happened.
  if (lost_transaction() || error.code == ErrorCode::io) pages_->break_with(error);
  return error;
}

Status ObjectStorage::before_write() { return begin(/*for_entries=*/false); }

/// `for_entries`: a new database gets the key-value interface's table at once, from a template.
Status ObjectStorage::connect(bool for_entries) {
  if (connection_) return {};
  const bool from_template = for_entries && pages_->page_count() == 0;
  if (from_template) store_.fill_with_template(*pages_);
  auto connection = std::make_unique<Connection>();
  Result<Database> opened = store_.vfs().open(*pages_);
  if (!opened) return failed(std::move(opened).error());
  connection->database = std::move(*opened);
  connection->authorizer.attach(connection->database.handle(), store_.options().max_value_bytes);
  if (from_template) connection->table = Connection::Table::new_in_transaction;
  connection_ = std::move(connection);
  return {};
}

void ObjectStorage::disconnect() {
  connection_.reset();
  entries_.clear();
  begun_ = false;
  savepoints_ = 0;
}

Status ObjectStorage::begin(bool for_entries) {
  SELVAGE_CHECK_STATUS(usable());
  if (begun_) return {};
  SELVAGE_CHECK_STATUS(connect(for_entries));
  if (sqlite3_selvage_begin(connection_->database.handle()) != SQLITE_OK)
    return failed(Error{ErrorCode::internal, "a transaction is open already", ""});
  begun_ = in_transaction_ = true;
  return {};
}

/// A statement on the entries; null when there is no table, hence no entries.
Result<Statement*> ObjectStorage::read_entries(Statement& slot, std::string_view sql) {
  if (slot) return &slot;
  using Table = Connection::Table;
  if (connection_->table == Table::unknown) {
    SELVAGE_TRY(Statement look,
                connection_->database.prepare("SELECT 1 FROM sqlite_schema WHERE name = '_cf_KV'"));
    Result<bool> row = look.step();
    if (!row) return failed(std::move(row).error());
    connection_->table = *row ? Table::there : Table::missing;
  }
  if (connection_->table == Table::missing) return nullptr;
  auto compiled = connection_->statement(slot, sql);
  if (!compiled) return failed(std::move(compiled).error());
  return *compiled;
}

/// The same within a transaction; makes the table when it is missing.
Result<Statement*> ObjectStorage::write_entries(Statement& slot, std::string_view sql) {
  SELVAGE_TRY(Statement * statement, read_entries(slot, sql));
  if (statement != nullptr) return statement;
  SELVAGE_CHECK_STATUS(run(ObjectStore::kEntriesTable));
  connection_->table = Connection::Table::new_in_transaction;
  return read_entries(slot, sql);
}

/// The table may have been rolled back: what was compiled for it is void.
void ObjectStorage::forget_new_table() {
  if (!connection_) return;
  connection_->get_alarm = Statement();
  connection_->get_alarm_name = Statement();
  if (connection_->table != Connection::Table::new_in_transaction) return;
  connection_->table = Connection::Table::unknown;
  for (Statement* statement : {&connection_->get, &connection_->put, &connection_->erase,
                               &connection_->list, &connection_->list_reverse})
    *statement = Statement();
}

Result<bool> ObjectStorage::get(std::string_view key,
                                UniqueFunction<void(std::string_view value)> visit) {
  SELVAGE_CHECK_STATUS(usable());
  if (!has_data()) return false;
  if (const std::optional<std::string>* known = entries_.find(key)) {
    if (*known) visit(**known);
    return known->has_value();
  }
  SELVAGE_CHECK_STATUS(connect(/*for_entries=*/true));
  SELVAGE_TRY(Statement * get,
              read_entries(connection_->get, "SELECT value FROM _cf_KV WHERE key = ?1"));
  if (get == nullptr) return false;
  Statement::Use use(*get);
  get->bind_text(1, key);
  Result<bool> row = get->step();
  if (!row) return failed(std::move(row).error());
  if (!*row) {
    entries_.note(key, std::nullopt);
    return false;
  }
  entries_.note(key, get->bytes(0));
  visit(get->bytes(0));
  return true;
}

Result<std::optional<std::string>> ObjectStorage::get(std::string_view key) {
  std::optional<std::string> value;
  SELVAGE_CHECK_STATUS(get(key, [&value](std::string_view bytes) { value = bytes; }));
  return value;
}

Result<std::vector<std::optional<std::string>>> ObjectStorage::get_many(
    const std::vector<std::string>& keys) {
  std::vector<std::optional<std::string>> values;
  values.reserve(keys.size());
  for (const std::string& key : keys) {
    SELVAGE_TRY(std::optional<std::string> value, get(key));
    values.push_back(std::move(value));
  }
  return values;
}

Status ObjectStorage::put(std::string_view key, std::string_view value) {
  SELVAGE_CHECK_STATUS(begin(/*for_entries=*/true));
  SELVAGE_TRY(Statement * put,
              write_entries(connection_->put,
                            "INSERT INTO _cf_KV(key, value) VALUES(?1, ?2) "
                            "ON CONFLICT(key) DO UPDATE SET value = excluded.value"));
  put->bind_text(1, key);
  put->bind_blob(2, value);
  if (Status status = put->run(); !status) return failed(std::move(status).error());
  entries_.note(key, value);
  return {};
}

Status ObjectStorage::put_many(const std::vector<Entry>& entries) {
  for (const Entry& entry : entries) SELVAGE_CHECK_STATUS(put(entry.key, entry.value));
  return {};
}

Status ObjectStorage::erase_one(std::string_view key, uint64_t& count) {
  SELVAGE_TRY(Statement * erase,
              read_entries(connection_->erase, "DELETE FROM _cf_KV WHERE key = ?1"));
  if (erase == nullptr) return {};
  erase->bind_text(1, key);
  if (Status status = erase->run(); !status) return failed(std::move(status).error());
  entries_.note(key, std::nullopt);
  count += static_cast<uint64_t>(connection_->database.changes());
  return {};
}

Result<bool> ObjectStorage::erase(std::string_view key) {
  SELVAGE_TRY(uint64_t count, erase_many({std::string(key)}));
  return count != 0;
}

Result<uint64_t> ObjectStorage::erase_many(const std::vector<std::string>& keys) {
  SELVAGE_CHECK_STATUS(usable());
  uint64_t count = 0;
  if (!has_data()) return count;
  SELVAGE_CHECK_STATUS(begin(/*for_entries=*/true));
  for (const std::string& key : keys) SELVAGE_CHECK_STATUS(erase_one(key, count));
  return count;
}

Result<std::vector<Entry>> ObjectStorage::list(const ListOptions& options) {
  SELVAGE_CHECK_STATUS(usable());
  if (options.start && options.start_after) {
    return fail(ErrorCode::invalid_argument,
                "list() cannot be called with both start and startAfter values.");
  }
  std::vector<Entry> entries;
  if (!has_data()) return entries;
  std::string first = options.start.value_or("");
  if (options.start_after) first = *options.start_after + '\0';
  std::optional<std::string> end = options.end;
  if (options.prefix) {
    first = std::max(first, *options.prefix);
    std::optional<std::string> prefix_end = after_prefix(*options.prefix);
    if (prefix_end && (!end || *prefix_end < *end)) end = std::move(prefix_end);
  }

  SELVAGE_CHECK_STATUS(connect(/*for_entries=*/true));
  constexpr std::string_view kForward =
      "SELECT key, value FROM _cf_KV WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3";
  constexpr std::string_view kReverse =
      "SELECT key, value FROM _cf_KV WHERE key >= ?1 AND key < ?2 ORDER BY key DESC LIMIT ?3";
  SELVAGE_TRY(Statement * list, options.reverse ? read_entries(connection_->list_reverse, kReverse)
                                                : read_entries(connection_->list, kForward));
  if (list == nullptr) return entries;
  Statement::Use use(*list);
  list->bind_text(1, first);
  if (end) {
    list->bind_text(2, *end);
  } else {
    list->bind_blob(2, "");  // a blob comes after every text
  }
  list->bind_integer(3, options.limit ? static_cast<int64_t>(*options.limit) : -1);
  for (;;) {
    Result<bool> row = list->step();
    if (!row) return failed(std::move(row).error());
    if (!*row) return entries;
    entries.push_back({std::string(list->bytes(0)), std::string(list->bytes(1))});
  }
}

Status ObjectStorage::delete_all(AlarmFate alarm_fate) {
  SELVAGE_CHECK_STATUS(usable());
  if (savepoints_ > 0)
    return fail(ErrorCode::invalid_argument, "Cannot call deleteAll() within a transaction");
  if (!has_data() && !connection_) return {};
  Alarm kept;
  if (alarm_fate == AlarmFate::kept) {
    SELVAGE_TRY(kept, whole_alarm());
  } else {
    alarm_running_ = false;
  }
  disconnect();
  pages_->discard();
  pages_->set_page_count(0);
  in_transaction_ = deleted_all_ = alarm_touched_ = true;
  if (kept) return write_alarm(kept);
  return {};
}

Result<std::optional<uint64_t>> ObjectStorage::stored_alarm() {
  if (!has_data()) return std::nullopt;
  SELVAGE_CHECK_STATUS(connect(/*for_entries=*/true));
  if (!connection_->get_alarm) {
    SELVAGE_TRY(bool there, has_metadata());
    if (!there) return std::nullopt;
    auto compiled = connection_->statement(connection_->get_alarm,
                                           "SELECT value FROM _cf_METADATA WHERE key = 1");
    if (!compiled) return failed(std::move(compiled).error());
  }
  Statement& get = connection_->get_alarm;
  Statement::Use use(get);
  Result<bool> row = get.step();
  if (!row) return failed(std::move(row).error());
  if (!*row) return std::nullopt;
  return static_cast<uint64_t>(get.integer(0));
}

Result<bool> ObjectStorage::has_metadata() {
  SELVAGE_TRY(Statement look, connection_->database.prepare(
                                  "SELECT 1 FROM sqlite_schema WHERE name = '_cf_METADATA'"));
  Result<bool> row = look.step();
  if (!row) return failed(std::move(row).error());
  return *row;
}

Result<std::optional<uint64_t>> ObjectStorage::alarm() {
  SELVAGE_CHECK_STATUS(usable());
  if (alarm_running_) return std::nullopt;
  return stored_alarm();
}

Result<Alarm> ObjectStorage::whole_alarm() {
  SELVAGE_TRY(std::optional<uint64_t> time, stored_alarm());
  Alarm alarm{.time = time.value_or(0), .object_name = {}};
  if (!alarm) return alarm;
  SELVAGE_TRY(Statement * name,
              connection_->statement(connection_->get_alarm_name,
                                     "SELECT value FROM _cf_METADATA WHERE key = 2"));
  Statement::Use use(*name);
  Result<bool> row = name->step();
  if (!row) return failed(std::move(row).error());
  if (*row) alarm.object_name = name->bytes(0);
  return alarm;
}

Status ObjectStorage::set_alarm(const Alarm& alarm) {
  SELVAGE_CHECK_STATUS(usable());
  alarm_running_ = false;
  SELVAGE_TRY(std::optional<uint64_t> before, stored_alarm());
  if (before.value_or(0) == alarm.time) return {};
  return write_alarm(alarm);
}

Status ObjectStorage::write_alarm(const Alarm& alarm) {
  SELVAGE_CHECK_STATUS(begin(/*for_entries=*/false));
  alarm_touched_ = true;
  if (!alarm) return run("DELETE FROM _cf_METADATA WHERE key = 1");
  SELVAGE_CHECK_STATUS(
      run("CREATE TABLE IF NOT EXISTS _cf_METADATA(key INTEGER PRIMARY KEY, value BLOB)"));
  SELVAGE_TRY(Statement set, connection_->database.prepare(
                                 "INSERT OR REPLACE INTO _cf_METADATA VALUES(1, ?1), (2, ?2)"));
  set.bind_integer(1, static_cast<int64_t>(alarm.time));
  set.bind_text(2, alarm.object_name);
  if (Status status = set.run(); !status) return failed(std::move(status).error());
  return {};
}

Result<bool> ObjectStorage::begin_alarm(uint64_t time) {
  SELVAGE_CHECK_STATUS(usable());
  SELVAGE_TRY(std::optional<uint64_t> stored, stored_alarm());
  if (stored != time) return false;
  alarm_running_ = true;
  return true;
}

Status ObjectStorage::end_alarm(bool well) {
  const bool same = std::exchange(alarm_running_, false);
  if (!well || !same) return {};
  return set_alarm({});
}

/// The log is told of the alarm as the transaction leaves it, whatever was rolled back in between.
Status ObjectStorage::read_alarm_for_log() {
  if (!std::exchange(alarm_touched_, false)) return {};
  SELVAGE_TRY(Alarm alarm, whole_alarm());
  pages_->set_alarm(std::move(alarm));
  return {};
}

bool ObjectStorage::has_data() const { return begun_ || pages_->page_count() != 0; }

Result<SqlSession*> ObjectStorage::sql() {
  SELVAGE_CHECK_STATUS(usable());
  SELVAGE_CHECK_STATUS(connect(/*for_entries=*/false));
  if (!connection_->sql) {
    connection_->sql.emplace(connection_->database.handle(), connection_->authorizer,
                             static_cast<SqlHost&>(*this),
                             SqlSession::Options{store_.options().sql_cache_bytes, sql_cpu_time_});
  }
  return &*connection_->sql;
}

SqlSession* ObjectStorage::open_sql() {
  return connection_ && connection_->sql ? &*connection_->sql : nullptr;
}

Result<uint64_t> ObjectStorage::database_size() {
  SELVAGE_CHECK_STATUS(usable());
  if (!has_data()) return kPageSize;
  SELVAGE_CHECK_STATUS(connect(/*for_entries=*/true));
  SELVAGE_TRY(Statement * size, connection_->statement(connection_->size,
                                                       "SELECT (SELECT * FROM pragma_page_count) - "
                                                       "(SELECT * FROM pragma_freelist_count)"));
  Statement::Use use(*size);
  Result<bool> row = size->step();
  if (!row) return failed(std::move(row).error());
  return static_cast<uint64_t>(std::max<int64_t>(size->integer(0), 1)) * kPageSize;
}

Result<std::optional<uint64_t>> ObjectStorage::commit(DurableCallback callback) {
  SELVAGE_CHECK_STATUS(usable());
  if (!in_transaction_) return std::nullopt;
  if (savepoints_ > 0) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("cannot commit inside {} open savepoints", savepoints_));
  }
  if (begun_) SELVAGE_CHECK_STATUS(commit_in_sqlite());
  SELVAGE_CHECK_STATUS(read_alarm_for_log());
  in_transaction_ = begun_ = deleted_all_ = false;
  if (connection_ && connection_->table == Connection::Table::new_in_transaction)
    connection_->table = Connection::Table::there;
  SELVAGE_CHECK_STATUS(own());
  store::Ownership& ownership = pages_->ownership;
  std::optional<ObjectPages::Commit> change =
      pages_->commit(ownership.sequence + 1, store_.now(), std::exchange(restore_, 0));
  if (!change) return std::nullopt;
  uint64_t sequence = ++ownership.sequence;
  store_.append(pages_, ownership.epoch, sequence, std::move(*change), std::move(callback));
  return sequence;
}

void ObjectStorage::note_use() {
  constexpr uint32_t kOftenEnough = 16;
  if (uses_++ % kOftenEnough != 1 || !connection_) return;
  hot_.clear();
  hot_.add(this, sizeof(*this) - sizeof(hot_));
  hot_.add(connection_.get(), sizeof(Connection));
  hot_.add(connection_->database.handle(), pages_->last_written());
  hot_.add(connection_->commit.handle());
  hot_.add(connection_->put.handle());
  if (connection_->sql) connection_->sql->add_to(hot_);
  pages_->add_to(hot_);
}

void ObjectStorage::expect_use() const {
  hot_.fetch();
  // It has another place after each commit.
  if (pages_->last_written_bytes() != nullptr)
    HotMemory::fetch(pages_->last_written_bytes(), kPageSize / HotMemory::kLine);
}

Status ObjectStorage::own() {
  store::Ownership& ownership = pages_->ownership;
  if (ownership.epoch != 0) return {};
  Result<store::Ownership> acquired = store_.log().acquire(pages_->log_name());
  if (!acquired) {
    pages_->break_with(acquired.error());
    return fail(std::move(acquired).error());
  }
  ownership = *acquired;
  return {};
}

Status ObjectStorage::commit_in_sqlite() {
  SELVAGE_TRY(Statement * commit, connection_->statement(connection_->commit, "COMMIT"));
  Status status = commit->run();
  if (status) return {};
  Error error = std::move(status).error();
  if (error.code == ErrorCode::already_exists) {
    // A deferred constraint: the script left its own data in a state that it said must not be.
    error = sql_error(connection_->database.handle(), SQLITE_CONSTRAINT);
    error.message =
        "Durable Object was reset and rolled back to its last known good state because the "
        "application left the database in a state where constraints were violated: " +
        error.message;
  }
  pages_->break_with(error);
  return fail(std::move(error));
}

Status ObjectStorage::check_database() {
  SELVAGE_CHECK_STATUS(connect(/*for_entries=*/false));
  SELVAGE_TRY(Statement check, connection_->database.prepare("PRAGMA quick_check(1)"));
  SELVAGE_TRY(const bool row, check.step());
  if (row && check.bytes(0) == "ok") return {};
  SELVAGE_CHECK_STATUS(usable());  // a page that could not be read is no sign of damage
  return fail(ErrorCode::corrupt, fmt::format("the state to restore is not a sound database: {}",
                                              row ? check.bytes(0) : "no answer"));
}

void ObjectStorage::when_durable(UniqueFunction<void(const Status&)> callback) {
  store_.log().barrier([pages = pages_, callback = std::move(callback)](const Status&) mutable {
    callback(pages->broken() ? Status(fail(pages->reason())) : Status());
  });
}

Status ObjectStorage::rollback() {
  if (!in_transaction_) return {};
  in_transaction_ = alarm_touched_ = false;
  entries_.clear();
  Status status;
  if (begun_ && connection_->database.in_transaction())
    status = connection_->database.execute("ROLLBACK");
  begun_ = false;
  savepoints_ = 0;
  forget_new_table();
  if (!status) pages_->break_with(status.error());
  // The connection's database may be one that was begun in this transaction.
  if (std::exchange(deleted_all_, false) || pages_->committed_page_count() == 0 || !status)
    disconnect();
  pages_->discard();
  return status;
}

Status ObjectStorage::run(const char* sql) {
  Status status = connection_->database.execute(sql);
  if (!status) return failed(std::move(status).error());
  return {};
}

Status ObjectStorage::savepoint() {
  SELVAGE_CHECK_STATUS(begin(/*for_entries=*/false));
  SELVAGE_CHECK_STATUS(run("SAVEPOINT turn"));
  ++savepoints_;
  return {};
}

Status ObjectStorage::release() {
  SELVAGE_CHECK_STATUS(usable());
  if (savepoints_ == 0) return fail(ErrorCode::invalid_argument, "no savepoint is open");
  SELVAGE_CHECK_STATUS(run("RELEASE turn"));
  --savepoints_;
  return {};
}

Status ObjectStorage::rollback_to() {
  SELVAGE_CHECK_STATUS(usable());
  if (savepoints_ == 0) return fail(ErrorCode::invalid_argument, "no savepoint is open");
  entries_.clear();
  SELVAGE_CHECK_STATUS(run("ROLLBACK TO turn"));
  SELVAGE_CHECK_STATUS(run("RELEASE turn"));
  --savepoints_;
  forget_new_table();
  return {};
}

}  // namespace selvage::object
