#include "kv/kv_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>

#include "base/log.h"
#include "store/file.h"

namespace selvage::kv {

using store::Change;
using store::Database;
using store::Statement;

namespace {

constexpr int kSchemaVersion = 1;
constexpr int kSweepAtOnce = 1000;
constexpr size_t kPageSize = 4096;

// The value last: a list reads the rows without it. Integers for namespaces, since their names
// would be in every row.
constexpr const char* kSchema =
    "BEGIN;"
    "CREATE TABLE namespaces(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE entries("
    "  namespace INTEGER NOT NULL, key TEXT NOT NULL, expiration INTEGER, metadata TEXT,"
    "  value BLOB NOT NULL, PRIMARY KEY(namespace, key)) WITHOUT ROWID;"
    "CREATE INDEX entries_expiration ON entries(expiration) WHERE expiration IS NOT NULL;"
    "PRAGMA user_version = 1;"
    "COMMIT";

size_t hash_of(std::string_view namespace_id, std::string_view key) {
  size_t hash = std::hash<std::string_view>{}(key);
  return hash ^ (std::hash<std::string_view>{}(namespace_id) * 31);
}

}  // namespace

KvStore::KvStore(std::string directory, store::ChangeFeed& feed, KvStoreOptions options)
    : directory_(std::move(directory)),
      path_(directory_ + "/kv.sqlite"),
      feed_(feed),
      options_(std::move(options)) {}

Result<std::unique_ptr<KvStore>> KvStore::open(const std::string& directory,
                                               store::ChangeFeed& feed, KvStoreOptions options) {
  SELVAGE_CHECK_STATUS(store::real_file_system()->create_directories(directory));
  std::unique_ptr<KvStore> opened(new KvStore(directory, feed, std::move(options)));
  SELVAGE_CHECK_STATUS(opened->prepare());
  KvStore* self = opened.get();
  opened->subscription_ = feed.subscribe([self](uint64_t, const std::vector<Change>& changes) {
    for (const Change& change : changes)
      if (change.kind == Change::Kind::kv)
        self->versions_.changed(hash_of(change.scope, change.name));
  });
  opened->writer_ = std::thread([self] { self->write_loop(); });
  return opened;
}

KvStore::~KvStore() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  queued_.notify_one();
  if (writer_.joinable()) writer_.join();
}

