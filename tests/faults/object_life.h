// A life of an object store: commits, checkpoints, rebuilds, deletions and restores of earlier
// states on a few objects, against a model that knows every acknowledged commit, and the bookmarks
// of some. While the disk works for a checkpoint or a batch of the log, other objects go on
// committing, as other threads would have them do.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

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
  /// A bookmark of a state that was durable.
  struct Known {
    std::string bookmark;
    Contents contents;
    /// When it was the newest state.
    uint64_t time = 0;
    /// Whether the time leads to it as well.
    bool by_time = false;
  };
  /// A restore that was asked for.
  struct Scheduled {
    Contents contents;
    /// Or one of these, of others whose answers were errors.
    std::vector<Contents> or_contents = {};
    std::string undo;
    /// Whether the answer was an error: it may happen or not.
    bool doubtful = false;
    /// Number of the state that it made; 0: not opened since.
    uint64_t number = 0;
    /// What the object held before that, if it is known.
    std::optional<Contents> before = std::nullopt;
    uint64_t time = 0;
  };
  struct Model {
    /// What the object may hold after a crash: the last acknowledged state, then those committed
    /// since.
    std::deque<State> states{State{}};
    uint64_t next_number = 1;
    uint64_t last_acknowledged = 0;
    std::vector<Known> known;
    std::optional<Scheduled> scheduled;
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
  void check_alarms();

  void note_bookmark(int object);
  /// Asks for a state that is known, and closes the object.
  void schedule_restore(int object);
  /// The object was opened: what was asked for has happened.
  void note_restore(int object);
  /// It is durable, and will not happen again.
  void settle_restore(Model& model);
  void fold_histories();

  std::unique_ptr<store::LocalCommitLog> log_;
  std::unique_ptr<store::CommitLog> wrapped_log_;
  std::unique_ptr<object::ObjectStore> store_;
  std::map<int, Model> models_;
  int depth_ = 0;
  uint64_t now_ = 1'000'000;
  /// Whether histories are shortened before their time, too.
  const bool short_histories_ = pick(4) == 0;
};

}  // namespace selvage::faults
