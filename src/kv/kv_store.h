// Workers KV on one machine: a SQLite database that one thread writes, in groups, and every loop
// thread reads through a reader of its own.
//
// What it promises: a write is durable, and every reader of this process sees it, when its callback
// gets success. Expired entries are never returned.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/function.h"
#include "base/result.h"
#include "kv/kv_entry.h"
#include "kv/read_cache.h"
#include "kv/stored_value.h"
#include "store/change_feed.h"
#include "store/file.h"
#include "store/sqlite.h"

namespace selvage::kv {

struct KvStoreOptions {
  /// Of each reader.
  size_t cache_bytes = size_t{16} * 1024 * 1024;
  /// How often expired entries are removed; zero for never.
  std::chrono::milliseconds sweep_interval{30'000};
  /// A group of writes takes no more once it holds this many bytes.
  size_t group_bytes = size_t{32} * 1024 * 1024;
  /// Longest key and value; above what KvLimits lets through.
  int max_row_bytes = 32 * 1024 * 1024;
  /// Values above this size are cut into pieces of that one.
  size_t longest_in_row = KvUpload::kInMemory;
  size_t piece_bytes = size_t{64} * 1024;
  /// Bytes that are kept ready for SQLite's write-ahead log, so that a sync does not have to wait
  /// for the file to grow; from that size on it is written back. Zero keeps none ready.
  size_t wal_bytes = size_t{16} * 1024 * 1024;
  /// Seconds since the epoch. Called on any thread.
  std::function<int64_t()> now = [] {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  };
  /// Off: the store has no thread. What was queued waits for run_queued() or a call that blocks.
  bool threads = true;
  /// Where the database lies, for tests: null for the operating system's. Must outlive the store.
  store::FileSystem* files = nullptr;
  /// SQLite's door to `files` (store/file_vfs.h).
  const char* vfs = nullptr;
};

/// Counts the changes of keys, many keys to a counter, so that a reader can tell without a message
/// whether what it remembers is still so.
class KeyVersions {
 public:
  [[nodiscard]] uint64_t of(size_t hash) const {
    return slots_[hash % kSlots].load(std::memory_order_acquire);
  }
  void changed(size_t hash) { slots_[hash % kSlots].fetch_add(1, std::memory_order_acq_rel); }
  void all_changed() {
    for (auto& slot : slots_) slot.fetch_add(1, std::memory_order_acq_rel);
  }

 private:
  static constexpr size_t kSlots = 16 * 1024;
  std::vector<std::atomic<uint64_t>> slots_ = std::vector<std::atomic<uint64_t>>(kSlots);
};

class KvStore;

/// Reads, in microseconds; blocks only for the disk. One thread's; must be destroyed before its
/// store.
class KvReader {
 public:
  /// Null when there is no such entry or it has expired. Shared with the reader's memory, hence
  /// immutable. A long one comes with `long_value`: what was stored when this was called, to be
  /// read on this thread, however late, while the reader lives.
  Result<std::shared_ptr<const KvEntry>> open(std::string_view namespace_id, std::string_view key);
  /// The same with the value in memory, whatever its length.
  Result<std::shared_ptr<const KvEntry>> get(std::string_view namespace_id, std::string_view key);
  Result<KvListPage> list(std::string_view namespace_id, const KvListOptions& options);

  struct Namespace {
    std::string id;
    /// Of its entries that have not expired.
    uint64_t keys = 0;
    uint64_t bytes = 0;
  };
  /// All there are, by id. Reads everything.
  Result<std::vector<Namespace>> namespaces();

 private:
  friend class KvStore;
  KvReader(const KvStore& store, store::Database database);
  Status prepare();
  Result<std::shared_ptr<const KvEntry>> read(std::string_view namespace_id, std::string_view key);
  /// `held` is the number of its long value, if it has one.
  Result<std::shared_ptr<const KvEntry>> read_row(int64_t space, std::string_view key,
                                                  int64_t& held);
  /// 0: the key has none.
  Result<int64_t> find_long_value(int64_t space, std::string_view key);
  Result<std::optional<int64_t>> namespace_number(std::string_view namespace_id);

  const KvStore& store_;
  store::Database database_;
  store::Statement find_namespace_, get_, list_, find_long_value_;
  StoredValueReader stored_values_;
  std::unordered_map<std::string, int64_t> namespaces_;
  uint64_t generation_ = 0;  // of namespaces_
  ReadCache cache_;
  std::string name_;  // of the entry looked for; kept for its memory
};

/// Any thread.
class KvStore {
 public:
  /// On the store's thread, in the order of the writes. An error: outcome unknown.
  using Callback = UniqueFunction<void(const Status&)>;

