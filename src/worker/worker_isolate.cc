#include "worker/worker_isolate.h"

#include "base/log.h"
#include "js/native.h"
#include "store/sqlite_memory.h"
#include "worker/body_table.h"
#include "worker/call_table.h"
#include "worker/error_page.h"
#include "worker/kv_uploads.h"
#include "worker/local_exchange.h"
#include "worker/object_table.h"
#include "worker/operation.h"
#include "worker/outgoing_table.h"
#include "worker/record_table.h"
#include "worker/rpc_table.h"
#include "worker/socket_table.h"
#include "worker/timer_table.h"

namespace selvage::worker {
namespace {

// A million invocations at once: every Durable Object in memory has one.
constexpr uint32_t kSlotBits = 20;
constexpr uint32_t kSlotMask = (1u << kSlotBits) - 1;
constexpr uint32_t kGenerations = 1u << (31 - kSlotBits);  // ids stay small integers of V8
// Slots rest before they are used again: with kGenerations, two million invocations pass before an
// id comes back.
constexpr size_t kRestingSlots = 1024;

constexpr std::string_view kCodeUpdated = "Durable Object reset because its code was updated.";

/// Looks whether an invocation is over.
class Check final : public Event {
 public:
  explicit Check(InvocationId invocation) : Event(invocation) {}
  void deliver(WorkerIsolate& isolate) override {
    loop::NativeSection native(isolate.host().loop);
    if (Invocation* invocation = isolate.find(this->invocation())) isolate.settle(*invocation);
  }
};

/// Events of objects that did not get their turn after the event which caused them.
class ObjectEvents final : public Event {
 public:
  ObjectEvents() : Event(0) {}
  void deliver(WorkerIsolate&) override {}  // they run after every event
};

/// Resets an object whose script was stopped, or has stopped itself.
class ObjectReset final : public Event {
 public:
  ObjectReset(InvocationId object, std::string message, bool overloaded)
      : Event(0), object_(object), message_(std::move(message)), overloaded_(overloaded) {}
  void deliver(WorkerIsolate& isolate) override {
    v8::Local<v8::Value> arguments[] = {
        v8::Integer::New(isolate.v8(), static_cast<int32_t>(object_)),
        js::make_string(isolate.v8(), message_), v8::Boolean::New(isolate.v8(), overloaded_)};
    isolate.call_builtin(isolate.entries().reset_object, 3, arguments);
  }

 private:
  InvocationId object_;
  std::string message_;
  bool overloaded_;
};

/// Keeps the code that V8 has compiled by now.
class CodeStoring final : public Event {
 public:
  CodeStoring() : Event(0) {}
  void deliver(WorkerIsolate& isolate) override { isolate.store_code(); }
};

/// Ends an event that has taken too long.
class Late final : public Event {
 public:
  explicit Late(InvocationId late) : Event(0), late_(late) {}
  void deliver(WorkerIsolate& isolate) override {
    loop::NativeSection native(isolate.host().loop);
    isolate.end_late(late_);
  }

