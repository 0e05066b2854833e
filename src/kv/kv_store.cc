#include "kv/kv_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>

#include "base/broken_variant.h"
#include "base/log.h"
#include "kv/kv_schema.h"

namespace selvage::kv {

using store::Change;
using store::Database;
using store::Statement;

namespace {

constexpr int kSweepAtOnce = 1000;
constexpr size_t kPageSize = 4096;
constexpr size_t kLogHeader = 32;
constexpr uint64_t kCopyAtOnce = uint64_t{1} << 20;

/// Bytes of SQLite's log up to the first frame that is left from an earlier use of the file, which
/// SQLite does not read either. https://sqlite.org/fileformat2.html#walformat
Result<uint64_t> used_part_of_log(store::File& log) {
  constexpr size_t kFrameHeader = 24;
  constexpr size_t kSalt = 8;
  std::string header(kLogHeader, '\0');
  SELVAGE_TRY(const size_t got, log.read_at(0, header));
  if (got < kLogHeader) return uint64_t{0};
  // As end_log() leaves it.
  if (header.find_first_not_of('\0') == std::string::npos) return uint64_t{0};
  SELVAGE_TRY(const uint64_t size, log.size());
  uint32_t page_size = 0;
  for (size_t i = 8; i < 12; ++i)
    page_size = page_size << 8 | static_cast<unsigned char>(header[i]);
  if (page_size < 512 || page_size > 65536) return size;  // not a log: SQLite's business
  uint64_t end = kLogHeader;
  for (std::string frame(kFrameHeader, '\0'); end + kFrameHeader + page_size <= size;
       end += kFrameHeader + page_size) {
    SELVAGE_CHECK_STATUS(log.read_at(end, frame));
    if (frame.compare(8, kSalt, header, 16, kSalt) != 0) break;
  }
  return end;
}

size_t hash_of(std::string_view namespace_id, std::string_view key) {
  size_t hash = std::hash<std::string_view>{}(key);
  return hash ^ (std::hash<std::string_view>{}(namespace_id) * 31);
}

}  // namespace

KvStore::KvStore(std::string directory, store::ChangeFeed& feed, KvStoreOptions options)
    : directory_(std::move(directory)),
      path_(directory_ + "/kv.sqlite"),
      feed_(feed),
      options_(std::move(options)),
      real_files_(options_.files != nullptr ? nullptr : store::real_file_system()),
      files_(options_.files != nullptr ? *options_.files : *real_files_),
      stored_values_(values_in_use_, options_.piece_bytes),
      wal_ready_(options_.wal_bytes == 0) {}

Result<std::unique_ptr<KvStore>> KvStore::open(const std::string& directory,
                                               store::ChangeFeed& feed, KvStoreOptions options) {
  std::unique_ptr<KvStore> opened(new KvStore(directory, feed, std::move(options)));
  SELVAGE_CHECK_STATUS(opened->files_.create_directories(directory));
  SELVAGE_CHECK_STATUS(opened->prepare());
  KvStore* self = opened.get();
  opened->subscription_ = feed.subscribe([self](uint64_t, const std::vector<Change>& changes) {
    for (const Change& change : changes)
      if (change.kind == Change::Kind::kv)
        self->versions_.changed(hash_of(change.scope, change.name));
  });
  if (self->options_.threads) opened->writer_ = std::thread([self] { self->write_loop(); });
  return opened;
}

KvStore::~KvStore() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  queued_.notify_one();
  if (writer_.joinable()) writer_.join();
  run_queued();
  // After any failure the next start finds the log as a killed process leaves it.
  if (database_) (void)end_log();
}

/// Takes what the log has into the database, and its header away, so that the next start has no log
/// to secure; to SQLite it is empty then. What is behind the header stays, for the next start to
/// write over: frames count only with the header's salt, and the next header has another. SQLite
/// syncs a header before it writes a frame.
Status KvStore::end_log() {
  const Status emptied = take_over_log();
  if (!emptied && !SELVAGE_BROKEN("kv-end-log-in-use")) return emptied;
  auto opened = files_.open(path_ + "-wal", store::OpenMode::write);
  if (!opened && opened.error().code == ErrorCode::not_found) return {};
  SELVAGE_TRY(const std::unique_ptr<store::File> log, std::move(opened));
  SELVAGE_TRY(const uint64_t size, log->size());
  if (size < kLogHeader) return {};
  SELVAGE_CHECK_STATUS(log->write_at(0, std::string(kLogHeader, '\0')));
  SELVAGE_CHECK_STATUS(log->sync_data());
  // Not before: with its header, and without its end, the log would bring back older pages.
  if (options_.wal_bytes > 0 && size > log_bytes()) return log->truncate(log_bytes());
  return {};
}

