// A life of the commit log by itself: owners that append, fail, acquire anew and rebuild; stale
// owners and gaps that must be refused; checkpoints that let segments go and be recycled.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "life.h"
#include "store/local_commit_log.h"

namespace selvage::faults {

class LogLife final : public Life {
 public:
  LogLife(uint64_t seed, LifeOptions options) : Life(seed, std::move(options)) {}
  ~LogLife() override { close(); }

 private:
  struct Appended {
    uint64_t epoch = 0;
    uint64_t sequence = 0;
    std::string payload;
    bool acknowledged = false;
  };
  struct Model {
    /// In the order of their appends; those that are known never to have happened are left out.
    std::deque<Appended> records;
    /// Records up to it may be gone.
    uint64_t checkpointed = 0;
    store::Ownership ownership;
    /// The last append failed, or the log was opened anew: to be acquired.
    bool owned = false;
    uint64_t highest_sequence = 0;
    uint64_t highest_epoch = 0;
  };
  static constexpr int kObjects = 5;

  bool open() override;
  void close() override;
  void work() override;
  void check_everything() override;
  void check_service() override;

  bool acquire(int object);
  void append(int object, uint64_t size);
  void append_what_must_be_refused(int object);
  void checkpoint(int object);
  /// Compares what the log gave of the object, oldest first; from then on that is what happened.
  void settle(int object, const std::vector<store::Record>& found);
  bool read(int object);
  store::CommitLog& log() { return wrapped_log_ ? *wrapped_log_ : *log_; }

  std::unique_ptr<store::LocalCommitLog> log_;
  std::unique_ptr<store::CommitLog> wrapped_log_;
  std::map<int, Model> models_;
};

}  // namespace selvage::faults