Result<Database> KvStore::connect() const {
  SELVAGE_TRY(Database database, Database::open(path_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                                                           SQLITE_OPEN_NOMUTEX));
  sqlite3_busy_timeout(database.handle(), 10'000);
  SELVAGE_CHECK_STATUS(database.execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -4096"));
  return database;
}

Status KvStore::prepare() {
  SELVAGE_TRY(database_, connect());
  sqlite3_limit(database_.handle(), SQLITE_LIMIT_LENGTH, options_.max_row_bytes);
  if (options_.wal_bytes > 0) {
    size_t pages = std::max<size_t>(options_.wal_bytes / kPageSize, 1);
    sqlite3_wal_autocheckpoint(database_.handle(), static_cast<int>(pages));
    int keep = 1;  // the file, for the next start
    sqlite3_file_control(database_.handle(), "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
  }
  {
    SELVAGE_TRY(Statement version, database_.prepare("PRAGMA user_version"));
    SELVAGE_TRY(bool row, version.step());
    int64_t found = row ? version.integer(0) : 0;
    version.reset();
    if (found == 0) {
      SELVAGE_CHECK_STATUS(database_.execute(kSchema));
    } else if (found != kSchemaVersion) {
      return fail(
          ErrorCode::unsupported,
          fmt::format("{} has version {}, this program reads {}", path_, found, kSchemaVersion),
          "Open it with the version of Selvage that wrote it");
    }
  }
  SELVAGE_TRY(begin_, database_.prepare("BEGIN IMMEDIATE"));
  SELVAGE_TRY(commit_, database_.prepare("COMMIT"));
  SELVAGE_TRY(rollback_, database_.prepare("ROLLBACK"));
  SELVAGE_TRY(savepoint_, database_.prepare("SAVEPOINT request"));
  SELVAGE_TRY(release_, database_.prepare("RELEASE request"));
  SELVAGE_TRY(undo_, database_.prepare("ROLLBACK TO request"));
  SELVAGE_TRY(put_, database_.prepare(
                        "INSERT INTO entries(namespace, key, expiration, metadata, value) "
                        "VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(namespace, key) DO UPDATE SET "
                        "expiration = excluded.expiration, metadata = excluded.metadata, "
                        "value = excluded.value"));
  SELVAGE_TRY(erase_, database_.prepare("DELETE FROM entries WHERE namespace = ?1 AND key = ?2"));
  SELVAGE_TRY(sweep_, database_.prepare(
                          "DELETE FROM entries WHERE (namespace, key) IN (SELECT namespace, key "
                          "FROM entries WHERE expiration <= ?1 ORDER BY expiration LIMIT ?2)"));
  SELVAGE_TRY(find_namespace_, database_.prepare("SELECT id FROM namespaces WHERE name = ?1"));
  SELVAGE_TRY(add_namespace_, database_.prepare("INSERT INTO namespaces(name) VALUES(?1)"));
  return {};
}

Result<std::unique_ptr<KvReader>> KvStore::reader() const {
  SELVAGE_TRY(Database database, connect());
  SELVAGE_CHECK_STATUS(database.execute("PRAGMA query_only = 1"));
  std::unique_ptr<KvReader> reader(new KvReader(*this, std::move(database)));
  SELVAGE_CHECK_STATUS(reader->prepare());
  return reader;
}

void KvStore::put(std::string namespace_id, std::string key, KvEntry entry, Callback callback) {
  std::vector<KvWrite> writes;
  writes.push_back({std::move(namespace_id), std::move(key), std::move(entry)});
  write(std::move(writes), std::move(callback));
}

void KvStore::erase(std::string namespace_id, std::string key, Callback callback) {
  std::vector<KvWrite> writes;
  writes.push_back({std::move(namespace_id), std::move(key)});
  write(std::move(writes), std::move(callback));
}

void KvStore::write(std::vector<KvWrite> writes, Callback callback) {
  submit({.writes = std::move(writes), .callback = std::move(callback)});
}

Status KvStore::sweep() {
  return run_alone([this] { return sweep_expired(); });
}

Status KvStore::run_alone(UniqueFunction<Status()> action) {
  std::promise<Status> done;
  submit({.writes = {},
          .callback = [&done](const Status& status) { done.set_value(status); },
          .action = std::move(action)});
  return done.get_future().get();
}

void KvStore::submit(Request request) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    wake = queue_.empty();
    queue_.push_back(std::move(request));
    ++statistics_.waiting;
  }
  if (wake) queued_.notify_one();
}

KvStore::Statistics KvStore::statistics() const {
  std::lock_guard lock(mutex_);
  return statistics_;
}

void KvStore::write_loop() {
  using Clock = std::chrono::steady_clock;
  bool wal_ready = options_.wal_bytes == 0;
  bool sweeps = options_.sweep_interval.count() > 0;
  Clock::time_point next_sweep = Clock::now() + options_.sweep_interval;
  std::vector<Request> requests;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      auto ready = [this] { return stopping_ || !queue_.empty(); };
      if (sweeps) {
        queued_.wait_until(lock, next_sweep, ready);
      } else {
        queued_.wait(lock, ready);
      }
      if (queue_.empty() && stopping_) return;
      requests.swap(queue_);
    }
    if (sweeps && Clock::now() >= next_sweep) {
      if (Status swept = sweep_expired(); !swept)
        log_warn("kv", "cannot remove expired entries: " + swept.error().describe());
      next_sweep = Clock::now() + options_.sweep_interval;
    }
    process(requests);
    if (!requests.empty() && !wal_ready) {
      make_wal_ready();
      wal_ready = true;
    }
    requests.clear();
  }
}

