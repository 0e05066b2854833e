// A worker on one loop: its isolate, made when it is first needed and put away when idle, the queue
// of events for it, and its invocations.
//
// It is a turn of the loop: when its turn comes it enters the isolate once and delivers what has
// queued up. While a script of it computes, on whichever thread, `busy` keeps every other thread
// out, and events only queue.
#pragma once

#include <v8.h>

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "js/exception.h"
#include "js/isolate.h"
#include "js/module_graph.h"
#include "loop/loop.h"
#include "loop/watchdog.h"
#include "worker/async_context.h"
#include "worker/event.h"
#include "worker/host.h"
#include "worker/invocation.h"
#include "worker/worker.h"

namespace selvage::worker {

class BodyTable;
class CallTable;
class KvUploads;
class ObjectTable;
class OperationTable;
class OutgoingTable;
class RecordTable;
class RpcTable;
class SocketTable;
class TimerTable;

/// All calls by the loop's holder, unless they say "inside": then on the thread that runs the
/// isolate, in a call from JavaScript, where a NativeSection guards what belongs to the loop.
class WorkerIsolate final : public loop::Turn, public loop::Interruptible {
 public:
  WorkerIsolate(Host& host, std::shared_ptr<const Worker> worker);
  ~WorkerIsolate() override;

  /// Answers `exchange` in time. `owner`, if any, keeps the exchange alive.
  void fetch(http::Exchange& exchange, std::unique_ptr<Target> target = nullptr,
             std::shared_ptr<void> owner = nullptr);
  /// Queues an event; takes it over (see Event::release).
  void enqueue(Event& event);

  /// Loads the isolate now, if need be, and says whether the worker can run. For checking a
  /// deployment before it goes live. `exports`, if given, gets what the main module exports when
  /// this call loads it: JSON, see describeExports() in builtins/dispatch.ts.
  Status check(std::string* exports = nullptr);
  /// No more requests will come: dispose of the isolate once what is in flight has ended. Durable
  /// Objects lose their storage at once, and end after the code update's grace.
  void retire();
  /// Nothing in flight, nothing queued: may be destroyed when retired.
  [[nodiscard]] bool idle() const;
  [[nodiscard]] bool retired() const { return retired_; }
  /// Whether objects of the worker live in here, when this loop is their home: else another
  /// version of it has them. At first they do.
  void set_hosts_objects(bool hosts) { hosts_objects_ = hosts; }
  [[nodiscard]] bool hosts_objects() const { return hosts_objects_ && !retired_; }
  /// Nothing is left in it that a new one would not have: no isolate, no event, no WebSocket.
  [[nodiscard]] bool empty() const;
  /// Puts the isolate away if it has been idle for the configured time.
  void put_away_if_idle();
  /// Queues a look at the objects, if any is awake: the idle ones are let go.
  void evict_idle_objects();
  /// Ends the events that have taken longer than they may (Target::wall_ms).
  void end_overdue();
  [[nodiscard]] bool loaded() const { return isolate_ != nullptr; }
  [[nodiscard]] size_t invocations() const { return live_invocations_; }
  /// Adds what it has now to the figures of its worker, which were set to zero. Ends records that
  /// belong to no event.
  void add_figures();
  [[nodiscard]] signals::WorkerCounters& counters() { return counters_; }
  /// Code of it runs, and pays at the end.
  [[nodiscard]] bool in_stretch() const { return entered_ != 0; }
  /// Durable Objects that are in memory.
  [[nodiscard]] size_t awake_objects() const { return awake_objects_; }

  void run() override;
  void interrupt() override;
  void abandon(pthread_t thread) override;

  [[nodiscard]] Host& host() { return host_; }
  [[nodiscard]] const Worker& worker() const { return *worker_; }
  [[nodiscard]] const std::shared_ptr<const Worker>& shared_worker() const { return worker_; }