  /// Keeps the database in `directory` (made when missing). `feed` must outlive the store.
  static Result<std::unique_ptr<KvStore>> open(const std::string& directory,
                                               store::ChangeFeed& feed,
                                               KvStoreOptions options = {});
  /// Completes the writes that wait.
  ~KvStore();
  KvStore(const KvStore&) = delete;
  KvStore& operator=(const KvStore&) = delete;

  /// For one more thread.
  Result<std::unique_ptr<KvReader>> reader() const;

  void put(std::string namespace_id, std::string key, KvEntry entry, Callback callback);
  void erase(std::string namespace_id, std::string key, Callback callback);
  /// All of them or none, in their order.
  void write(std::vector<KvWrite> writes, Callback callback);
  /// Removes expired entries now. Blocks.
  Status sweep();
  /// Without a thread: does what is queued.
  void run_queued();

  // Whole namespaces, for the command line. These block until it is durable.
  /// ErrorCode::already_exists when there is one.
  Status create_namespace(const std::string& namespace_id);
  /// With all its entries. ErrorCode::not_found when there is none.
  Status erase_namespace(const std::string& namespace_id);
  Status rename_namespace(const std::string& from, const std::string& to);

  struct Statistics {
    uint64_t waiting = 0;   // calls that have no answer yet
    uint64_t commits = 0;   // transactions, each with all that had queued up
    uint64_t requests = 0;  // that they committed; one may write many keys
    uint64_t failures = 0;  // transactions that failed as a whole
  };
  [[nodiscard]] Statistics statistics() const;

  /// Where uploads may put what does not fit into memory.
  [[nodiscard]] const std::string& directory() const { return directory_; }

 private:
  friend class KvReader;
  struct Request {
    std::vector<KvWrite> writes;
    Callback callback;
    /// Instead of writes: done alone, on the writer's thread.
    UniqueFunction<Status()> action = nullptr;
  };

  KvStore(std::string directory, store::ChangeFeed& feed, KvStoreOptions options);
  Status prepare();
  Result<store::Database> connect() const;
  Status secure_log();
  Status end_log();
  Status take_over_log();
  [[nodiscard]] uint64_t log_bytes() const;
  void submit(Request request);
  Status run_alone(UniqueFunction<Status()> action);
  /// One step on namespaces, in a transaction, after which nobody's memory of them counts.
  Status change_namespaces(UniqueFunction<Status()> change);
  Result<std::optional<int64_t>> find_namespace(const std::string& namespace_id);
  void write_loop();
  void work_off(std::vector<Request>& requests);
  void process(std::vector<Request>& requests);
  size_t process_group(std::vector<Request>& requests, size_t first);
  Status apply(const Request& request);
  Status apply_write(const KvWrite& write);
  /// Where the row has no long value that is to be dropped.
  Status apply_to_row(const KvWrite& write);
  /// Whether it changes its row and nothing else.
  Result<bool> changes_one_row(const KvWrite& write);
  Status sweep_expired();
  /// Runs a statement that erases rows and returns the long value of each; drops these. How many
  /// rows there were.
  Result<int64_t> run_and_drop(store::Statement& erases);
  /// Whether there is more to be removed.
  bool remove_dropped();
  void make_wal_ready();
  Result<int64_t> namespace_number(const std::string& namespace_id);

  const std::string directory_;
  const std::string path_;
  store::ChangeFeed& feed_;
  const KvStoreOptions options_;
  /// The readers' values have it too, which may outlive the store.
  const std::shared_ptr<ValuesInUse> values_in_use_ = std::make_shared<ValuesInUse>();
  const std::unique_ptr<store::FileSystem> real_files_;
  store::FileSystem& files_;
  KeyVersions versions_;
  /// Counts how often namespaces were removed or renamed.
  std::atomic<uint64_t> generation_{0};
  std::unique_ptr<store::ChangeFeed::Subscription> subscription_;

  // The writer thread's.
  store::Database database_;
  store::Statement begin_, commit_, rollback_, savepoint_, release_, undo_;
  store::Statement put_, erase_, sweep_, find_namespace_, add_namespace_;
  StoredValueWriter stored_values_;
  std::unordered_map<std::string, int64_t> namespaces_;
  bool wal_ready_;

  mutable std::mutex mutex_;
  std::condition_variable queued_;
  std::vector<Request> queue_;
  Statistics statistics_;
  bool stopping_ = false;
  std::thread writer_;
};

}  // namespace selvage::kv