/// Fills the write-ahead log up with zeros behind what SQLite wrote. To SQLite they are frames that
/// do not check, like those that a longer log has left.
void KvStore::make_wal_ready() {
  auto fill = [this]() -> Status {
    std::unique_ptr<store::FileSystem> files = store::real_file_system();
    SELVAGE_TRY(std::unique_ptr<store::File> wal,
                files->open(path_ + "-wal", store::OpenMode::write));
    SELVAGE_TRY(uint64_t size, wal->size());
    // Frames have headers, and the group that crosses the mark is written whole.
    uint64_t wanted = options_.wal_bytes + options_.wal_bytes / 8;
    std::string zeros(size_t{1024} * 1024, '\0');
    while (size < wanted) {
      uint64_t step = std::min<uint64_t>(zeros.size(), wanted - size);
      SELVAGE_CHECK_STATUS(wal->write_at(size, std::string_view(zeros).substr(0, step)));
      size += step;
    }
    return wal->sync_data();
  };
  if (Status filled = fill(); !filled)
    log_warn("kv", "syncs will be slow: " + filled.error().describe());
}

void KvStore::process(std::vector<Request>& requests) {
  size_t next = 0;
  while (next < requests.size()) {
    if (requests[next].action) {
      const Status done = requests[next].action();
      {
        std::lock_guard lock(mutex_);
        --statistics_.waiting;
      }
      requests[next].callback(done);
      ++next;
    } else {
      next = process_group(requests, next);
    }
  }
}

/// Writes a run of requests in one transaction. A request that cannot be written fails alone.
size_t KvStore::process_group(std::vector<Request>& requests, size_t first) {
  std::vector<Status> results;
  std::vector<Change> changes;
  size_t bytes = 0;
  size_t end = first;
  Status group = begin_.run();
  for (; end < requests.size() && !requests[end].action && bytes < options_.group_bytes; ++end) {
    Request& request = requests[end];
    results.push_back(group ? apply(request) : group);
    if (!results.back()) continue;
    for (const KvWrite& write : request.writes) {
      bytes += write.key.size() + (write.entry ? write.entry->bytes().size() : 0);
      changes.push_back({.kind = Change::Kind::kv, .scope = write.namespace_id, .name = write.key});
    }
  }
  if (group) group = commit_.run();
  if (!group) {
    log_error("kv", group.error().describe());
    if (database_.in_transaction()) (void)rollback_.run();
    namespaces_.clear();  // some may have been added by what was rolled back
    for (Status& result : results)
      if (result) result = group;
  }
  // After a failed commit too: what readers remember may or may not be so.
  if (!changes.empty()) feed_.publish(changes);
  {
    std::lock_guard lock(mutex_);
    statistics_.waiting -= end - first;
    if (group) {
      ++statistics_.commits;
      statistics_.requests += static_cast<uint64_t>(
          std::ranges::count_if(results, [](const Status& result) { return result.has_value(); }));
    } else {
      ++statistics_.failures;
    }
  }
  for (size_t i = first; i < end; ++i)
    if (requests[i].callback) requests[i].callback(results[i - first]);
  return end;
}

Status KvStore::apply(const Request& request) {
  if (request.writes.size() == 1) return apply_write(request.writes.front());
  SELVAGE_CHECK_STATUS(savepoint_.run());
  for (const KvWrite& write : request.writes) {
    if (Status status = apply_write(write); !status) {
      if (database_.in_transaction()) {
        SELVAGE_CHECK_STATUS(undo_.run());
        SELVAGE_CHECK_STATUS(release_.run());
        namespaces_.clear();
      }
      return status;
    }
  }
  return release_.run();
}

Status KvStore::apply_write(const KvWrite& write) {
  SELVAGE_TRY(int64_t number, namespace_number(write.namespace_id));
  if (!write.entry) {
    erase_.bind_integer(1, number);
    erase_.bind_text(2, write.key);
    return erase_.run();
  }
  put_.bind_integer(1, number);
  put_.bind_text(2, write.key);
  if (write.entry->expiration) put_.bind_integer(3, *write.entry->expiration);
  if (write.entry->metadata) put_.bind_text(4, *write.entry->metadata);
  put_.bind_blob(5, write.entry->bytes());
  return put_.run();
}

