// Brings objects' files up to the commit log, many objects to one sync, on a thread of its own.
//
// That happens when the store's limits are passed, and when nothing has been committed for a few
// seconds: objects that nobody uses any more are not kept in memory for the log's sake.
//
// For each batch: take what the files lack as of now, wait until the log has it, write it into the
// files, sync them, and only then tell the log that it may let go. A crash at any point leaves the
// log with all that the files may lack.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "object/object_pages.h"

namespace selvage::object {

class ObjectStore;

/// Any thread.
class Checkpointer {
 public:
  explicit Checkpointer(ObjectStore& store) : store_(store) {}
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  void start();
  void stop();
  /// Has the thread look at the store's limits. Cheap when it has been told already.
  void wake();
  /// Checkpoints all that is dirty now, on the calling thread.
  Status run_all();
  /// The same for one object, which is in nobody's batch then.
  Status run_one(const std::shared_ptr<ObjectPages>& pages);
  /// In recovery: brings the files up to what was redone so far and drops it from memory, without
  /// telling the log, which still has it.
  Status spill(const std::vector<std::shared_ptr<ObjectPages>>& batch);
  /// Returns when every append made before has completed.
  void wait_for_log();

  /// Held during a batch.
  [[nodiscard]] std::mutex& batch_mutex() { return batch_mutex_; }
  [[nodiscard]] uint64_t objects() const { return objects_.load(); }
  [[nodiscard]] uint64_t failures() const { return failures_.load(); }

 private:
  struct Item {
    std::shared_ptr<ObjectPages> pages;
    ObjectPages::Snapshot snapshot;
    ObjectPages::Written written;
    Status status;
    bool skipped = false;
  };
  void loop();
  /// Whether nothing was committed for a while, and there is something to write out.
  bool quiet();
  void write_out_all();
  Status run_batch(std::vector<std::shared_ptr<ObjectPages>> batch);
  Status write_and_sync(std::vector<Item>& items);
  Status write_alarms(std::vector<Item>& items);
  /// Looks at a few histories, or begins to look at all of them anew when it is time. Whether there
  /// are more to look at.
  bool fold_some();

  ObjectStore& store_;
  std::mutex batch_mutex_;
  std::mutex mutex_;
  std::condition_variable woken_;
  std::atomic<bool> wanted_{false};
  bool stopping_ = false;
  uint64_t seen_position_ = 0;  // of the log, at the last look
  /// Histories that have become long. Guarded by mutex_.
  std::vector<std::string> long_histories_;
  /// Histories to look at, last first; and when all of them are due again.
  std::vector<std::string> histories_;
  uint64_t next_look_ = 0;
  std::atomic<uint64_t> objects_{0};
  std::atomic<uint64_t> failures_{0};
  std::thread thread_;
};

}  // namespace selvage::object
