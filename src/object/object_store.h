// All Durable Objects' storage of one process: opens objects, recovers them from the commit log,
// and brings their files up to the log in the background, so that the log can let go of its tail.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "base/result.h"
#include "object/alarm_index.h"
#include "object/object_pages.h"
#include "object/object_storage.h"
#include "object/page_vfs.h"
#include "object/restorer.h"
#include "object/scheduled_restores.h"
#include "store/commit_log.h"
#include "store/file.h"

namespace selvage::object {

struct ObjectStoreOptions {
  /// Bytes of commit log that objects may hold back before they are checkpointed.
  uint64_t checkpoint_log_bytes = uint64_t{128} * 1024 * 1024;
  /// Committed pages of all objects that may wait in memory for a checkpoint.
  uint64_t dirty_pages = uint64_t{64} * 1024 * 1024 / kPageSize;
  /// Bytes of commits of all objects that may wait in memory for a checkpoint to put them into
  /// histories.
  uint64_t history_bytes_in_memory = uint64_t{64} * 1024 * 1024;
  /// For how long an object's earlier states can be brought back; 0: not at all, and what there is
  /// of histories goes.
  std::chrono::milliseconds history_retention = std::chrono::hours(30 * 24);
  /// Bytes that an object's history may have besides its base, or four times the base if that is
  /// more: then the oldest commits go before their time.
  uint64_t history_bytes = uint64_t{1024} * 1024 * 1024;
  /// Pages that a restore may change.
  uint32_t max_restored_pages = 1024 * 1024 * 1024 / kPageSize;
  /// Pages that one transaction may change.
  uint32_t max_transaction_pages = 256 * 1024 * 1024 / kPageSize;
  /// Longest string, blob, value and row, with what belongs to it (Cloudflare: "2 MB").
  int max_value_bytes = 2'200'000;
  /// Bytes of SQL text that each object keeps compiled.
  size_t sql_cache_bytes = size_t{1024} * 1024;
  /// Without commits for so long, or twice as long, everything is checkpointed.
  std::chrono::milliseconds quiet_time{3000};
  /// Checkpoints on a thread of its own at the limits above. Off: only checkpoint().
  bool checkpoint_in_background = true;
  /// That thread also shortens histories. Off: only fold_histories().
  bool fold_in_background = true;
  /// Milliseconds since 1970.
  std::function<uint64_t()> clock = wall_clock;

  static uint64_t wall_clock();
};

class Checkpointer;

/// Any thread, except where an ObjectStorage says otherwise.
class ObjectStore {
 public:
  /// Makes the table of the key-value interface's entries.
  static constexpr const char* kEntriesTable =
      "CREATE TABLE IF NOT EXISTS _cf_KV(key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID";

  /// Keeps the objects' files in `directory` (made when missing); recovers what `log` holds. Both
  /// references must outlive the store; the log must be freshly opened.
  static Result<std::unique_ptr<ObjectStore>> open(std::string directory, store::CommitLog& log,
                                                   store::FileSystem& files,
                                                   ObjectStoreOptions options = {});
  /// Checkpoints everything, so that the next open is quick. Every ObjectStorage must be destroyed
  /// before.
  ~ObjectStore();
  ObjectStore(const ObjectStore&) = delete;
  ObjectStore& operator=(const ObjectStore&) = delete;

  /// An object is open at most once at a time (ErrorCode::already_exists). Takes microseconds,
  /// except for one that was broken: that is read from the log again; and for one that is to be
  /// brought back to an earlier state, which takes as long as reading and writing that.
  Result<std::unique_ptr<ObjectStorage>> open_object(std::string_view namespace_id,
                                                     std::string_view object_id_hex);

  /// Whether opening the object will bring it back to an earlier state.
  [[nodiscard]] bool restore_is_due(std::string_view namespace_id,
                                    std::string_view object_id_hex) const;
  /// Does so beforehand, without opening it, on a thread of its own, where `done` is called.
  void restore_before_opening(std::string_view namespace_id, std::string_view object_id_hex,
                              Restorer::Callback done);

  /// The alarms that are durable, by their objects.
  [[nodiscard]] std::vector<std::pair<ObjectKey, Alarm>> alarms() const;
  /// Tells `listener` of every change of an alarm once it is durable, on the log's thread; an alarm
  /// without a time: there is none any more. Those of before: alarms(), afterwards. Null ends it.
  void listen_to_alarms(std::function<void(const ObjectKey& object, const Alarm&)> listener);

  /// Brings every object's file up to the log. Blocks.
  Status checkpoint();
  /// Shortens the histories of all objects, open or not, that tell of more than they should.
  /// Blocks.
  Status fold_histories();

  // The inventory (object_inventory.cc): what is stored, whether an object is open or not. These
  // checkpoint first, and block.

  /// Ids of the namespaces with at least one object, sorted.
  Result<std::vector<std::string>> namespaces();
  struct StoredObject {
    std::string id;
    uint64_t bytes = 0;
  };
  /// The objects of a namespace that have stored something, by id.
  Result<std::vector<StoredObject>> list(std::string_view namespace_id);
  /// Copies an object's database, as of its last commit, to a new file, which any SQLite can open.
  /// ErrorCode::not_found when it stores nothing.
  Status copy_object(std::string_view namespace_id, std::string_view object_id_hex,
                     const std::string& destination);
  /// Deletes what an object stores, durably. ErrorCode::already_exists while it is open.
  Status erase_object(std::string_view namespace_id, std::string_view object_id_hex);
  /// The same for all objects of a namespace, with their histories; one that is open stays, and is
  /// the error.
  Status erase_namespace(std::string_view namespace_id);

