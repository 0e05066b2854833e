// The storages of the Durable Objects that are awake in an isolate, and their output gates.
#pragma once

#include <v8.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/function.h"
#include "object/object_storage.h"
#include "worker/event.h"

namespace selvage::worker {

class Operation;

/// The loop's holder only.
class ObjectTable {
 public:
  explicit ObjectTable(WorkerIsolate& isolate) : isolate_(isolate) {}
  ~ObjectTable();

  Result<int32_t> open(std::string_view namespace_key, std::string_view id);
  /// `discard`: the object was reset, what its turn has written so far never happened.
  void close(int32_t handle, bool discard);
  /// The storage for reading; an error says why there is none (any more).
  Result<object::ObjectStorage*> find(int32_t handle);
  /// The same for writing: commit() will see to it.
  /// `unconfirmed`: the output gate need not wait for this write.
  Result<object::ObjectStorage*> find_to_write(int32_t handle, bool unconfirmed);

  /// An event that will use the storage is in the queue.
  void expect_use(int32_t handle);

  /// The storage for a call that may compute for long, during which another thread may carry the
  /// loop on: it is not closed before end_use(). What the call wrote, commit() will see to.
  Result<object::ObjectStorage*> use(int32_t handle);
  void end_use(int32_t handle);

  /// Whether an object that is awake will be woken by its alarm.
  [[nodiscard]] bool expects_alarm();

  /// End of a turn: commits what it wrote, all of an object's writes together.
  void commit();
  /// Instead, of a turn that was stopped: the storages that it has written to, by their handles.
  std::vector<int32_t> cut_short();
  /// A promise for the moment when what was written so far is durable; empty (without exception)
  /// when it is. Promises settle in the order in which they were asked for, and none is empty while
  /// one before it has not reached the script: so what waits for them leaves in order.
  /// `sync`: for the object's own code, which its input gate may hold up, and of all writes; else
  /// for the output gate, of those that are not allowed to be unconfirmed.
  v8::MaybeLocal<v8::Value> barrier(int32_t handle, bool sync);

  /// The same for native code: 0 when all is durable, else the number of the commit that will make
  /// it so; and a call when what was written so far is durable or lost. Calls come in the order in
  /// which they were asked for, never from within when_durable().
  [[nodiscard]] uint64_t pending_commit(int32_t handle) const;
  void when_durable(int32_t handle, UniqueFunction<void(const Status&)> callback);

  /// The objects' code is replaced: their storages are closed, whoever uses them gets `message`.
  void detach_all(std::string_view message);
  void close_all();

  /// runObjectEvents() is due.
  bool events_pending = false;

 private:
  struct Waiter {
    uint64_t sequence;                             // kNextCommit: of the commit to come
    std::shared_ptr<Operation> operation;          // of a script that waits
    UniqueFunction<void(const Status&)> callback;  // or native code
  };
  struct Entry {
    std::unique_ptr<object::ObjectStorage> storage;
    uint64_t committed = 0;
    uint64_t durable = 0;
    uint64_t commits = 0;  // made, empty ones included
    bool dirty = false;
    bool touched = false;      // written to since the last turn ended
    bool gating = false;       // the output gate waits for what is dirty
    uint64_t gate = 0;         // and for commits up to this one
    uint64_t last_gating = 0;  // the last of `commits` that it waits for
    [[nodiscard]] bool open() const { return !gating && gate <= durable; }
    bool in_use = false;
    bool to_close = false;  // when it is not in use any more
    std::vector<Waiter> waiters;
    std::shared_ptr<int> settling = std::make_shared<int>(0);  // with the promises on their way
  };
  static constexpr uint64_t kNextCommit = UINT64_MAX;

  void commit(int32_t handle, Entry& entry);
  /// What somebody who asks now waits for.
  static uint64_t sequence_of(const Entry& entry, bool sync);
  void mark_dirty(int32_t handle, Entry& entry, bool unconfirmed);
  void on_durable(int32_t handle, uint64_t sequence, const Status& status);
  static void settle(Entry& entry, Waiter& waiter, Status status);
  static void fail_waiters(Entry& entry, const Error& error);

  WorkerIsolate& isolate_;
  int32_t last_handle_ = 0;
  int32_t last_expected_ = 0;
  std::unordered_map<int32_t, Entry> entries_;
  std::vector<int32_t> dirty_;
  std::string detached_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for the commit log's answers
};

}  // namespace selvage::worker
