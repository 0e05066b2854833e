// The commit log on this machine's disk: one writer thread takes everything that is queued, writes
// it as one batch, syncs once, and completes all of it.
//
// When a write or a sync fails, every append of that batch fails, and nothing more goes to that
// segment: the next batch starts a new one, whose header says that the failed batch never happened.
// As long as no new segment can be started (the disk is full, or gone), every append fails; the log
// tries again with later appends, and goes on once it succeeds.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "store/commit_log.h"
#include "store/file.h"
#include "store/log_format.h"
#include "store/segment_pool.h"

namespace selvage::store {

struct LocalCommitLogOptions {
  /// Bytes of a segment file, rounded up to blocks. A batch that is larger gets a segment of its
  /// size.
  uint64_t segment_size = uint64_t{16} * 1024 * 1024;
  /// A batch takes no more records once it holds this many bytes.
  uint64_t batch_limit = uint64_t{8} * 1024 * 1024;
  /// After a failure to start a segment, appends fail at once for this long before the next try.
  std::chrono::milliseconds retry_interval{250};
  /// Off: the log has no threads. What was queued waits for run_queued(), barrier() or read(), and
  /// all is done on the caller's thread: for simulations that must go the same way each time.
  bool threads = true;
};

class LocalCommitLog final : public CommitLog {
 public:
  /// Reads what is in `directory` (made when missing). `files` must outlive the log. Blocks for as
  /// long as reading the log takes. Nobody else may have the log open.
  static Result<std::unique_ptr<LocalCommitLog>> open(FileSystem& files, std::string directory,
                                                      LocalCommitLogOptions options = {});
  /// Completes what was appended, then stops the threads.
  ~LocalCommitLog() override;

  Result<Ownership> acquire(std::string_view object) override;
  void append(Record record, Callback callback) override;
  void checkpoint(std::string_view object, uint64_t sequence) override;
  void barrier(Callback callback) override;
  Status recover(Visitor visitor) override;
  Status read(std::string_view object, Visitor visitor) override;
  [[nodiscard]] uint64_t position() const override {
    return position_.load(std::memory_order_relaxed);
  }

  /// Without threads: does what is queued.
  void run_queued();

  struct Statistics {
    uint64_t waiting = 0;  // appends and checkpoints that are not written yet
    uint64_t batches = 0;
    uint64_t records = 0;
    uint64_t bytes = 0;
    uint64_t failures = 0;
    uint64_t segments = 0;
  };
  /// As of the last batch, and what waits now.
  [[nodiscard]] Statistics statistics() const;

 private:
  /// What waits for the writer thread: an append, a checkpoint, or a task to run between batches.
  struct Request {
    enum class Kind { append, checkpoint, task } kind;
    Record record;
    Callback callback;
    UniqueFunction<void()> task;
  };
  /// What the log holds of one object.
  struct ObjectState {
    struct Span {
      uint64_t segment;
      uint64_t last_sequence;
    };
    uint64_t epoch = 0;
    uint64_t last_sequence = 0;
    /// Records below it were checkpointed.
    uint64_t first_kept = 0;
    std::vector<Span> spans;  // oldest first
    std::optional<uint64_t> failed_epoch;
  };

  LocalCommitLog(FileSystem& files, std::string directory, LocalCommitLogOptions options);
  Status load();
  Status carry_over();
  void cut(uint64_t segment, uint64_t size);
  void submit(Request request);
  void write_loop();
  void prepare_loop();
  void want_spare();
  void process(std::vector<Request>& requests);
  size_t process_batch(std::vector<Request>& requests, size_t first);
  Status admit(const Record& record);
  Status ensure_segment(uint64_t batch_size);
  Status begin_segment();
  [[nodiscard]] bool keeps(const LogEntry& entry) const;
  Status write_batch(std::string_view batch);
  void note_record(std::string_view object, uint64_t epoch, uint64_t sequence, uint64_t segment);
  void note_checkpoint(std::string_view object, uint64_t sequence);
  void note_failure(const Record& record);
  void retire_segments();
  Status read_on_writer(std::string_view object, Visitor& visitor);

  FileSystem& files_;
  const std::string directory_;
  const LocalCommitLogOptions options_;
  SegmentPool pool_;
  std::atomic<uint64_t> epoch_{0};
  std::atomic<uint64_t> position_{0};

  mutable std::mutex mutex_;
  std::condition_variable queued_;
  std::vector<Request> queue_;
  uint64_t newest_sequence_ = 0;
  bool stopping_ = false;
  Statistics statistics_;

  // The writer thread's; open() fills them before it starts.
  struct ObjectHash {
    using is_transparent = void;
    size_t operator()(std::string_view object) const {
      return std::hash<std::string_view>{}(object);
    }
  };
  std::unordered_map<std::string, ObjectState, ObjectHash, std::equal_to<>> objects_;
  std::map<uint64_t, uint64_t> live_objects_;  // by segment: objects with records in it
  std::unique_ptr<File> segment_;              // null until the first batch and after a failure
  SegmentHeader header_;
  uint64_t segment_end_ = 0;
  uint64_t next_batch_ = 1;
  uint64_t last_segment_ = 0;
  BatchBuilder builder_;
  /// The last batch of the process before, to be written into the first segment; and its salt.
  std::string carried_;
  uint32_t carried_salt_ = 0;
  /// The last segment has nothing else: the first one takes its place.
  bool carried_alone_ = false;
  /// A batch failed, and may be on the disk all the same; no segment makes it void yet.
  bool doubtful_ = false;
  std::vector<Status> results_;
  Status last_failure_;
  std::chrono::steady_clock::time_point next_try_{};

  std::mutex prepare_mutex_;
  std::condition_variable prepare_wanted_;
  bool spare_wanted_ = false;
  bool prepare_stopping_ = false;
  std::vector<uint64_t> retired_;
  std::thread preparer_;
  std::thread writer_;
};

}  // namespace selvage::store