Result<int64_t> KvStore::namespace_number(const std::string& namespace_id) {
  if (auto found = namespaces_.find(namespace_id); found != namespaces_.end()) return found->second;
  Statement::Use use(find_namespace_);
  find_namespace_.bind_text(1, namespace_id);
  SELVAGE_TRY(bool known, find_namespace_.step());
  int64_t number = 0;
  if (known) {
    number = find_namespace_.integer(0);
  } else {
    add_namespace_.bind_text(1, namespace_id);
    SELVAGE_CHECK_STATUS(add_namespace_.run());
    number = sqlite3_last_insert_rowid(database_.handle());
  }
  namespaces_.emplace(namespace_id, number);
  return number;
}

Status KvStore::sweep_expired() {
  // In steps, so that no transaction grows with what has gathered. Nobody sees a difference:
  // expired entries are not returned, remembered or not.
  for (;;) {
    sweep_.bind_integer(1, options_.now());
    sweep_.bind_integer(2, kSweepAtOnce);
    SELVAGE_CHECK_STATUS(sweep_.run());
    if (database_.changes() < kSweepAtOnce) return {};
  }
}

KvReader::KvReader(const KvStore& store, Database database)
    : store_(store), database_(std::move(database)), cache_(store.options_.cache_bytes) {}

Status KvReader::prepare() {
  SELVAGE_TRY(find_namespace_, database_.prepare("SELECT id FROM namespaces WHERE name = ?1"));
  SELVAGE_TRY(get_, database_.prepare("SELECT value, metadata, expiration FROM entries "
                                      "WHERE namespace = ?1 AND key = ?2"));
  SELVAGE_TRY(list_, database_.prepare("SELECT key, expiration, metadata FROM entries "
                                       "WHERE namespace = ?1 AND key >= ?2 AND key < ?3 "
                                       "AND (expiration IS NULL OR expiration > ?4) "
                                       "ORDER BY key LIMIT ?5"));
  return {};
}

Result<std::shared_ptr<const KvEntry>> KvReader::get(std::string_view namespace_id,
                                                     std::string_view key) {
  name_.assign(namespace_id).append(1, '\0').append(key);
  uint64_t version = store_.versions_.of(hash_of(namespace_id, key));
  const ReadCache::Item* known = cache_.find(name_);
  std::shared_ptr<const KvEntry> entry;
  if (known != nullptr && known->version == version) {
    entry = known->entry;
  } else {
    // The version was taken before the read: a write that comes between makes this one stale.
    SELVAGE_TRY(entry, read(namespace_id, key));
    cache_.insert(name_, {.entry = entry, .version = version});
  }
  if (entry && entry->expiration && entry->expired(store_.options_.now())) entry.reset();
  return entry;
}

Result<std::shared_ptr<const KvEntry>> KvReader::read(std::string_view namespace_id,
                                                      std::string_view key) {
  SELVAGE_TRY(std::optional<int64_t> number, namespace_number(namespace_id));
  if (!number) return nullptr;
  Statement::Use use(get_);
  get_.bind_integer(1, *number);
  get_.bind_text(2, key);
  SELVAGE_TRY(bool row, get_.step());
  if (!row) return nullptr;
  auto entry = std::make_shared<KvEntry>();
  entry->value = get_.bytes(0);
  if (!get_.is_null(1)) entry->metadata = std::string(get_.bytes(1));
  if (!get_.is_null(2)) entry->expiration = get_.integer(2);
  return entry;
}

Result<std::optional<int64_t>> KvReader::namespace_number(std::string_view namespace_id) {
  if (const uint64_t generation = store_.generation_.load(std::memory_order_acquire);
      generation != generation_) {
    namespaces_.clear();
    generation_ = generation;
  }
  std::string name(namespace_id);
  if (auto found = namespaces_.find(name); found != namespaces_.end()) return found->second;
  Statement::Use use(find_namespace_);
  find_namespace_.bind_text(1, namespace_id);
  SELVAGE_TRY(bool row, find_namespace_.step());
  if (!row) return std::nullopt;
  int64_t number = find_namespace_.integer(0);
  namespaces_.emplace(std::move(name), number);
  return number;
}

}  // namespace selvage::kv
