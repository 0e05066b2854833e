#include "object/object_storage.h"

#include <fmt/format.h>

#include "object/object_store.h"

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

struct ObjectStorage::Connection {
  Database database;
  Statement get, put, erase, list, list_reverse, begin, commit;

  /// Compiles on first use.
  Result<Statement*> statement(Statement& slot, std::string_view sql) {
    if (!slot) {
      SELVAGE_TRY(slot, database.prepare(sql));
    }
    return &slot;
  }
};

ObjectStorage::ObjectStorage(ObjectStore& store, std::shared_ptr<ObjectPages> pages)
    : store_(store), pages_(std::move(pages)) {}

ObjectStorage::~ObjectStorage() {
  if (in_transaction_) (void)rollback();
  connection_.reset();
  pages_->discard();
  store_.close(pages_);
}

Status ObjectStorage::usable() const {
  if (pages_->broken()) return fail(pages_->reason().within("the object's storage is broken"));
  return {};
}

tl::unexpected<Error> ObjectStorage::failed(Error error) {
  bool fault_of_request = error.code == ErrorCode::invalid_argument ||
                          error.code == ErrorCode::already_exists ||
                          error.code == ErrorCode::limit_exceeded;
  bool lost_transaction = in_transaction_ && connection_ && !connection_->database.in_transaction();
  if (!fault_of_request || lost_transaction) pages_->break_with(error);
  return fail(std::move(error));
}

Status ObjectStorage::connect() {
  if (connection_) return {};
  if (pages_->page_count() == 0) store_.fill_with_template(*pages_);
  auto connection = std::make_unique<Connection>();
  Result<Database> opened = store_.vfs().open(*pages_);
  if (!opened) return failed(std::move(opened).error());
  connection->database = std::move(*opened);
  sqlite3_limit(connection->database.handle(), SQLITE_LIMIT_LENGTH,
                store_.options().max_value_bytes);
  connection_ = std::move(connection);
  return {};
}

Status ObjectStorage::begin() {
  SELVAGE_CHECK_STATUS(usable());
  if (in_transaction_) return {};
  SELVAGE_CHECK_STATUS(connect());
  SELVAGE_TRY(Statement * begin, connection_->statement(connection_->begin, "BEGIN"));
  if (Status status = begin->run(); !status) return failed(std::move(status).error());
  in_transaction_ = true;
  return {};
}

Result<std::optional<std::string>> ObjectStorage::get(std::string_view key) {
  SELVAGE_CHECK_STATUS(usable());
  if (!has_data()) return std::nullopt;
  SELVAGE_CHECK_STATUS(connect());
  SELVAGE_TRY(Statement * get,
              connection_->statement(connection_->get, "SELECT value FROM _cf_KV WHERE key = ?1"));
  Statement::Use use(*get);
  get->bind_text(1, key);
  Result<bool> row = get->step();
  if (!row) return failed(std::move(row).error());
  if (!*row) return std::nullopt;
  return std::string(get->bytes(0));
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
  SELVAGE_CHECK_STATUS(begin());
  SELVAGE_TRY(Statement * put,
              connection_->statement(connection_->put,
                                     "INSERT INTO _cf_KV(key, value) VALUES(?1, ?2) "
                                     "ON CONFLICT(key) DO UPDATE SET value = excluded.value"));
  put->bind_text(1, key);
  put->bind_blob(2, value);
  if (Status status = put->run(); !status) return failed(std::move(status).error());
  emptied_ = false;
  return {};
}

Status ObjectStorage::put_many(const std::vector<Entry>& entries) {
  for (const Entry& entry : entries) SELVAGE_CHECK_STATUS(put(entry.key, entry.value));
  return {};
}

