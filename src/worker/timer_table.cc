#include "worker/timer_table.h"

#include <vector>

#include "worker/worker_isolate.h"

namespace selvage::worker {

/// A timer, and the event of its firing.
class TimerTable::Entry final : public Event {
 public:
  Entry(TimerTable& table, loop::Loop& loop, AsyncContext context, int32_t id,
        std::chrono::milliseconds delay, bool repeat)
      : Event(context.invocation, context.section),
        table_(table),
        timer(loop),
        id(id),
        delay(delay),
        repeat(repeat) {}

  void deliver(WorkerIsolate& isolate) override {
    if (stopped) return;
    v8::Local<v8::Value> argument = v8::Integer::New(isolate.v8(), id);
    isolate.call_builtin(isolate.entries().fire_timer, 1, &argument);
  }

  void release(bool) override {
    queued = false;
    if (!stopped && repeat) {
      table_.arm(*this);
      return;
    }
    if (!stopped) table_.forget(*this);
    table_.entries_.erase(id);  // deletes this
  }

 private:
  TimerTable& table_;

 public:
  loop::Timer timer;
  const int32_t id;
  const std::chrono::milliseconds delay;
  const bool repeat;
  bool queued = false;
  bool stopped = false;
};

TimerTable::TimerTable(WorkerIsolate& isolate) : isolate_(isolate) {}

TimerTable::~TimerTable() = default;

int32_t TimerTable::start(AsyncContext context, std::chrono::milliseconds delay, bool repeat) {
  const int32_t id = ++last_id_;
  auto entry = std::make_unique<Entry>(*this, isolate_.host().loop, context, id, delay, repeat);
  arm(*entry);
  entries_.emplace(id, std::move(entry));
  of_invocation_[context.invocation].insert(id);
  return id;
}

void TimerTable::arm(Entry& entry) {
  isolate_.host().loop.update_now();  // the script may have computed since the last poll
  entry.timer.start(entry.delay, [this, &entry] {
    entry.queued = true;
    isolate_.enqueue(entry);
  });
}

void TimerTable::stop(int32_t id) {
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second->stopped) return;
  Entry& entry = *found->second;
  forget(entry);
  if (entry.queued) {
    entry.stopped = true;  // the queue still points to it; release() ends it
  } else {
    entries_.erase(found);
  }
}

void TimerTable::forget(Entry& entry) {
  const auto ids = of_invocation_.find(entry.invocation());
  if (ids == of_invocation_.end()) return;
  ids->second.erase(entry.id);
  if (ids->second.empty()) of_invocation_.erase(ids);
}

void TimerTable::stop_all() {
  dropped_.clear();
  of_invocation_.clear();
  entries_.clear();
}

size_t TimerTable::count(InvocationId invocation) const {
  const auto ids = of_invocation_.find(invocation);
  return ids == of_invocation_.end() ? 0 : ids->second.size();
}

void TimerTable::stop_of(InvocationId invocation) {
  const auto ids = of_invocation_.find(invocation);
  if (ids == of_invocation_.end()) return;
  const std::vector<int32_t> all(ids->second.begin(), ids->second.end());
  for (int32_t id : all) stop(id);
  dropped_.insert(dropped_.end(), all.begin(), all.end());
}

}  // namespace selvage::worker
