// The pages of one object's database, in three layers, newest first:
//
//   transaction   written by the open transaction; only the object's thread knows them
//   committed     in the commit log (or on the way there), not yet in the file
//   file          the object's SQLite file, as of its last checkpoint
//
// A commit moves the first layer into the second and says what changed, for the log. A checkpoint
// writes the second layer into the file, once the log has it, and then forgets it. So the file is
// only ever behind the log, never ahead, and whatever a crash leaves of it the log repairs: the
// first description of a page after a checkpoint has begun is a whole image, so that no byte of a
// page that the checkpoint may have half written is needed again.
//
// Beside the pages it keeps what the commits since the last checkpoint said, for the object's
// history (object_history.h), which the checkpoint brings up to date before anything else.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "object/alarm.h"
#include "object/hot_memory.h"
#include "object/object_history.h"
#include "object/object_key.h"
#include "object/page_delta.h"
#include "store/commit_log.h"
#include "store/file.h"

namespace selvage::object {

/// What all objects' pages have in common.
struct PagesInMemory {
  /// Committed pages that wait for a checkpoint.
  std::atomic<uint64_t> dirty_pages{0};
  /// Bytes of commits that wait for one.
  std::atomic<uint64_t> history_bytes{0};
  /// Whether commits go into histories. If not, a checkpoint removes the object's.
  bool keep_history = false;
  DamagedHistories damaged_histories;
  /// Bytes of a history from which on it is to be shortened, if it has no large base.
  uint64_t history_bytes_each = UINT64_MAX;
};

/// Shared by the object's thread, the checkpoints and the log's callbacks, whichever lets go last.
class ObjectPages {
 public:
  using PagePointer = std::shared_ptr<PageBytes>;

  /// Without a file of that path the object has no pages. `files` and `memory` must outlive it.
  static Result<std::shared_ptr<ObjectPages>> open(ObjectKey key, std::string path,
                                                   store::FileSystem& files, PagesInMemory& memory);
  ~ObjectPages();
  ObjectPages(const ObjectPages&) = delete;
  ObjectPages& operator=(const ObjectPages&) = delete;

  [[nodiscard]] const ObjectKey& key() const { return key_; }
  [[nodiscard]] const std::string& log_name() const { return log_name_; }
  [[nodiscard]] const std::string& path() const { return path_; }

  // --- The object's thread. Pages count from 1.

  /// Copies `size` bytes at `offset` of a page; zeros where it was never written.
  Status read(uint32_t number, uint32_t offset, char* into, uint32_t size);
  void write(uint32_t number, const char* page);
  void set_page_count(uint32_t count);
  /// In the transaction.
  [[nodiscard]] uint32_t page_count() const { return page_count_; }
  /// As of the last commit.
  [[nodiscard]] uint32_t committed_page_count() const { return committed_page_count_; }
  [[nodiscard]] size_t transaction_pages() const { return transaction_.size(); }

  /// What the transaction makes of the object's alarm, as its database says too.
  void set_alarm(Alarm alarm) { transaction_alarm_ = std::move(alarm); }

  struct Commit {
    std::string payload;
    /// The alarm, if it was changed.
    std::optional<Alarm> alarm;
    /// Whether the object had nothing to checkpoint before.
    bool became_dirty = false;
  };
  /// Moves the transaction's pages to the committed ones. nullopt when nothing changed. Otherwise
  /// `sequence` is the commit's, and the payload must be appended to the log. `time` is now;
  /// `restore`: as in Commitment, and then there is something to commit in any case.
  std::optional<Commit> commit(uint64_t sequence, uint64_t time, uint32_t restore = 0);
  /// Forgets the transaction's pages.
  void discard();

  /// A page of the last commit, which is likely to be written next; 0: there was none.
  [[nodiscard]] uint32_t last_written() const { return last_written_; }
  /// Where its bytes were then. Not to be read: a checkpoint may have let go of them.
  [[nodiscard]] const void* last_written_bytes() const { return last_written_bytes_; }
  void add_to(HotMemory& memory) const;

  // --- Recovery, before any thread uses it.

  Status redo(const store::Record& record);
  /// The alarm that the records which were redone set last.
  [[nodiscard]] const std::optional<Alarm>& redone_alarm() const { return alarm_; }

  // --- Any thread.

  /// From the log: the commits up to `sequence` are durable.
  void note_durable(uint64_t sequence);
  /// The object cannot go on: its memory and the log differ, or a read failed. The first reason is
  /// kept.
  void break_with(Error reason);
  [[nodiscard]] bool broken() const { return broken_.load(std::memory_order_acquire); }
  [[nodiscard]] Error reason() const;
  /// The last commit's, durable or not.
  [[nodiscard]] uint64_t sequence() const;
  /// Whether the last commit is durable.
  [[nodiscard]] bool all_durable() const;
  /// The last durable commit's number; 0: there was none since the object was loaded.
  [[nodiscard]] uint64_t durable_sequence() const;
  /// The commits since the last checkpoint, as put_history_commit() puts them. Take them before the
  /// history is opened, which then has all others.
  [[nodiscard]] std::string unfinished_commits() const;
  /// The first of them; ObjectHistory::kNone: there is none.
  [[nodiscard]] uint64_t first_unfinished() const;
  [[nodiscard]] std::string history_path() const;