Status ObjectStorage::erase_one(std::string_view key, uint64_t& count) {
  SELVAGE_TRY(Statement * erase,
              connection_->statement(connection_->erase, "DELETE FROM _cf_KV WHERE key = ?1"));
  erase->bind_text(1, key);
  if (Status status = erase->run(); !status) return failed(std::move(status).error());
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
  SELVAGE_CHECK_STATUS(begin());
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

  SELVAGE_CHECK_STATUS(connect());
  constexpr std::string_view kForward =
      "SELECT key, value FROM _cf_KV WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3";
  constexpr std::string_view kReverse =
      "SELECT key, value FROM _cf_KV WHERE key >= ?1 AND key < ?2 ORDER BY key DESC LIMIT ?3";
  SELVAGE_TRY(Statement * list, options.reverse
                                    ? connection_->statement(connection_->list_reverse, kReverse)
                                    : connection_->statement(connection_->list, kForward));
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

Status ObjectStorage::delete_all() {
  SELVAGE_CHECK_STATUS(usable());
  if (!has_data()) return {};
  SELVAGE_CHECK_STATUS(begin());
  SELVAGE_CHECK_STATUS(run("DELETE FROM _cf_KV"));
  emptied_ = true;
  return {};
}

bool ObjectStorage::has_data() const { return pages_->page_count() != 0 && !emptied_; }

uint64_t ObjectStorage::database_size() const {
  return has_data() ? uint64_t{pages_->page_count()} * kPageSize : 0;
}

Result<std::optional<uint64_t>> ObjectStorage::commit(DurableCallback callback) {
  SELVAGE_CHECK_STATUS(usable());
  if (!in_transaction_) return std::nullopt;
  if (!savepoints_.empty()) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("cannot commit inside {} open savepoints", savepoints_.size()));
  }
  SELVAGE_TRY(Statement * commit, connection_->statement(connection_->commit, "COMMIT"));
  if (Status status = commit->run(); !status) {
    pages_->break_with(status.error());
    return fail(std::move(status).error());
  }
  in_transaction_ = false;
  if (emptied_) {
    emptied_ = false;
    connection_.reset();
    pages_->set_page_count(0);
  }
  store::Ownership& ownership = pages_->ownership;
  if (ownership.epoch == 0) {
    Result<store::Ownership> acquired = store_.log().acquire(pages_->log_name());
    if (!acquired) {
      pages_->break_with(acquired.error());
      return fail(std::move(acquired).error());
    }
    ownership = *acquired;
  }
  std::optional<ObjectPages::Commit> change = pages_->commit(ownership.sequence + 1);
  if (!change) return std::nullopt;
  uint64_t sequence = ++ownership.sequence;
  store_.append(pages_, ownership.epoch, sequence, std::move(*change), std::move(callback));
  return sequence;
}

void ObjectStorage::when_durable(UniqueFunction<void(const Status&)> callback) {
  store_.log().barrier([pages = pages_, callback = std::move(callback)](const Status&) mutable {
    callback(pages->broken() ? Status(fail(pages->reason())) : Status());
  });
}

Status ObjectStorage::rollback() {
  if (!in_transaction_) return {};
  in_transaction_ = false;
  emptied_ = false;
  savepoints_.clear();
  bool nothing_committed = pages_->committed_page_count() == 0;
  Status status;
  if (connection_->database.in_transaction()) status = connection_->database.execute("ROLLBACK");
  if (!status) pages_->break_with(status.error());
  // Without a committed database there is none to go on with.
  if (nothing_committed || !status) connection_.reset();
  pages_->discard();
  return status;
}

Status ObjectStorage::run(const char* sql) {
  Status status = connection_->database.execute(sql);
  if (!status) return failed(std::move(status).error());
  return {};
}

Status ObjectStorage::savepoint() {
  SELVAGE_CHECK_STATUS(begin());
  SELVAGE_CHECK_STATUS(run("SAVEPOINT turn"));
  savepoints_.push_back(emptied_);
  return {};
}

Status ObjectStorage::release() {
  SELVAGE_CHECK_STATUS(usable());
  if (savepoints_.empty()) return fail(ErrorCode::invalid_argument, "no savepoint is open");
  SELVAGE_CHECK_STATUS(run("RELEASE turn"));
  savepoints_.pop_back();
  return {};
}

Status ObjectStorage::rollback_to() {
  SELVAGE_CHECK_STATUS(usable());
  if (savepoints_.empty()) return fail(ErrorCode::invalid_argument, "no savepoint is open");
  SELVAGE_CHECK_STATUS(run("ROLLBACK TO turn"));
  SELVAGE_CHECK_STATUS(run("RELEASE turn"));
  emptied_ = savepoints_.back();
  savepoints_.pop_back();
  return {};
}

}  // namespace selvage::object