/// Into the database, all of it.
Status KvStore::take_over_log() {
  SELVAGE_TRY(Statement checkpoint, database_.prepare("PRAGMA wal_checkpoint(RESTART)"));
  SELVAGE_TRY(const bool row, checkpoint.step());
  const bool busy = !row || checkpoint.integer(0) != 0;
  if (busy || checkpoint.integer(1) != checkpoint.integer(2))
    return fail(ErrorCode::unavailable, "somebody reads the log");
  return {};
}

/// How long the log is when it is ready to be written: frames have headers, and the group that
/// crosses the mark is written whole.
uint64_t KvStore::log_bytes() const { return options_.wal_bytes + options_.wal_bytes / 8; }

Result<Database> KvStore::connect() const {
  SELVAGE_TRY(
      Database database,
      Database::open(path_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                     options_.vfs));
  sqlite3_busy_timeout(database.handle(), 10'000);
  SELVAGE_CHECK_STATUS(database.execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -4096"));
  if (SELVAGE_BROKEN("kv-commit-without-sync"))
    SELVAGE_CHECK_STATUS(database.execute("PRAGMA synchronous = NORMAL"));
  return database;
}

Status KvStore::prepare() {
  if (!SELVAGE_BROKEN("kv-trust-log-at-open")) SELVAGE_CHECK_STATUS(secure_log());
  SELVAGE_TRY(database_, connect());
  sqlite3_limit(database_.handle(), SQLITE_LIMIT_LENGTH, options_.max_row_bytes);
  if (options_.wal_bytes > 0) {
    size_t pages = std::max<size_t>(options_.wal_bytes / kPageSize, 1);
    sqlite3_wal_autocheckpoint(database_.handle(), static_cast<int>(pages));
  }
  int keep = 1;  // the file, for the next start
  sqlite3_file_control(database_.handle(), "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
  SELVAGE_CHECK_STATUS(prepare_schema(database_, path_));
  SELVAGE_TRY(begin_, database_.prepare("BEGIN IMMEDIATE"));
  SELVAGE_TRY(commit_, database_.prepare("COMMIT"));
  SELVAGE_TRY(rollback_, database_.prepare("ROLLBACK"));
  SELVAGE_TRY(savepoint_, database_.prepare("SAVEPOINT request"));
  SELVAGE_TRY(release_, database_.prepare("RELEASE request"));
  SELVAGE_TRY(undo_, database_.prepare("ROLLBACK TO request"));
  SELVAGE_TRY(put_,
              database_.prepare("INSERT INTO entries(namespace, key, expiration, metadata, value, "
                                "long_value, long_size) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) "
                                "ON CONFLICT(namespace, key) DO UPDATE SET "
                                "expiration = excluded.expiration, metadata = excluded.metadata, "
                                "value = excluded.value, long_value = excluded.long_value, "
                                "long_size = excluded.long_size"));
  SELVAGE_TRY(erase_, database_.prepare("DELETE FROM entries WHERE namespace = ?1 AND key = ?2"));
  SELVAGE_TRY(sweep_, database_.prepare(
                          "DELETE FROM entries WHERE (namespace, key) IN (SELECT namespace, key "
                          "FROM entries WHERE expiration <= ?1 ORDER BY expiration LIMIT ?2) "
                          "RETURNING long_value"));
  SELVAGE_TRY(find_namespace_, database_.prepare("SELECT id FROM namespaces WHERE name = ?1"));
  SELVAGE_TRY(add_namespace_, database_.prepare("INSERT INTO namespaces(name) VALUES(?1)"));
  SELVAGE_CHECK_STATUS(stored_values_.prepare(database_));
  // SQLite syncs the folder once, for the connection that made the log, and without a look at what
  // comes of it. The log may be older than this connection.
  if (SELVAGE_BROKEN("kv-forget-folder-sync")) return {};
  return files_.sync_directory(directory_);
}

/// Copies what a process that did not end in an orderly way has left in the log. It may have ended
/// after a sync had failed; then the system's memory has what SQLite is about to take over, the
/// disk need not, and no sync of the same file will ever bring it there.
Status KvStore::secure_log() {
  const std::string path = path_ + "-wal";
  auto opened = files_.open(path, store::OpenMode::read);
  if (!opened && opened.error().code == ErrorCode::not_found) return {};
  SELVAGE_TRY(const std::unique_ptr<store::File> log, std::move(opened));
  SELVAGE_TRY(const uint64_t size, used_part_of_log(*log));
  if (size == 0) return {};
  const std::string beside = path + ".tmp";
  auto copy = [&]() -> Status {
    SELVAGE_TRY(const std::unique_ptr<store::File> file,
                files_.open(beside, store::OpenMode::create_empty));
    for (uint64_t offset = 0; offset < size;) {
      std::string bytes(std::min<uint64_t>(size - offset, kCopyAtOnce), '\0');
      SELVAGE_TRY(const size_t got, log->read_at(offset, bytes));
      if (got < bytes.size()) return fail(ErrorCode::corrupt, path + " has become shorter");
      SELVAGE_CHECK_STATUS(file->write_at(offset, bytes));
      offset += got;
    }
    SELVAGE_CHECK_STATUS(file->sync_data());
    SELVAGE_CHECK_STATUS(files_.rename(beside, path));
    return files_.sync_directory(directory_);
  };
  Status copied = copy();
  if (copied || copied.error().code != ErrorCode::limit_exceeded) return copied;
  // On a full disk what is there can be read. Then a sync has to do.
  (void)files_.remove(beside);
  log_warn("kv", "what is in the log is not secured anew: " + copied.error().describe());
  SELVAGE_TRY(const std::unique_ptr<store::File> same, files_.open(path, store::OpenMode::write));
  return same->sync_data();
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
  if (!options_.threads) run_queued();
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
  bool sweeps = options_.sweep_interval.count() > 0;
  Clock::time_point next_sweep = Clock::now() + options_.sweep_interval;
  std::vector<Request> requests;
  bool more_to_remove = false;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      auto ready = [&] { return stopping_ || !queue_.empty() || more_to_remove; };
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
    work_off(requests);
    more_to_remove = remove_dropped();
  }
}

void KvStore::run_queued() {
  std::vector<Request> requests;
  {
    std::lock_guard lock(mutex_);
    requests.swap(queue_);
  }
  work_off(requests);
  while (remove_dropped()) continue;
}

bool KvStore::remove_dropped() {
  if (!stored_values_.any_dropped()) return false;
  Result<bool> more = stored_values_.remove_dropped();
  if (more) return *more;
  log_warn("kv", "cannot remove values that were overwritten: " + more.error().describe());
  return false;
}

void KvStore::work_off(std::vector<Request>& requests) {
  process(requests);
  if (!requests.empty() && !wal_ready_) {
    make_wal_ready();
    wal_ready_ = true;
  }
  requests.clear();
}

/// Fills the write-ahead log up with zeros behind what SQLite wrote, where it is not as long as
/// that since an earlier process. To SQLite they are frames that do not check, like those that a
/// longer log has left.
void KvStore::make_wal_ready() {
  auto fill = [this]() -> Status {
    SELVAGE_TRY(std::unique_ptr<store::File> wal,
                files_.open(path_ + "-wal", store::OpenMode::write));
    SELVAGE_TRY(uint64_t size, wal->size());
    if (SELVAGE_BROKEN("kv-fill-over-log")) size /= 2;
    const uint64_t wanted = log_bytes();
    if (size >= wanted) return {};
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
    if (!results.back()) {
      // After some failures of the disk, SQLite has rolled back everything. What came next would be
      // committed by itself.
      if (group && !database_.in_transaction() && !SELVAGE_BROKEN("kv-go-on-after-rollback"))
        group = results.back();
      continue;
    }
    for (const KvWrite& write : request.writes) {
      bytes += write.key.size() + (write.entry ? write.entry->size() : 0);
      changes.push_back({.kind = Change::Kind::kv, .scope = write.namespace_id, .name = write.key});
    }
  }
  if (group) group = commit_.run();
  if (!group) {
    log_error("kv", group.error().describe());
    if (database_.in_transaction()) (void)rollback_.run();
    // Some may have been added by what was rolled back.
    if (!SELVAGE_BROKEN("kv-remember-rolled-back")) namespaces_.clear();
    for (Status& result : results)
      if (result && !SELVAGE_BROKEN("kv-acknowledge-failed-commit")) result = group;
  }
  // After a failed commit too: what readers remember may or may not be so.
  if (!changes.empty() && !SELVAGE_BROKEN("kv-tell-nobody")) feed_.publish(changes);
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
  if (request.writes.size() == 1) {
    SELVAGE_TRY(const bool one_row, changes_one_row(request.writes.front()));
    if (one_row) return apply_to_row(request.writes.front());
  }
  SELVAGE_CHECK_STATUS(savepoint_.run());
  for (const KvWrite& write : request.writes) {
    if (Status status = apply_write(write); !status) {
      if (database_.in_transaction() && !SELVAGE_BROKEN("kv-half-a-request")) {
        SELVAGE_CHECK_STATUS(undo_.run());
        SELVAGE_CHECK_STATUS(release_.run());
        namespaces_.clear();
      }
      return status;
    }
  }
  return release_.run();
}

Result<bool> KvStore::changes_one_row(const KvWrite& write) {
  if (write.entry && write.entry->size() > options_.longest_in_row) return false;
  if (!stored_values_.any()) return true;
  SELVAGE_TRY(const int64_t number, namespace_number(write.namespace_id));
  SELVAGE_TRY(const std::optional<int64_t> old, stored_values_.find(number, write.key));
  return !old;
}

Status KvStore::apply_write(const KvWrite& write) {
  SELVAGE_TRY(int64_t number, namespace_number(write.namespace_id));
  SELVAGE_TRY(const std::optional<int64_t> old, stored_values_.find(number, write.key));
  if (old) SELVAGE_CHECK_STATUS(stored_values_.drop(*old));
  return apply_to_row(write);
}

Status KvStore::apply_to_row(const KvWrite& write) {
  SELVAGE_TRY(const int64_t number, namespace_number(write.namespace_id));
  if (!write.entry) {
    erase_.bind_integer(1, number);
    erase_.bind_text(2, write.key);
    return erase_.run();
  }
  const KvEntry& entry = *write.entry;
  std::string read;  // must live until the statement has run
  std::string_view value = entry.value;
  if (const size_t size = entry.size(); size > options_.longest_in_row) {
    if (size > static_cast<size_t>(options_.max_row_bytes))
      return fail(ErrorCode::limit_exceeded, fmt::format("a value of {} bytes is longer than {}",
                                                         size, options_.max_row_bytes));
    SELVAGE_TRY(const int64_t stored, stored_values_.add(value, entry.long_value.get()));
    put_.bind_integer(6, stored);
    put_.bind_integer(7, static_cast<int64_t>(size));
    value = {};
  } else if (entry.long_value) {
    SELVAGE_TRY(read, entry.long_value->read(0, size));
    value = read;
  }
  put_.bind_integer(1, number);
  put_.bind_text(2, write.key);
  if (entry.expiration) put_.bind_integer(3, *entry.expiration);
  if (entry.metadata) put_.bind_text(4, *entry.metadata);
  put_.bind_blob(5, value);
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
    sweep_.bind_integer(1, options_.now() + (SELVAGE_BROKEN("kv-sweep-too-early") ? 10 : 0));
    sweep_.bind_integer(2, kSweepAtOnce);
    SELVAGE_CHECK_STATUS(begin_.run());
    Result<int64_t> erased = run_and_drop(sweep_);
    Status swept = erased ? commit_.run() : fail(std::move(erased).error());
    if (!swept && database_.in_transaction()) (void)rollback_.run();
    if (!swept || *erased < kSweepAtOnce) return swept;
  }
}

Result<int64_t> KvStore::run_and_drop(Statement& erases) {
  int64_t rows = 0;
  std::vector<int64_t> values;
  {
    Statement::Use use(erases);
    for (;;) {
      SELVAGE_TRY(const bool row, erases.step());
      if (!row) break;
      ++rows;
      if (!erases.is_null(0)) values.push_back(erases.integer(0));
    }
  }
  for (const int64_t value : values) SELVAGE_CHECK_STATUS(stored_values_.drop(value));
  return rows;
}

KvReader::KvReader(const KvStore& store, Database database)
    : store_(store),
      database_(std::move(database)),
      stored_values_(store.values_in_use_),
      cache_(store.options_.cache_bytes) {}

Status KvReader::prepare() {
  SELVAGE_TRY(find_namespace_, database_.prepare("SELECT id FROM namespaces WHERE name = ?1"));
  SELVAGE_TRY(get_, database_.prepare("SELECT value, metadata, expiration, long_value, long_size "
                                      "FROM entries WHERE namespace = ?1 AND key = ?2"));
  SELVAGE_TRY(find_long_value_, database_.prepare("SELECT long_value FROM entries "
                                                  "WHERE namespace = ?1 AND key = ?2"));
  SELVAGE_CHECK_STATUS(stored_values_.prepare(database_));
  SELVAGE_TRY(list_, database_.prepare("SELECT key, expiration, metadata FROM entries "
                                       "WHERE namespace = ?1 AND key >= ?2 AND key < ?3 "
                                       "AND (expiration IS NULL OR expiration > ?4) "
                                       "ORDER BY key LIMIT ?5"));
  return {};
}

Result<std::shared_ptr<const KvEntry>> KvReader::get(std::string_view namespace_id,
                                                     std::string_view key) {
  SELVAGE_TRY(std::shared_ptr<const KvEntry> entry, open(namespace_id, key));
  if (!entry || !entry->long_value) return entry;
  auto whole = std::make_shared<KvEntry>(*entry);
  SELVAGE_TRY(whole->value, entry->long_value->read(0, entry->size()));
  whole->long_value.reset();
  return whole;
}

Result<std::shared_ptr<const KvEntry>> KvReader::open(std::string_view namespace_id,
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
    // A long one is not remembered: its pieces would stay for as long.
    if (!entry || !entry->long_value) cache_.insert(name_, {.entry = entry, .version = version});
  }
  if (entry && entry->expired(store_.options_.now()) && !SELVAGE_BROKEN("kv-show-expired"))
    entry.reset();
  return entry;
}

