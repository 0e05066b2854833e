// A life of an object store: commits, checkpoints, rebuilds and deletions on a few objects, against
// a model that knows every acknowledged commit. While the disk works for a checkpoint or a batch of
// the log, other objects go on committing, as other threads would have them do.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "life.h"
#include "object/object_store.h"
#include "store/local_commit_log.h"

namespace selvage::faults {

class ObjectLife final : public Life {
 public:
  ObjectLife(uint64_t seed, LifeOptions options) : Life(seed, std::move(options)) {}
  ~ObjectLife() override { close_all(); }

 private:
  using Contents = std::map<std::string, std::string>;
  struct State {
    uint64_t number = 0;
    Contents contents;
  };
  struct Model {
    /// What the object may hold after a crash: the last acknowledged state, then those committed
    /// since.
    std::deque<State> states{State{}};
    uint64_t next_number = 1;
    uint64_t last_acknowledged = 0;
    std::unique_ptr<object::ObjectStorage> storage;
    /// Its code runs: nothing else may call it meanwhile.
    bool busy = false;
  };
  static constexpr int kObjects = 4;

  bool open() override;
  void close() override { close_all(); }
  void work() override;
  void check_everything() override;
  void check_service() override;

  void close_all();
  void run_log();
  void checkpoint();
  void meanwhile();
  /// Commits something on the object. False: there was an error.
  bool turn(int object, bool may_open);
  bool write_something(object::ObjectStorage& storage, Contents& contents);
  object::ObjectStorage* opened(int object);
  Status commit(int object, object::ObjectStorage& storage, Contents contents);
  void acknowledged(int object, uint64_t number);
  /// Reads the object, and compares. What it was seen to hold, durably, it must hold from then on.
  bool check(int object, object::ObjectStorage& storage);
  void check_files();

  std::unique_ptr<store::LocalCommitLog> log_;
  std::unique_ptr<store::CommitLog> wrapped_log_;
  std::unique_ptr<object::ObjectStore> store_;
  std::map<int, Model> models_;
  int depth_ = 0;
};

}  // namespace selvage::faults
