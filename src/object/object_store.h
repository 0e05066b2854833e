// All Durable Objects' storage of one process: opens objects, recovers them from the commit log,
// and brings their files up to the log in the background, so that the log can let go of its tail.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "object/object_pages.h"
#include "object/object_storage.h"
#include "object/page_vfs.h"
#include "store/commit_log.h"
#include "store/file.h"

namespace selvage::object {

struct ObjectStoreOptions {
  /// Bytes of commit log that objects may hold back before they are checkpointed.
  uint64_t checkpoint_log_bytes = uint64_t{128} * 1024 * 1024;
  /// Committed pages of all objects that may wait in memory for a checkpoint.
  uint64_t dirty_pages = uint64_t{64} * 1024 * 1024 / kPageSize;
  /// Pages that one transaction may change.
  uint32_t max_transaction_pages = 256 * 1024 * 1024 / kPageSize;
  /// Longest value, key and value together, and row.
  int max_value_bytes = 4 * 1024 * 1024;
  /// Checkpoints on a thread of its own when a limit above is passed. Off: only checkpoint().
  bool checkpoint_in_background = true;
};

class Checkpointer;

/// Any thread, except where an ObjectStorage says otherwise.
class ObjectStore {
 public:
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
  /// except for one that was broken: that is read from the log again.
  Result<std::unique_ptr<ObjectStorage>> open_object(std::string_view namespace_id,
                                                     std::string_view object_id_hex);

  /// Brings every object's file up to the log. Blocks.
  Status checkpoint();

  struct Statistics {
    uint64_t open_objects = 0;
    uint64_t objects_in_memory = 0;
    uint64_t dirty_pages = 0;
    uint64_t checkpointed_objects = 0;
    uint64_t checkpoint_failures = 0;
  };
  [[nodiscard]] Statistics statistics() const;

 private:
  friend class ObjectStorage;
  friend class Checkpointer;

  ObjectStore(std::string directory, store::CommitLog& log, store::FileSystem& files,
              ObjectStoreOptions options);
  Status make_template();
  Status recover();
  Result<std::shared_ptr<ObjectPages>> find_or_load(const ObjectKey& key);

  // For ObjectStorage.
  [[nodiscard]] store::CommitLog& log() { return log_; }
  [[nodiscard]] PageVfs& vfs() { return vfs_; }
  [[nodiscard]] const ObjectStoreOptions& options() const { return options_; }
  /// Gives the open transaction the pages of a new database.
  void fill_with_template(ObjectPages& pages) const;
  void append(const std::shared_ptr<ObjectPages>& pages, uint64_t epoch, uint64_t sequence,
              ObjectPages::Commit commit, ObjectStorage::DurableCallback callback);
  void close(const std::shared_ptr<ObjectPages>& pages);

  // For Checkpointer.
  /// Up to `limit` dirty objects, those first that hold back the oldest part of the log. They leave
  /// the queue.
  std::vector<std::shared_ptr<ObjectPages>> take_dirty(size_t limit);
  /// Ends the checkpoint of what take_dirty() gave: back to the queue when `dirty`.
  void checkpointed(const std::shared_ptr<ObjectPages>& pages, bool dirty, uint64_t position);
  [[nodiscard]] bool over_limit(bool well_below) const;
  void forget_if_unused(const std::shared_ptr<ObjectPages>& pages);

  const std::string directory_;
  store::CommitLog& log_;
  store::FileSystem& files_;
  const ObjectStoreOptions options_;
  PageVfs vfs_;
  std::vector<std::unique_ptr<PageBytes>> template_;
  std::atomic<uint64_t> dirty_pages_{0};
  /// dirty_since of the first in the queue; the log's position when it is empty counts as none.
  std::atomic<uint64_t> oldest_dirty_{UINT64_MAX};

  mutable std::mutex mutex_;
  /// Open objects and dirty ones, by their name in the log.
  std::unordered_map<std::string, std::shared_ptr<ObjectPages>> objects_;
  /// Dirty objects, oldest first, each once.
  std::deque<std::shared_ptr<ObjectPages>> dirty_;
  /// Objects whose memory was dropped because it broke: to be read from the log.
  std::unordered_set<std::string> to_rebuild_;
  uint64_t open_objects_ = 0;

  std::unique_ptr<Checkpointer> checkpointer_;
};

}  // namespace selvage::object