  // Earlier states (object_recovery.cc), of objects that are open or not. These checkpoint first,
  // and block.

  struct PastState {
    std::string bookmark;
    /// When it began, in milliseconds since 1970; 0: not known.
    uint64_t time = 0;
    /// Of the database then; 0: nothing was stored.
    uint64_t bytes = 0;
  };
  struct Past {
    PastState now;
    /// The time when the history begins.
    uint64_t since = 0;
    /// What was asked about.
    std::optional<PastState> wanted = std::nullopt;
  };
  /// Nothing, the state at a time, or that of a bookmark.
  using Moment = std::variant<std::monostate, uint64_t, std::string>;
  /// ErrorCode::not_found without a history.
  Result<Past> past_of(std::string_view namespace_id, std::string_view object_id_hex,
                       const Moment& moment);
  /// Brings an object back to the state of a bookmark, durably; the bookmark that undoes it.
  /// ErrorCode::already_exists while it is open.
  Result<std::string> restore_object(std::string_view namespace_id, std::string_view object_id_hex,
                                     std::string_view bookmark);

  struct Statistics {
    uint64_t open_objects = 0;
    uint64_t objects_in_memory = 0;
    uint64_t dirty_pages = 0;
    uint64_t checkpointed_objects = 0;
    uint64_t checkpoint_failures = 0;
    /// Histories that turned out to be damaged since the start.
    uint64_t damaged_histories = 0;
  };
  [[nodiscard]] Statistics statistics() const;

 private:
  friend class ObjectStorage;
  friend class Checkpointer;

  using Objects = std::unordered_map<std::string, std::shared_ptr<ObjectPages>>;

  ObjectStore(std::string directory, store::CommitLog& log, store::FileSystem& files,
              ObjectStoreOptions options);
  Status make_template();
  Status recover();
  Result<std::shared_ptr<ObjectPages>> find_or_load(const ObjectKey& key);
  Status remove_histories(std::string_view namespace_id);
  static Status wait_until_durable(ObjectStorage& storage);

  // For ObjectStorage.
  [[nodiscard]] store::CommitLog& log() { return log_; }
  [[nodiscard]] PageVfs& vfs() { return vfs_; }
  [[nodiscard]] const ObjectStoreOptions& options() const { return options_; }
  [[nodiscard]] store::FileSystem& files() { return files_; }
  [[nodiscard]] ScheduledRestores& scheduled_restores() { return *scheduled_restores_; }
  [[nodiscard]] bool keeps_history() const { return memory_.keep_history; }
  [[nodiscard]] uint64_t now() const { return options_.clock(); }
  /// Gives the open transaction the pages of a new database.
  void fill_with_template(ObjectPages& pages) const;
  void append(const std::shared_ptr<ObjectPages>& pages, uint64_t epoch, uint64_t sequence,
              ObjectPages::Commit commit, ObjectStorage::DurableCallback callback);
  void close(const std::shared_ptr<ObjectPages>& pages);
  void note_alarm(const ObjectPages& pages, const Alarm& alarm);

  // Point-in-time recovery (object_recovery.cc).
  Result<std::optional<ObjectHistory>> open_history(const std::string& path);
  Result<std::optional<ObjectHistory>> whole_history(const std::shared_ptr<ObjectPages>& pages);
  Status checkpoint_alone(const std::shared_ptr<ObjectPages>& pages);
  Status restore_scheduled(ObjectStorage& storage);
  Status restore(ObjectStorage& storage, ScheduledRestores::Entry wanted);

  // For Checkpointer.
  /// The files in the folders of namespaces that may be histories, or what was left of making one.
  Result<std::vector<std::string>> history_files();
  /// Shortens one, if need be.
  Status fold_history(const std::string& relative_path);
  /// Up to `limit` dirty objects, those first that hold back the oldest part of the log. They leave
  /// the queue.
  std::vector<std::shared_ptr<ObjectPages>> take_dirty(size_t limit);
  /// Ends the checkpoint of what take_dirty() gave: back to the queue when `dirty`.
  void checkpointed(const std::shared_ptr<ObjectPages>& pages, bool dirty, uint64_t position);
  [[nodiscard]] bool over_limit(bool well_below) const;
  void forget_if_unused(const std::shared_ptr<ObjectPages>& pages);
  void forget_broken_locked(Objects::iterator object);

  const std::string directory_;
  store::CommitLog& log_;
  store::FileSystem& files_;
  const ObjectStoreOptions options_;
  PageVfs vfs_;
  std::vector<std::unique_ptr<PageBytes>> template_;
  PagesInMemory memory_;
  /// dirty_since of the first in the queue; the log's position when it is empty counts as none.
  std::atomic<uint64_t> oldest_dirty_{UINT64_MAX};

  mutable std::mutex mutex_;
  /// Open objects and dirty ones, by their name in the log.
  Objects objects_;
  /// Dirty objects, oldest first, each once.
  std::deque<std::shared_ptr<ObjectPages>> dirty_;
  /// Objects whose memory was dropped because it broke: to be read from the log.
  std::unordered_set<std::string> to_rebuild_;
  uint64_t open_objects_ = 0;

  /// Used by recovery and then by the checkpointer, one batch at a time.
  std::unique_ptr<AlarmIndex> alarm_index_;
  mutable std::mutex alarms_mutex_;
  /// The index, and what became durable since.
  AlarmIndex::Alarms alarms_;
  std::function<void(const ObjectKey&, const Alarm&)> alarm_listener_;

  std::unique_ptr<ScheduledRestores> scheduled_restores_;
  std::unique_ptr<Checkpointer> checkpointer_;
  std::unique_ptr<Restorer> restorer_;
};

}  // namespace selvage::object