  // Inside.
  static WorkerIsolate& from(v8::Isolate* isolate) {
    return js::Isolate::from(isolate).owner<WorkerIsolate>();
  }
  [[nodiscard]] v8::Isolate* v8() const { return isolate_->v8(); }
  [[nodiscard]] v8::Local<v8::Context> context() const { return isolate_->context(); }
  [[nodiscard]] js::Isolate& isolate() { return *isolate_; }
  /// The invocation that the running code belongs to; 0 outside of any.
  [[nodiscard]] InvocationId current_invocation() const;
  /// nullptr when it is over.
  [[nodiscard]] Invocation* find(InvocationId id);
  /// An invocation without a request: an RPC session's. Held once; 0: too many.
  InvocationId begin_call(std::string description);
  /// The invocation of a Durable Object, from its construction to end_object(); 0: too many.
  InvocationId begin_object(std::string description);
  /// The object is gone: nothing that its code started goes on. `reset`, if any, is what its open
  /// WebSockets are told.
  void end_object(Invocation& invocation, std::string_view reset);
  /// Stops the running code, which is the object's; then the object is reset for `reason`.
  void abort_object(Invocation& invocation, std::string reason);
  /// An event of the object begins: what runs now, and its CPU time, is the object's.
  void enter_object(Invocation& invocation);
  /// A critical section of an object begins.
  void enter_section(AsyncContext context);
  /// The object's input gate: the innermost open critical section, 0 when there is none.
  void set_open_section(Invocation& invocation, SectionId innermost);
  /// Delivers what an input gate has parked, before any other event.
  void resume_parked(Invocation& invocation) { resumed_.append(invocation.parked()); }
  /// Calls one of the builtins' functions; an exception in them is reported.
  void call_builtin(v8::Global<v8::Function>& function, int count, v8::Local<v8::Value>* arguments);
  /// Ends the invocation if it is over.
  void settle(Invocation& invocation);
  /// The same, from within uv_run, where its event may still be queued.
  void settle_later(Invocation& invocation);
  /// Much of what was in memory is not needed any more: collects it soon.
  void give_back_memory() { give_back_memory_ = true; }
  /// The event has run into the limit of its wall time.
  void end_late(InvocationId id);
  /// Keeps the code compiled so far for other isolates and processes.
  void store_code();
  /// The response is an error page; the exception is logged.
  /// `encoded`: the same for a caller in this process.
  void fail_invocation(Invocation& invocation, v8::Local<v8::Value> thrown, std::string encoded);
  [[nodiscard]] js::StackMapper stack_mapper() const;
  void note_unhandled_rejection(v8::PromiseRejectMessage message);

  // Functions of the builtins that events call.
  struct Entries {
    v8::Global<v8::Function> dispatch_fetch;
    v8::Global<v8::Function> dispatch_entrypoint;
    v8::Global<v8::Function> dispatch_object;
    v8::Global<v8::Function> dispatch_scheduled;
    v8::Global<v8::Function> dispatch_tail;
    v8::Global<v8::Function> fire_timer;
    v8::Global<v8::Function> socket_message;
    v8::Global<v8::Function> socket_close;
    v8::Global<v8::Function> socket_error;
    v8::Global<v8::Function> run_object_events;
    v8::Global<v8::Function> reset_object;
    v8::Global<v8::Function> evict_objects;
    v8::Global<v8::Function> end_objects;
    v8::Global<v8::Function> rpc_accept;
    v8::Global<v8::Function> rpc_message;
    v8::Global<v8::Function> rpc_closed;
    void each(void (*visit)(v8::Global<v8::Function>&));
  };
  [[nodiscard]] Entries& entries() { return entries_; }

  [[nodiscard]] BodyTable& bodies() { return *bodies_; }
  [[nodiscard]] CallTable& calls() { return *calls_; }
  [[nodiscard]] KvUploads& kv_uploads() { return *kv_uploads_; }
  [[nodiscard]] ObjectTable& objects() { return *objects_; }
  [[nodiscard]] OperationTable& operations() { return *operations_; }
  [[nodiscard]] OutgoingTable& outgoing() { return *outgoing_; }
  [[nodiscard]] RecordTable& records() { return *records_; }
  [[nodiscard]] RpcTable& rpc() { return *rpc_; }
  [[nodiscard]] SocketTable& sockets() { return *sockets_; }
  [[nodiscard]] TimerTable& timers() { return *timers_; }

 private:
  static constexpr int kBatch = 32;
  /// Events of objects that run after one of the isolate's, before the next of those.
  static constexpr int kMostObjectEvents = 64;
  static constexpr size_t kMostSpareInvocations = 64;

