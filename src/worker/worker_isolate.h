// A worker on one loop: its isolate, made when it is first needed and put away when idle, the queue
// of events for it, and its invocations.
//
// It is a turn of the loop: when its turn comes it enters the isolate once and delivers what has
// queued up. While a script of it computes, on whichever thread, `busy` keeps every other thread
// out, and events only queue.
#pragma once

#include <v8.h>

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
#include "worker/event.h"
#include "worker/host.h"
#include "worker/invocation.h"
#include "worker/worker.h"

namespace selvage::worker {

class BodyTable;
class CallTable;
class ObjectTable;
class OperationTable;
class OutgoingTable;
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
  /// deployment before it goes live.
  Status check();
  /// No more requests will come: dispose of the isolate once what is in flight has ended. Durable
  /// Objects end at once.
  void retire();
  /// Nothing in flight, nothing queued: may be destroyed when retired.
  [[nodiscard]] bool idle() const;
  [[nodiscard]] bool retired() const { return retired_; }
  /// Puts the isolate away if it has been idle for the configured time.
  void put_away_if_idle();
  /// Queues a look at the objects, if any is awake: the idle ones are let go.
  void evict_idle_objects();
  [[nodiscard]] bool loaded() const { return isolate_ != nullptr; }
  [[nodiscard]] size_t invocations() const { return live_invocations_; }

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
  /// An invocation without a request: an object's event. It lasts until it is no longer held.
  InvocationId begin_internal(std::string description);
  /// Calls one of the builtins' functions; an exception in them is reported.
  void call_builtin(v8::Global<v8::Function>& function, int count, v8::Local<v8::Value>* arguments);
  /// Ends the invocation if it is over.
  void settle(Invocation& invocation);
  /// The same, from within uv_run, where its event may still be queued.
  void settle_later(Invocation& invocation);
  /// Keeps the code compiled so far for other isolates and processes.
  void store_code();
  /// The response is an error page; the exception is logged.
  void fail_invocation(Invocation& invocation, v8::Local<v8::Value> thrown);
  [[nodiscard]] js::StackMapper stack_mapper() const;
  void note_unhandled_rejection(v8::PromiseRejectMessage message);

  // Functions of the builtins that events call.
  struct Entries {
    v8::Global<v8::Function> dispatch_fetch;
    v8::Global<v8::Function> dispatch_entrypoint;
    v8::Global<v8::Function> dispatch_object;
    v8::Global<v8::Function> fire_timer;
    v8::Global<v8::Function> socket_message;
    v8::Global<v8::Function> socket_close;
    v8::Global<v8::Function> socket_error;
    v8::Global<v8::Function> run_object_events;
    v8::Global<v8::Function> reset_objects;
    v8::Global<v8::Function> evict_objects;
    void each(void (*visit)(v8::Global<v8::Function>&));
  };
  [[nodiscard]] Entries& entries() { return entries_; }

  [[nodiscard]] BodyTable& bodies() { return *bodies_; }
  [[nodiscard]] CallTable& calls() { return *calls_; }
  [[nodiscard]] ObjectTable& objects() { return *objects_; }
  [[nodiscard]] OperationTable& operations() { return *operations_; }
  [[nodiscard]] OutgoingTable& outgoing() { return *outgoing_; }
  [[nodiscard]] SocketTable& sockets() { return *sockets_; }
  [[nodiscard]] TimerTable& timers() { return *timers_; }

 private:
  static constexpr int kBatch = 32;

  Invocation* take_slot();
  /// With no event queued: nothing under way that could bring one.
  [[nodiscard]] bool nothing_can_happen() const;
  /// Requests that wait in vain get an error.
  void end_hung_invocations();
  bool load();
  void evaluate(Status& outcome);
  void deliver(Event& event);
  void after_event(Event& event, bool interrupted);
  void terminate_invocation(InvocationId id, std::string_view limit, std::string_view message);
  void report_unhandled_rejections();
  void drop_isolate(std::string_view why);
  void dispose();
  void end(Invocation& invocation);
  void wake_for_tasks(std::chrono::milliseconds delay);

  Host& host_;
  std::shared_ptr<const Worker> worker_;
  EventQueue events_;
  bool busy_ = false;
  bool retired_ = false;
  bool tasks_waiting_ = false;
  bool code_stored_ = false;
  uint64_t last_used_ms_ = 0;
  Status load_status_;
  std::unique_ptr<js::Isolate> isolate_;
  std::unique_ptr<js::ModuleGraph> modules_;
  Entries entries_;
  std::vector<std::unique_ptr<Invocation>> slots_;
  std::vector<uint32_t> free_slots_;
  size_t live_invocations_ = 0;
  struct Rejection {
    v8::Global<v8::Promise> promise;
    v8::Global<v8::Value> reason;
  };
  std::vector<Rejection> rejections_;
  std::unique_ptr<BodyTable> bodies_;
  std::unique_ptr<CallTable> calls_;
  std::unique_ptr<ObjectTable> objects_;
  std::unique_ptr<OperationTable> operations_;
  std::unique_ptr<OutgoingTable> outgoing_;
  std::unique_ptr<SocketTable> sockets_;
  std::unique_ptr<TimerTable> timers_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for callbacks from other threads
};

}  // namespace selvage::worker