  // --- Checkpoints, on one thread at a time.

  struct Snapshot {
    uint64_t sequence = 0;
    uint32_t page_count = 0;
    /// Pages of the file that are part of the database still. The others are zeros until written.
    uint32_t kept_pages = 0;
    std::vector<std::pair<uint32_t, PagePointer>> pages;
    /// What the index of alarms lacks.
    std::optional<Alarm> alarm;
  };
  /// What the file lacks, as of the last commit.
  Snapshot snapshot();
  /// Whether the log has all of it, so that it may go to the file.
  [[nodiscard]] bool durable(const Snapshot& snapshot) const;
  struct Written {
    /// To be synced; null when the file was removed.
    std::shared_ptr<store::File> file;
    /// Likewise; null when it has nothing new.
    std::shared_ptr<store::File> history;
    /// Whether their folder is to be synced, too.
    bool folder_changed = false;
    bool history_is_long = false;
  };
  /// Brings the history and the file to the snapshot, which the log has. Nothing is synced yet.
  Result<Written> write_out(const Snapshot& snapshot);
  /// Forgets the pages that the file now has durably. True: the object is still dirty, for commits
  /// made since.
  bool finish(const Snapshot& snapshot);
  /// The same in recovery, where the log keeps the records: the object stays dirty.
  void finish_spill(const Snapshot& snapshot);
  /// Closes the file until it is needed again.
  void release_file();
  /// Whether the file lacks something.
  [[nodiscard]] bool dirty() const;

  /// The right to append, once acquired. It belongs to these pages and not to who has them open: a
  /// new epoch may only follow what the log is known to hold, and commits may be on their way. The
  /// object's thread.
  store::Ownership ownership;
  /// Whether an ObjectStorage is open on it. Guarded by the store's registry.
  bool opened = false;
  /// The log's position when it became dirty. Guarded by the store's registry.
  uint64_t dirty_since = 0;
  /// Whether it was redone since the last spill. For recovery.
  bool resident = false;
  /// How many restores the object has had, once that was looked up. The object's thread.
  std::optional<uint32_t> restores;

 private:
  struct Committed {
    PagePointer page;
    uint64_t generation = 0;  // in which it was last described as an image
  };

  ObjectPages(ObjectKey key, std::string path, store::FileSystem& files, PagesInMemory& memory);
  Result<std::shared_ptr<store::File>> file();
  Status write_file(const Snapshot& snapshot, Written& written);
  Status write_history(Written& written);
  Result<std::optional<ObjectHistory>> begin_history();
  Status begin_history_after(const Snapshot& snapshot, Written& written);
  void note_folder_changed();
  Status read_from_file(uint32_t number, uint32_t offset, char* into, uint32_t size);
  void shrink_locked(uint32_t count);
  void count_dirty(size_t before);
  void keep_commit_locked(uint64_t sequence, std::string_view payload);

  const ObjectKey key_;
  const std::string log_name_;
  const std::string path_;
  store::FileSystem& files_;
  PagesInMemory& memory_;

  // The object's thread.
  std::unordered_map<uint32_t, PagePointer> transaction_;
  uint32_t page_count_ = 0;
  uint32_t committed_page_count_ = 0;
  std::optional<Alarm> transaction_alarm_;
  uint32_t last_written_ = 0;
  const void* last_written_bytes_ = nullptr;

  mutable std::mutex mutex_;
  std::unordered_map<uint32_t, Committed> committed_;
  uint64_t generation_ = 1;
  uint64_t sequence_ = 0;
  uint64_t durable_sequence_ = 0;
  /// The alarm as of the last commit that changed it since the last checkpoint.
  std::optional<Alarm> alarm_;
  bool dirty_ = false;
  uint32_t file_pages_ = 0;  // pages of the file that are part of the database
  uint32_t smallest_count_since_snapshot_ = 0;
  std::shared_ptr<store::File> file_;
  /// A file was made or removed, and that is not durable yet.
  bool folder_changed_ = false;
  /// The file is as a checkpoint left it that was completed, or there is none.
  bool file_intact_ = true;
  /// What the log has of commits since the last checkpoint, or is being told: those that a
  /// checkpoint has begun to take, then the rest.
  std::string taken_commits_;
  std::string new_commits_;
  /// The log had no commits of the object when it came into memory, and none has gone to the
  /// history since: it must be whole up to its last byte.
  bool history_is_finished_ = true;
  std::optional<Error> reason_;
  std::atomic<bool> broken_{false};
};

}  // namespace selvage::object