 private:
  InvocationId late_;
};

/// Lets go of objects that nobody has called for a while.
class Eviction final : public Event {
 public:
  Eviction() : Event(0) {}
  void deliver(WorkerIsolate& isolate) override {
    const HostSettings& settings = isolate.host().settings;
    v8::Local<v8::Value> arguments[] = {
        v8::Number::New(isolate.v8(), static_cast<double>(settings.object_idle.count())),
        v8::Number::New(isolate.v8(), static_cast<double>(settings.object_block_limit.count()))};
    isolate.call_builtin(isolate.entries().evict_objects, 2, arguments);
  }
};

/// Ends all objects: their code was replaced a while ago.
class ObjectsEnd final : public Event {
 public:
  ObjectsEnd() : Event(0) {}
  void deliver(WorkerIsolate& isolate) override {
    v8::Local<v8::Value> message = js::make_string(isolate.v8(), kCodeUpdated);
    isolate.call_builtin(isolate.entries().end_objects, 1, &message);
  }
};

void on_promise_reject(v8::PromiseRejectMessage message) {
  WorkerIsolate::from(v8::Isolate::GetCurrent()).note_unhandled_rejection(message);
}

}  // namespace

void WorkerIsolate::Entries::each(void (*visit)(v8::Global<v8::Function>&)) {
  for (v8::Global<v8::Function>* function :
       {&dispatch_fetch, &dispatch_entrypoint, &dispatch_object, &dispatch_scheduled,
        &dispatch_tail, &fire_timer, &socket_message, &socket_close, &socket_error,
        &run_object_events, &reset_object, &evict_objects, &end_objects, &rpc_accept, &rpc_message,
        &rpc_closed}) {
    visit(*function);
  }
}

WorkerIsolate::WorkerIsolate(Host& host, std::shared_ptr<const Worker> worker)
    : host_(host),
      worker_(std::move(worker)),
      counters_(host.signals.counters.of(worker_->name())),
      bodies_(std::make_unique<BodyTable>(*this)),
      calls_(std::make_unique<CallTable>()),
      kv_uploads_(std::make_unique<KvUploads>()),
      objects_(std::make_unique<ObjectTable>(*this)),
      operations_(std::make_unique<OperationTable>()),
      outgoing_(std::make_unique<OutgoingTable>(*this)),
      records_(std::make_unique<RecordTable>(*this)),
      rpc_(std::make_unique<RpcTable>(*this)),
      sockets_(std::make_unique<SocketTable>(*this)),
      timers_(std::make_unique<TimerTable>(*this)) {}

WorkerIsolate::~WorkerIsolate() {
  *alive_ = false;
  host_.loop.unschedule(*this);
  if (isolate_) drop_isolate("the server is shutting down");
}

// --- Requests and events ---------------------------------------------------------------------

void WorkerIsolate::fetch(http::Exchange& exchange, std::unique_ptr<Target> target,
                          std::shared_ptr<void> owner) {
  Invocation* invocation = take_slot();
  if (invocation == nullptr) {
    respond_error(exchange, {503, "Too many requests in flight", "", "Try again in a moment"},
                  false);
    return;
  }
  if (target && target->wall_ms != 0) {
    deadlines_.push_back({invocation->id(), std::chrono::steady_clock::now() +
                                                std::chrono::milliseconds(target->wall_ms)});
  }
  invocation->begin(exchange, std::move(target), std::move(owner));
  if (records_->wants_events()) records_->begin(*invocation);
  enqueue(*invocation);
}

Invocation* WorkerIsolate::take_slot() {
  uint32_t index = 0;
  if (free_slots_ > kRestingSlots || (free_slots_ > 0 && slots_.size() == kSlotMask)) {
    index = first_free_;
    first_free_ = slots_[index].next_free;
    --free_slots_;
  } else if (slots_.size() < kSlotMask) {
    index = static_cast<uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    return nullptr;
  }
  Slot& slot = slots_[index];
  const InvocationId id = slot.generation << kSlotBits | (index + 1);
  if (spare_.empty()) {
    slot.invocation = std::make_unique<Invocation>(*this);
  } else {
    slot.invocation = std::move(spare_.back());
    spare_.pop_back();
  }
  slot.invocation->set_id(id);
  ++live_invocations_;
  return slot.invocation.get();
}

InvocationId WorkerIsolate::begin_object(std::string description) {
  Invocation* invocation = take_slot();
  if (invocation == nullptr) return 0;
  invocation->begin_object(std::move(description));
  ++awake_objects_;
  return invocation->id();
}

InvocationId WorkerIsolate::begin_call(std::string description) {
  Invocation* invocation = take_slot();
  if (invocation == nullptr) return 0;
  invocation->begin_call(std::move(description));
  return invocation->id();
}

void WorkerIsolate::end_object(Invocation& invocation, std::string_view reset) {
  const InvocationId id = invocation.id();
  if (!rpc_->empty()) rpc_->end_of(id, reset);
  if (invocation.waiting()) operations_->cancel_of(id);
  if (invocation.held()) sockets_->close_of(id, 1011, reset);
  outgoing_->break_of(id, Error{ErrorCode::aborted, std::string(reset), ""});
  end(invocation);
}

void WorkerIsolate::abort_object(Invocation& invocation, std::string reason) {
  aborted_ = invocation.id();
  abort_reason_ = std::move(reason);
  isolate_->terminate();
}

void WorkerIsolate::enter_object(Invocation& invocation) {
  invocation.refill();
  entered_ = invocation.id();
  set_async_context(v8(), {invocation.id(), 0});
}

void WorkerIsolate::enqueue(Event& event) {
  events_.push(event);
  if (!busy_) host_.loop.schedule(*this);
}

void WorkerIsolate::set_open_section(Invocation& invocation, SectionId innermost) {
  if (invocation.open_section() != 0) --blocked_objects_;
  invocation.set_open_section(innermost);
  if (innermost != 0) ++blocked_objects_;
}

void WorkerIsolate::enter_section(AsyncContext context) {
  entered_ = context.invocation;
  set_async_context(v8(), context);
}

Invocation* WorkerIsolate::find(InvocationId id) {
  const uint32_t index = (id & kSlotMask) - 1;
  if (index >= slots_.size()) return nullptr;
  Invocation* invocation = slots_[index].invocation.get();
  return invocation != nullptr && invocation->id() == id ? invocation : nullptr;
}

InvocationId WorkerIsolate::current_invocation() const {
  return async_context(isolate_->v8()).invocation;
}

void WorkerIsolate::end(Invocation& invocation) {
  const InvocationId id = invocation.id();
  if (!rpc_->empty()) rpc_->end_of(id, {});
  timers_->stop_of(id);
  if (invocation.has_bodies()) bodies_->end_of(id);
  calls_->end_of(id);
  kv_uploads_->end_of(id);
  if (invocation.object()) {
    set_open_section(invocation, 0);
    --awake_objects_;
  }
  const bool lost = isolate_ && isolate_->lost();
  while (Event* event = invocation.parked().pop()) event->release(lost);
  if (!records_->empty()) records_->end_of(invocation);
  // Neither an object's life, nor a request on its way to one, which is counted where it came from.
  const Target* target = invocation.target();
  if (!invocation.object() && (target == nullptr || target->object_class.empty())) {
    if (ended_ != 0) counters_.cpu.add(ended_cpu_);
    if (in_stretch()) {
      ended_ = id;  // its last CPU time is not known yet
      ended_cpu_ = invocation.cpu_used();
    } else {
      ended_ = 0;
      counters_.cpu.add(invocation.cpu_used());
    }
  }
  invocation.finish();
  const uint32_t index = (id & kSlotMask) - 1;
  Slot& slot = slots_[index];
  spare_.push_back(std::move(slot.invocation));  // not freed now: its event may be being delivered
  slot.generation = (slot.generation + 1) % kGenerations;
  if (free_slots_++ == 0) {
    first_free_ = index;
  } else {
    slots_[last_free_].next_free = index;
  }
  last_free_ = index;
  --live_invocations_;
}

void WorkerIsolate::trim_spare() {
  if (busy_ || !events_.empty() || spare_.size() <= kMostSpareInvocations) return;
  spare_.resize(kMostSpareInvocations);
  spare_.shrink_to_fit();
}

void WorkerIsolate::settle(Invocation& invocation) {
  if (invocation.over()) {
    end(invocation);
  } else if (invocation.only_waits_until()) {
    limit_wait(invocation);
  }
}

// --- The time that waitUntil() has
// ----------------------------------------------------------------

void WorkerIsolate::limit_wait(Invocation& invocation) {
  if (!invocation.limit_wait()) return;
  const auto limit = static_cast<uint64_t>(host_.settings.wait_until_limit.count());
  waits_.push_back({invocation.id(), host_.loop.now() + limit});
  if (wait_timer_ == nullptr) {
    wait_timer_ = std::make_unique<loop::Timer>(host_.loop);
    wait_timer_->keep_loop_alive(false);
  }
  if (!wait_timer_->active()) {
    wait_timer_->start(host_.settings.wait_until_limit, [this] { end_late_waits(); });
  }
}

void WorkerIsolate::end_late_waits() {
  const uint64_t now = host_.loop.now();
  const std::string limit = std::to_string(host_.settings.wait_until_limit.count()) + " ms";
  while (!waits_.empty()) {
    const Wait wait = waits_.front();
    Invocation* invocation = find(wait.invocation);
    if (invocation != nullptr && wait.until_ms > now) {
      wait_timer_->start(std::chrono::milliseconds(wait.until_ms - now),
                         [this] { end_late_waits(); });
      return;
    }
    waits_.pop_front();
    if (invocation == nullptr) continue;
    invocation->unlimit_wait();
    if (!invocation->only_waits_until()) continue;  // settle() counts anew when it does
    if (busy_) {
      // A script of this isolate computes: not while it may be the one that is to be ended.
      limit_wait(*invocation);
      continue;
    }
    log_warn(worker_->name(), "what was given to waitUntil() has not settled within " + limit +
                                  " of the response (wait_until_limit): it was canceled (" +
                                  invocation->description() + ")");
    const InvocationId id = invocation->id();
    if (invocation->waiting()) operations_->cancel_of(id);
    outgoing_->break_of(id, Error{ErrorCode::limit_exceeded, "waitUntil() took too long", ""});
    end(*invocation);
  }
}

void WorkerIsolate::settle_later(Invocation& invocation) {
  host_.loop.defer([this, alive = alive_, id = invocation.id()] {
    if (!*alive) return;
    // Behind what is queued for it, so that a script that has not started yet never does.
    if (find(id) != nullptr) enqueue(*new Check(id));
  });
}

// --- A turn ----------------------------------------------------------------------------------

void WorkerIsolate::run() {
  Event* batch[kBatch];
  int count = 0;
  while (count < kBatch) {
    Event* event = events_.pop();
    if (event == nullptr) break;
    batch[count++] = event;
  }
  tasks_waiting_ = false;
  last_used_ms_ = host_.loop.now();
  if (!isolate_ && !load()) {
    for (int i = 0; i < count; ++i) {
      if (Invocation* invocation = find(batch[i]->invocation());
          invocation != nullptr && invocation == batch[i]) {
        if (http::Exchange* exchange = invocation->exchange()) {
          respond_error(*exchange,
                        {500, "Worker " + worker_->name() + " can't start",
                         load_status_.error().message, load_status_.error().remedy},
                        host_.settings.development);
        }
        invocation->mark_responded(500);
        end(*invocation);
      } else {
        batch[i]->release(true);
      }
    }
    if (!events_.empty()) host_.loop.schedule(*this);
    return;
  }

  busy_ = true;
  int delivered = 0;
  js::RunEnd run_end = js::RunEnd::returned;
  {
    loop::JavaScriptSection section(host_.loop);
    host_.watchdog.notice_activity();
    run_end = isolate_->run([&] {
      isolate_->tasks().run_ready();
      while (!isolate_->over_memory_limit()) {
        if (Event* resumed = resumed_.pop()) {
          deliver(*resumed);
        } else if (delivered < count) {
          deliver(*batch[delivered]);
          ++delivered;
        } else {
          break;
        }
      }
    });
  }
  busy_ = false;
  if (run_end == js::RunEnd::lost) {
    (void)host_.watchdog.this_thread().finish();
    entered_ = 0;
  }

  const bool over_limit = run_end == js::RunEnd::lost || isolate_->over_memory_limit();
  while (Event* event = resumed_.pop()) event->release(true);
  for (int i = delivered; i < count; ++i) {
    // Not delivered, or lost in the middle. Invocations are ended with the isolate.
    if (over_limit && find(batch[i]->invocation()) != batch[i]) batch[i]->release(true);
  }
  if (over_limit) {
    const deploy::Limits& limits = worker_->version().limits;
    drop_isolate(isolate_->abandoned()
                     ? "exceeded its CPU time limit of " + std::to_string(limits.cpu_ms) + " ms"
                     : "exceeded its memory limit of " + std::to_string(limits.memory_bytes >> 20) +
                           " MB");
    if (js::Isolate::lost_count() >= host_.settings.maximum_lost_isolates) {
      host_.router.ask_for_recycling("too much memory was lost to scripts that ran out of it");
    }
  }
  if (!events_.empty() || tasks_waiting_) {
    host_.loop.schedule(*this);
  } else if (live_invocations_ > awake_objects_ && isolate_ && nothing_can_happen()) {
    end_hung_invocations();
  }
}

bool WorkerIsolate::nothing_can_happen() const {
  // A critical section of an object ends by itself after a while.
  return blocked_objects_ == 0 && operations_->empty() && timers_->empty() && sockets_->empty() &&
         outgoing_->empty() && rpc_->empty() && !isolate_->tasks().has_ready() &&
         !objects_->expects_alarm();
}

void WorkerIsolate::end_hung_invocations() {
  const Error error{ErrorCode::aborted,
                    "The worker waits for a promise that nothing can settle any more, and would "
                    "never answer",
                    "Look for a Promise whose resolve() is not called on every path"};
  for (Slot& slot : slots_) {
    if (!slot.invocation || slot.invocation->responded()) continue;
    Invocation& invocation = *slot.invocation;
    log_error(worker_->name(), error.describe() + " (" + invocation.description() + ")");
    counters_.count(signals::Failure::hung);
    records_->except(invocation.id(), error.message, "", true);
    if (LocalExchange* caller = invocation.local_exchange()) {
      caller->fail_with(error);
    } else if (http::Exchange* exchange = invocation.exchange()) {
      respond_error(*exchange, {500, "Worker hung", error.message, error.remedy},
                    host_.settings.development);
    }
    invocation.mark_responded(500);
    end(invocation);
  }
}

void WorkerIsolate::deliver(Event& event) {
  const AsyncContext context{event.invocation(), event.section()};
  std::chrono::nanoseconds budget = std::chrono::milliseconds(worker_->version().limits.cpu_ms);
  {
    loop::NativeSection native(host_.loop);
    if (Invocation* invocation = find(context.invocation)) {
      if (!invocation->admits(context.section)) {
        invocation->parked().push(event);
        return;
      }
      budget =
          std::chrono::milliseconds(invocation->cpu_limit_ms(worker_->version().limits.cpu_ms));
      budget -= invocation->cpu_used();
    }
  }
  const bool whole = run_stretch(context, budget, [&] { event.deliver(*this); });
  {
    loop::NativeSection native(host_.loop);
    event.release(false);
    if (whole) {
      objects_->commit();
    } else {
      reset_cut_short();
    }
    if (!rejections_.empty()) report_unhandled_rejections();
    if (!code_stored_ && context.invocation != 0) {
      code_stored_ = true;
      enqueue(*new CodeStoring);  // after the response has left
    }
  }
  run_object_events();
}

void WorkerIsolate::run_object_events() {
  // One that was stopped is reset before anybody's next event.
  for (int count = 0;
       objects_->events_pending && resumed_.empty() && !isolate_->over_memory_limit(); ++count) {
    if (count == kMostObjectEvents) {
      loop::NativeSection native(host_.loop);
      enqueue(*new ObjectEvents);
      return;
    }
    objects_->events_pending = false;
    // One object's event at a time: what stops it, stops nobody else's microtasks.
    const bool whole =
        run_stretch({}, std::chrono::milliseconds(worker_->version().limits.cpu_ms),
                    [this] { call_builtin(entries_.run_object_events, 0, nullptr); });
    loop::NativeSection native(host_.loop);
    if (whole) {
      objects_->commit();
    } else {
      reset_cut_short();
    }
    if (!rejections_.empty()) report_unhandled_rejections();
  }
}

/// What the stopped stretch has written is half of a turn, whoever was stopped: V8 has dropped the
/// microtasks that were to write the rest. So these objects start again, too, without that half.
void WorkerIsolate::reset_cut_short() {
  for (const int32_t handle : objects_->cut_short()) {
    for (const Slot& slot : slots_) {
      if (!slot.invocation || !slot.invocation->object() || slot.invocation->storage() != handle)
        continue;
      resumed_.push(*new ObjectReset(
          slot.invocation->id(),
          "Durable Object was reset: code that ran together with it was stopped.", false));
    }
  }
}

/// Calls, runs the microtasks, and charges the CPU time to whom it belongs to. False: it was
/// stopped in the middle.
template <class Call>
bool WorkerIsolate::run_stretch(AsyncContext context, std::chrono::nanoseconds budget,
                                Call&& call) {
  loop::Execution& execution = host_.watchdog.this_thread();
  v8::HandleScope handles(v8());
  entered_ = context.invocation;
  execution.start(*this, budget);
  bool terminated = false;
  InvocationId running = 0;
  {
    v8::TryCatch caught(v8());
    set_async_context(v8(), context);
    call();
    if (!caught.HasTerminated()) v8()->PerformMicrotaskCheckpoint();
    terminated = caught.HasTerminated() || v8()->IsExecutionTerminating();
    if (terminated) running = current_invocation();
  }
  const loop::Execution::Outcome outcome = execution.finish();
  if (outcome.interrupted || terminated) {
    v8()->CancelTerminateExecution();
    isolate_->keep();
    // What the script left behind must not be counted against the next one.
    if (isolate_->memory_used() > isolate_->memory_limit() / 2) v8()->LowMemoryNotification();
  }
  clear_async_context(v8());

  loop::NativeSection native(host_.loop);
  if (aborted_ != 0) {
    resumed_.push(*new ObjectReset(std::exchange(aborted_, 0), std::move(abort_reason_), false));
    abort_reason_.clear();
  }
  counters_.cpu_total += outcome.cpu_time;
  if (Invocation* invocation = find(entered_)) invocation->charge(outcome.cpu_time);
  if (outcome.interrupted && !isolate_->over_memory_limit()) stop_runaway(running);
  const InvocationId payer = std::exchange(entered_, 0);
  if (ended_ != 0) {
    if (ended_ == payer) ended_cpu_ += outcome.cpu_time;
    counters_.cpu.add(ended_cpu_);
    ended_ = 0;
  }
  if (records_->finished()) records_->publish_finished(payer, outcome.cpu_time);
  return !outcome.interrupted && !terminated;
}

/// `running` is what the stopped code belonged to; when that is over, who pays is to blame.
void WorkerIsolate::stop_runaway(InvocationId running) {
  const Invocation* guilty = find(running);
  if (guilty == nullptr) guilty = find(entered_);
  if (guilty == nullptr) return;
  counters_.count(signals::Failure::cpu);
  records_->fail(guilty->id(), signals::Outcome::exceeded_cpu);
  const std::string limit =
      std::to_string(guilty->cpu_limit_ms(worker_->version().limits.cpu_ms)) + " ms";
  if (!guilty->object()) {
    terminate_invocation(guilty->id(), "CPU time limit of " + limit,
                         "Worker exceeded its CPU time limit of " + limit);
    return;
  }
  log_error(worker_->name(), "a Durable Object exceeded its CPU time limit of " + limit +
                                 " and was reset (" + guilty->description() + ")");
  resumed_.push(*new ObjectReset(
      guilty->id(), "Durable Object exceeded its CPU time limit and was reset.", true));
}

void WorkerIsolate::store_code() { modules_->store_code(); }

void WorkerIsolate::interrupt() { isolate_->terminate(); }
void WorkerIsolate::abandon(pthread_t thread) { isolate_->abandon(thread); }

void WorkerIsolate::terminate_invocation(InvocationId id, std::string_view limit,
                                         std::string_view message) {
  Invocation* invocation = find(id);
  if (invocation == nullptr) return;
  log_error(worker_->name(), std::string(message) + ": the invocation was ended (" +
                                 invocation->description() + ")");
  outgoing_->break_of(id, Error{ErrorCode::limit_exceeded, std::string(message), ""});
  rpc_->end_of(id, message);
  sockets_->close_of(id, 1011, limit);
  if (http::Exchange* exchange = invocation->exchange()) {
    respond_error(*exchange,
                  {503, "Worker exceeded its resource limits", std::string(message),
                   "This worker used more than its " + std::string(limit)},
                  true);
  }
  invocation->mark_responded(503);
  end(*invocation);
}

// --- The isolate's life ----------------------------------------------------------------------

bool WorkerIsolate::load(std::string* exports) {
  const auto started = std::chrono::steady_clock::now();
  Status outcome;
  js::RunEnd end = js::RunEnd::returned;
  busy_ = true;
  {
    loop::JavaScriptSection section(host_.loop);
    host_.watchdog.notice_activity();
    isolate_ = host_.isolates.take(
        worker_->version().limits.memory_bytes,
        [this, alive = alive_, &loop = host_.loop](std::chrono::milliseconds delay) {
          loop.post([this, alive, delay] {
            if (*alive) wake_for_tasks(delay);
          });
        },
        this);
    end = isolate_->run([&] { evaluate(outcome, exports); });
  }
  busy_ = false;
  if (end == js::RunEnd::lost) {
    (void)host_.watchdog.this_thread().finish();
    outcome = fail(ErrorCode::limit_exceeded, "it ran out of memory while starting");
  }
  load_status_ = std::move(outcome);
  code_stored_ = false;
  if (load_status_) {
    ++counters_.cold_starts;
    counters_.cold_start.add(std::chrono::steady_clock::now() - started);
    return true;
  }
  log_error(worker_->name(), "can't start: " + load_status_.error().describe());
  if (end == js::RunEnd::lost && modules_) modules_->abandon();
  dispose();
  return false;
}

void WorkerIsolate::evaluate(Status& outcome, std::string* exports) {
  v8::Isolate* v8 = isolate_->v8();
  v8->SetPromiseRejectCallback(on_promise_reject);
  loop::Execution& execution = host_.watchdog.this_thread();
  v8::TryCatch caught(v8);
  v8::Local<v8::Value> builtin_modules = isolate_->builtin("modules");
  modules_ = std::make_unique<js::ModuleGraph>(v8, worker_->code(), host_.code_cache,
                                               builtin_modules.As<v8::Object>());
  const auto function = [&](const char* name) {
    return v8::Global<v8::Function>(v8, isolate_->builtin(name).As<v8::Function>());
  };
  entries_.dispatch_fetch = function("dispatchFetch");
  entries_.dispatch_entrypoint = function("dispatchEntrypoint");
  entries_.dispatch_object = function("dispatchObject");
  entries_.dispatch_scheduled = function("dispatchScheduled");
  entries_.dispatch_tail = function("dispatchTail");
  entries_.fire_timer = function("fireTimer");
  entries_.socket_message = function("socketMessage");
  entries_.socket_close = function("socketClose");
  entries_.socket_error = function("socketError");
  entries_.run_object_events = function("runObjectEvents");
  entries_.reset_object = function("resetObject");
  entries_.evict_objects = function("evictObjects");
  entries_.end_objects = function("endObjects");
  entries_.rpc_accept = function("rpcAccept");
  entries_.rpc_message = function("rpcMessage");
  entries_.rpc_closed = function("rpcClosed");

  execution.start(*this, std::chrono::milliseconds(worker_->version().limits.startup_cpu_ms));
  const auto run_script = [&]() -> Status {
    v8::Local<v8::Function> prepare = isolate_->builtin("prepare").As<v8::Function>();
    v8::Local<v8::Value> arguments[2] = {js::make_string(v8, worker_->bindings_json()),
                                         v8::Boolean::New(v8, host_.signals.tracer != nullptr)};
    v8::Local<v8::Value> ignored;
    if (prepare->Call(context(), v8::Undefined(v8), 2, arguments).IsEmpty()) {
      return fail(ErrorCode::internal, js::report_exception(v8, caught, nullptr).text());
    }
    SELVAGE_TRY(v8::Local<v8::Object> main, modules_->evaluate_main());
    v8::Local<v8::Function> install = isolate_->builtin("install").As<v8::Function>();
    arguments[0] = main;
    if (!install->Call(context(), v8::Undefined(v8), 1, arguments).ToLocal(&ignored)) {
      return fail(ErrorCode::invalid_argument,
                  js::report_exception(v8, caught, stack_mapper()).text());
    }
    if (exports == nullptr) return {};
    v8::Local<v8::Function> describe = isolate_->builtin("describeExports").As<v8::Function>();
    if (!describe->Call(context(), v8::Undefined(v8), 0, nullptr).ToLocal(&ignored)) {
      return fail(ErrorCode::invalid_argument,
                  js::report_exception(v8, caught, stack_mapper()).text());
    }
    *exports = js::to_utf8(v8, ignored);
    return {};
  };
  outcome = run_script();
  const loop::Execution::Outcome spent = execution.finish();
  if (spent.interrupted || isolate_->over_memory_limit()) {
    v8->CancelTerminateExecution();
    outcome =
        isolate_->over_memory_limit()
            ? fail(ErrorCode::limit_exceeded, "it exceeded its memory limit while starting")
            : fail(ErrorCode::limit_exceeded,
                   "it exceeded its start-up limit of " +
                       std::to_string(worker_->version().limits.startup_cpu_ms) + " ms of CPU time",
                   "Move work from the top level of the modules into the handlers");
  }
  report_unhandled_rejections();
}

Status WorkerIsolate::check(std::string* exports) {
  if (!isolate_) load(exports);
  last_used_ms_ = host_.loop.now();
  // Requests that came while another thread carried the loop, and this one loaded.
  if (!busy_ && (!events_.empty() || tasks_waiting_)) host_.loop.schedule(*this);
  return load_status_;
}

void WorkerIsolate::wake_for_tasks(std::chrono::milliseconds delay) {
  if (!isolate_) return;
  if (delay.count() > 0) {
    // Rare (V8's own housekeeping), hence a timer for each.
    auto timer = std::make_shared<loop::Timer>(host_.loop);
    timer->start(delay, [this, alive = alive_, timer]() mutable {
      if (*alive) wake_for_tasks({});
    });
    return;
  }
  tasks_waiting_ = true;
  if (!busy_) host_.loop.schedule(*this);
}

void WorkerIsolate::retire() {
  retired_ = true;
  retired_at_ms_ = host_.loop.now();
  objects_->detach_all(kCodeUpdated);
  sockets_->drop_objects();
  rpc_->end_of_objects(kCodeUpdated);
}

bool WorkerIsolate::idle() const {
  return !busy_ && live_invocations_ == awake_objects_ && events_.empty() && sockets_->awake() == 0;
}

bool WorkerIsolate::empty() const {
  return !isolate_ && idle() && !tasks_waiting_ && awake_objects_ == 0 && sockets_->empty() &&
         records_->empty() && !records_->finished();
}

void WorkerIsolate::put_away_if_idle() {
  if (isolate_) trim_spare();
  if (retired_ && isolate_ && !busy_ && !objects_ended_ && awake_objects_ > 0 &&
      host_.loop.now() - retired_at_ms_ >=
          static_cast<uint64_t>(host_.settings.code_update_grace.count())) {
    objects_ended_ = true;
    enqueue(*new ObjectsEnd);
    return;
  }
  if (isolate_ && give_back_memory_ && !busy_ && events_.empty()) collect();
  if (!isolate_ || !idle()) return;
  const uint64_t idle_ms = host_.loop.now() - last_used_ms_;
  if (!retired_ && idle_ms < static_cast<uint64_t>(host_.settings.isolate_idle.count())) return;
  if (retired_) {
    drop_isolate("was replaced");
  } else if (awake_objects_ == 0) {
    dispose();
  }
}

void WorkerIsolate::collect() {
  give_back_memory_ = false;
  busy_ = true;
  {
    loop::JavaScriptSection section(host_.loop);
    (void)isolate_->run([&] { v8()->LowMemoryNotification(); });
  }
  busy_ = false;
  store::release_unused_memory();
  if (!events_.empty()) host_.loop.schedule(*this);
}

void WorkerIsolate::evict_idle_objects() {
  if (isolate_ && !busy_ && awake_objects_ > 0) enqueue(*new Eviction);
}

void WorkerIsolate::end_overdue() {
  if (deadlines_.empty()) return;
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(deadlines_, [&](const Deadline& deadline) {
    if (find(deadline.id) == nullptr) return true;
    if (deadline.time > now) return false;
    enqueue(*new Late(deadline.id));
    return true;
  });
}

void WorkerIsolate::add_figures() {
  if (!records_->empty() && !busy_) records_->end_strays();
  if (isolate_ && !busy_) memory_bytes_ = isolate_->memory_used();
  counters_.isolates += isolate_ ? 1 : 0;
  counters_.memory_bytes += isolate_ ? memory_bytes_ : 0;
  counters_.in_flight += live_invocations_ - awake_objects_;
  counters_.awake_objects += awake_objects_;
  counters_.waiting_events += events_.size();
}

void WorkerIsolate::end_late(InvocationId id) {
  const Invocation* invocation = find(id);
  if (invocation == nullptr || invocation->target() == nullptr) return;
  records_->fail(id, signals::Outcome::exceeded_cpu);
  const std::string limit =
      "wall time limit of " + std::to_string(invocation->target()->wall_ms) + " ms";
  terminate_invocation(id, limit, "Worker exceeded its " + limit);
}

void WorkerIsolate::dispose() {
  if (!isolate_) return;
  const bool lost = isolate_->lost();
  operations_->cancel_all(lost);
  calls_->clear();
  rpc_->close_all("The worker was stopped.");
  objects_->close_all();
  sockets_->hibernation().all_asleep();
  auto clear = [&] {
    entries_.each(lost ? [](v8::Global<v8::Function>& function) { function.Clear(); }
                       : [](v8::Global<v8::Function>& function) { function.Reset(); });
    for (Rejection& rejection : rejections_) {
      if (!lost) continue;
      rejection.promise.Clear();
      rejection.reason.Clear();
    }
    rejections_.clear();
    if (lost && modules_) modules_->abandon();
    modules_.reset();
  };
  if (lost) {
    clear();
  } else {
    isolate_->run(clear);
  }
  isolate_.reset();
}

void WorkerIsolate::drop_isolate(std::string_view why) {
  for (Event* event = events_.pop(); event != nullptr; event = events_.pop()) {
    if (find(event->invocation()) != event) event->release(isolate_->lost());
  }
  const std::string message = "Worker " + std::string(why);
  const Error error{ErrorCode::limit_exceeded, message, ""};
  rpc_->close_all(message);
  const bool of_memory = why.find("memory") != std::string_view::npos;
  const bool of_limit = of_memory || why.find("CPU") != std::string_view::npos;
  if (of_limit) counters_.count(of_memory ? signals::Failure::memory : signals::Failure::cpu);
  bool logged = false;
  for (Slot& slot : slots_) {
    if (!slot.invocation) continue;
    Invocation& invocation = *slot.invocation;
    if (!logged && !invocation.object()) {
      log_error(worker_->name(), message + ": its isolate was ended with " +
                                     std::to_string(live_invocations_ - awake_objects_) +
                                     " invocation(s), among them " + invocation.description());
      logged = true;
    }
    if (of_limit && !invocation.object()) {
      records_->fail(invocation.id(), of_memory ? signals::Outcome::exceeded_memory
                                                : signals::Outcome::exceeded_cpu);
    }
    outgoing_->break_of(invocation.id(), error);
    sockets_->close_of(invocation.id(), 1011, why);
    if (http::Exchange* exchange = invocation.exchange()) {
      respond_error(
          *exchange,
          {503, "Worker exceeded its resource limits", message, "The worker " + std::string(why)},
          true);
    }
    invocation.mark_responded(503);
    end(invocation);
  }
  timers_->stop_all();
  dispose();
}

// --- Calls and their failures ----------------------------------------------------------------

void WorkerIsolate::call_builtin(v8::Global<v8::Function>& function, int count,
                                 v8::Local<v8::Value>* arguments) {
  v8::TryCatch caught(v8());
  v8::Local<v8::Function> local = function.Get(v8());
  if (!local->Call(context(), v8::Undefined(v8()), count, arguments).IsEmpty()) return;
  if (caught.HasTerminated()) {
    caught.ReThrow();
    return;
  }
  log_error(worker_->name(),
            "uncaught " + js::report_exception(v8(), caught, stack_mapper()).text());
}

js::StackMapper WorkerIsolate::stack_mapper() const {
  return [code = worker_->code()](std::string_view stack) { return code->map_stack(stack); };
}

void WorkerIsolate::fail_invocation(Invocation& invocation, v8::Local<v8::Value> thrown,
                                    std::string encoded) {
  const js::ExceptionReport report = js::report_exception(v8(), thrown, stack_mapper());
  loop::NativeSection native(host_.loop);
  counters_.count(signals::Failure::exception);
  records_->except(invocation.id(), report.message, report.stack, true);
  if (LocalExchange* caller = invocation.local_exchange()) {
    // Whoever called may catch it; who does not says so.
    caller->throw_to_caller(encoded);
    invocation.mark_responded(500);
    return;
  }
  log_error(worker_->name(), "uncaught " + report.text());
  if (http::Exchange* exchange = invocation.exchange()) {
    respond_error(*exchange, {500, "Worker threw an exception", report.text(), ""},
                  host_.settings.development);
  }
  invocation.mark_responded(500);
}

void WorkerIsolate::note_unhandled_rejection(v8::PromiseRejectMessage message) {
  v8::Local<v8::Promise> promise = message.GetPromise();
  switch (message.GetEvent()) {
    case v8::kPromiseRejectWithNoHandler:
      rejections_.push_back({v8::Global<v8::Promise>(v8(), promise),
                             v8::Global<v8::Value>(v8(), message.GetValue()),
                             current_invocation()});
      break;
    case v8::kPromiseHandlerAddedAfterReject:
      std::erase_if(rejections_,
                    [&](const Rejection& rejection) { return rejection.promise == promise; });
      break;
    default: break;  // settled twice: not an error
  }
}

void WorkerIsolate::report_unhandled_rejections() {
  const std::vector<Rejection> rejections = std::exchange(rejections_, {});
  for (const Rejection& rejection : rejections) {
    const js::ExceptionReport report =
        js::report_exception(v8(), rejection.reason.Get(v8()), stack_mapper());
    records_->except(rejection.invocation, report.message, report.stack, false);
    log_error(worker_->name(), "unhandled rejection: " + report.text());
  }
}

}  // namespace selvage::worker
