// setTimeout and setInterval of an isolate.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "loop/loop.h"
#include "worker/async_context.h"
#include "worker/event.h"

namespace selvage::worker {

/// The loop's holder only.
class TimerTable {
 public:
  /// Active timers of one invocation; workerd's limit.
  static constexpr size_t kMostForInvocation = 10'000;

  explicit TimerTable(WorkerIsolate& isolate);
  ~TimerTable();

  /// Id of a new timer, which fires every `delay` when `repeat`.
  int32_t start(AsyncContext context, std::chrono::milliseconds delay, bool repeat);
  /// Ids that are not there (any more) are ignored.
  void stop(int32_t id);
  void stop_all();
  /// Timers that `invocation` still has.
  [[nodiscard]] size_t count(InvocationId invocation) const;
  void stop_of(InvocationId invocation);
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  /// Ids of timers that stop_of() has stopped, once: whoever keeps their callbacks may let go.
  std::vector<int32_t> take_dropped() { return std::exchange(dropped_, {}); }

 private:
  class Entry;
  void arm(Entry& entry);
  void forget(Entry& entry);

  WorkerIsolate& isolate_;
  int32_t last_id_ = 0;
  std::unordered_map<int32_t, std::unique_ptr<Entry>> entries_;
  std::unordered_map<InvocationId, std::unordered_set<int32_t>> of_invocation_;
  std::vector<int32_t> dropped_;
};

}  // namespace selvage::worker