  struct Slot {
    uint32_t generation = 0;
    uint32_t next_free = 0;
    std::unique_ptr<Invocation> invocation;  // nullptr: free
  };

  Invocation* take_slot();
  /// With no event queued: nothing under way that could bring one.
  [[nodiscard]] bool nothing_can_happen() const;
  /// Requests that wait in vain get an error.
  void end_hung_invocations();
  bool load(std::string* exports = nullptr);
  void evaluate(Status& outcome, std::string* exports);
  void deliver(Event& event);
  void run_object_events();
  void reset_cut_short();
  template <class Call>
  [[nodiscard]] bool run_stretch(AsyncContext context, std::chrono::nanoseconds budget,
                                 Call&& call);
  void stop_runaway(InvocationId running);
  void terminate_invocation(InvocationId id, std::string_view limit, std::string_view message);
  void report_unhandled_rejections();
  void drop_isolate(std::string_view why);
  void dispose();
  void end(Invocation& invocation);
  void limit_wait(Invocation& invocation);
  void end_late_waits();
  void trim_spare();
  void collect();
  void wake_for_tasks(std::chrono::milliseconds delay);

  Host& host_;
  std::shared_ptr<const Worker> worker_;
  signals::WorkerCounters& counters_;
  EventQueue events_;
  EventQueue resumed_;        // inside only: goes before everything else
  InvocationId entered_ = 0;  // inside only: pays for the stretch that runs
  InvocationId aborted_ = 0;  // inside only: the object whose code has ended itself, and why
  std::string abort_reason_;
  InvocationId ended_ = 0;  // the last that ended within the stretch, and what it had used before
  std::chrono::nanoseconds ended_cpu_{};
  uint64_t memory_bytes_ = 0;  // when it was last looked at
  bool busy_ = false;
  bool retired_ = false;
  bool hosts_objects_ = true;
  bool tasks_waiting_ = false;
  bool code_stored_ = false;
  bool give_back_memory_ = false;
  uint64_t last_used_ms_ = 0;
  Status load_status_;
  std::unique_ptr<js::Isolate> isolate_;
  std::unique_ptr<js::ModuleGraph> modules_;
  Entries entries_;
  std::vector<Slot> slots_;
  uint32_t first_free_ = 0;  // a FIFO of slots, so that an id comes back as late as possible
  uint32_t last_free_ = 0;
  size_t free_slots_ = 0;
  struct Wait {
    InvocationId invocation;
    uint64_t until_ms;
  };
  std::deque<Wait> waits_;  // for waitUntil() alone, in the order of their ends
  std::unique_ptr<loop::Timer> wait_timer_;
  uint64_t retired_at_ms_ = 0;
  bool objects_ended_ = false;
  std::vector<std::unique_ptr<Invocation>> spare_;
  struct Deadline {
    InvocationId id = 0;
    std::chrono::steady_clock::time_point time;
  };
  std::vector<Deadline> deadlines_;  // of events with a limit of wall time
  size_t live_invocations_ = 0;
  size_t awake_objects_ = 0;    // among them
  size_t blocked_objects_ = 0;  // with an open critical section
  struct Rejection {
    v8::Global<v8::Promise> promise;
    v8::Global<v8::Value> reason;
    InvocationId invocation = 0;
  };
  std::vector<Rejection> rejections_;
  std::unique_ptr<BodyTable> bodies_;
  std::unique_ptr<CallTable> calls_;
  std::unique_ptr<KvUploads> kv_uploads_;
  std::unique_ptr<ObjectTable> objects_;
  std::unique_ptr<OperationTable> operations_;
  std::unique_ptr<OutgoingTable> outgoing_;
  std::unique_ptr<RecordTable> records_;
  std::unique_ptr<RpcTable> rpc_;
  std::unique_ptr<SocketTable> sockets_;
  std::unique_ptr<TimerTable> timers_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for callbacks from other threads
};

/// A worker that calls its own entrypoints calls this version's; objects are where they are.
inline void stay_with_version(const WorkerIsolate& caller, std::string_view callee,
                              Target& target) {
  if (target.object_class.empty() && callee == caller.worker().name()) {
    target.version = caller.worker().version().id;
  }
}

}  // namespace selvage::worker