Result<std::shared_ptr<const KvEntry>> KvReader::read(std::string_view namespace_id,
                                                      std::string_view key) {
  SELVAGE_TRY(std::optional<int64_t> number, namespace_number(namespace_id));
  if (!number) return nullptr;
  for (;;) {
    int64_t held = 0;
    SELVAGE_TRY(std::shared_ptr<const KvEntry> entry, read_row(*number, key, held));
    if (!entry || !entry->long_value) return entry;
    // Its pieces may have been removed before they were held. They have not, if it is still the
    // key's value: the writer looks at what is held only after it has made another one visible.
    SELVAGE_TRY(const int64_t now, find_long_value(*number, key));
    if (now == held) return entry;
  }
}

Result<std::shared_ptr<const KvEntry>> KvReader::read_row(int64_t space, std::string_view key,
                                                          int64_t& held) {
  Statement::Use use(get_);
  get_.bind_integer(1, space);
  get_.bind_text(2, key);
  SELVAGE_TRY(bool row, get_.step());
  if (!row) return nullptr;
  auto entry = std::make_shared<KvEntry>();
  entry->value = get_.bytes(0);
  if (!get_.is_null(1)) entry->metadata = std::string(get_.bytes(1));
  if (!get_.is_null(2)) entry->expiration = get_.integer(2);
  if (!get_.is_null(3)) {
    held = get_.integer(3);
    entry->long_value = stored_values_.hold(held, static_cast<size_t>(get_.integer(4)));
  }
  return entry;
}

Result<int64_t> KvReader::find_long_value(int64_t space, std::string_view key) {
  Statement::Use use(find_long_value_);
  find_long_value_.bind_integer(1, space);
  find_long_value_.bind_text(2, key);
  SELVAGE_TRY(const bool row, find_long_value_.step());
  return row ? find_long_value_.integer(0) : 0;
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
