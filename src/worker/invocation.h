// An invocation: the life of one event in a worker, from its arrival to the end of its response
// and of what it handed to waitUntil(); or that of a Durable Object, from its construction to its
// eviction or reset. Everything that it opened ends with it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/exchange.h"
#include "signals/access_log.h"
#include "trace/trace_context.h"
#include "worker/event.h"

namespace selvage::worker {

class LocalExchange;

/// What an invocation calls: the default fetch handler, a named entrypoint, or a Durable Object.
struct Target {
  std::string entrypoint;    // "" is the default export
  std::string object_class;  // set: a Durable Object of this class
  std::string object_id;     // its id, 64 hexadecimal digits
  std::string object_name;   // the name it was made from, if known
  std::string alarm;         // set: its alarm is due, see builtins/alarm.ts
  std::string scheduled;     // set: a cron trigger, "<scheduled time in ms> <cron>"
  std::string tail;          // set: what a tail worker gets, records as JSON
  uint32_t cpu_ms = 0;       // instead of the worker's limit; 0: that
  uint32_t wall_ms = 0;      // ends it after so long; 0: never
  std::string props;         // ctx.props of an entrypoint, as JSON; "" for none
  std::string version;       // of the worker: a call of its own code; "" for the one that is live
  std::unique_ptr<trace::SpanContext> caller;  // the span that calls, when something is traced

  /// The default entrypoint is asked for a response, and no more is said.
  [[nodiscard]] bool plain() const {
    return entrypoint.empty() && object_class.empty() && props.empty() && scheduled.empty() &&
           tail.empty();
  }
};

/// Belongs to a WorkerIsolate, and is at the same time the event that starts it.
///
/// An object's invocation has an input gate: while one of its critical sections is open, its events
/// that began outside of that section are parked, and delivered in their order when it closes.
/// Sections nest, and their numbers rise; so an open section with a smaller number than another one
/// was open when that one opened. Hence what began in a section that has closed since belongs to
/// the open one with the greatest number below its own: a comparison with the innermost open
/// section is all that the gate needs.
class Invocation final : public Event, public http::ExchangeObserver {
 public:
  explicit Invocation(WorkerIsolate& isolate) : Event(0), isolate_(isolate) {}

  /// Starts a life: `exchange` is answered by it.
  void begin(http::Exchange& exchange, std::unique_ptr<Target> target,
             std::shared_ptr<void> exchange_owner);
  /// Starts a life without a request, held once by whoever starts it.
  void begin_call(std::string description);
  /// Starts the life of a Durable Object, which lasts until WorkerIsolate::end_object().
  void begin_object(std::string description);
  /// Of the life to come.
  void set_id(InvocationId id) {
    id_ = id;
    set_invocation(id);
  }
  /// Ends the life: waits for the next one.
  void finish();
  void deliver(WorkerIsolate& isolate) override;
  void release(bool) override {}
  void on_client_gone() override;

  [[nodiscard]] InvocationId id() const { return id_; }
  [[nodiscard]] bool live() const { return live_; }
  /// nullptr once the response was given or the client is gone.
  [[nodiscard]] http::Exchange* exchange() const { return exchange_; }
  /// What called it, when that is a script in this process rather than a client. Else nullptr.
  [[nodiscard]] LocalExchange* local_exchange() const;
  [[nodiscard]] bool responded() const { return responded_; }
  /// Of its response; 0 before there is one.
  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] bool client_gone() const { return client_gone_; }
  [[nodiscard]] const Target* target() const { return target_.get(); }

  /// The response was given; `status` is for those who count and log.
  void mark_responded(int status);
  /// Kept alive by waitUntil(), or by a WebSocket.
  void hold() { ++holds_; }
  void unhold() { --holds_; }
  [[nodiscard]] bool held() const { return holds_ > 0; }
  /// One of the holds is waitUntil()'s, or no longer so.
  void count_wait_until(int change) { wait_untils_ += change; }
  /// The response was given, and nothing but waitUntil() keeps it going.
  [[nodiscard]] bool only_waits_until() const {
    return !object_ && wait_untils_ > 0 && wait_untils_ == holds_ && !streaming_ &&
           (responded_ || client_gone_);
  }
  /// Its end is set; false when it was already.
  bool limit_wait() { return !std::exchange(wait_limited_, true); }
  void unlimit_wait() { wait_limited_ = false; }
  /// It waits for one operation more, or less.
  void wait() { ++waits_; }
  void unwait() { --waits_; }
  [[nodiscard]] bool waiting() const { return waits_ > 0; }
  /// Response given (or nobody to give it to) and nothing holds it.
  [[nodiscard]] bool over() const {
    return !object_ && holds_ == 0 && (responded_ || (client_gone_ && !streaming_));
  }
  /// The response's body is still being written by the script.
  void set_streaming(bool streaming) { streaming_ = streaming; }
  [[nodiscard]] bool streaming() const { return streaming_; }

  /// The trace that it is part of, while something is traced: of an object's, the newest event's
  /// that has no answer yet. nullptr: none.
  [[nodiscard]] const trace::SpanContext* trace() const {
    return traces_.empty() ? nullptr : &traces_.back().context;
  }
  /// `event` is an object's; 0: it is the invocation's own.
  void enter_trace(int32_t event, trace::SpanContext context) {
    traces_.push_back({event, std::move(context)});
  }
  void leave_trace(int32_t event) {
    std::erase_if(traces_, [&](const EventTrace& each) { return each.event == event; });
  }

  /// How many operations on KV it has begun, this one included.
  uint32_t count_kv_operation() { return ++kv_operations_; }

  [[nodiscard]] std::chrono::nanoseconds cpu_used() const { return cpu_used_; }
  /// `usual` is the worker's limit.
  [[nodiscard]] uint32_t cpu_limit_ms(uint32_t usual) const {
    return target_ && target_->cpu_ms != 0 ? target_->cpu_ms : usual;
  }
  void charge(std::chrono::nanoseconds cpu) { cpu_used_ += cpu; }
  /// An object's next event has a CPU budget of its own.
  void refill() { cpu_used_ = {}; }

  /// It has had bodies in the BodyTable.
  void note_body() { has_bodies_ = true; }
  [[nodiscard]] bool has_bodies() const { return has_bodies_; }

  [[nodiscard]] bool object() const { return object_; }
  /// The input gate, for WorkerIsolate::set_open_section(). `innermost` of the open critical
  /// sections, 0 when there is none.
  void set_open_section(SectionId innermost) { open_section_ = innermost; }
  [[nodiscard]] SectionId open_section() const { return open_section_; }
  [[nodiscard]] bool admits(SectionId section) const { return section >= open_section_; }
  EventQueue& parked() { return parked_; }
  /// Handle of the object's storage in the ObjectTable; -1 before it is opened.
  [[nodiscard]] int32_t storage() const { return storage_; }
  void set_storage(int32_t handle) { storage_ = handle; }
  [[nodiscard]] const std::string& description() const { return description_; }
  [[nodiscard]] std::chrono::steady_clock::time_point started() const { return started_; }

 private:
  struct EventTrace {
    int32_t event;
    trace::SpanContext context;
  };

  WorkerIsolate& isolate_;
  InvocationId id_ = 0;
  http::Exchange* exchange_ = nullptr;
  std::shared_ptr<void> exchange_owner_;
  std::unique_ptr<Target> target_;
  int holds_ = 0;
  int waits_ = 0;
  int wait_untils_ = 0;
  bool wait_limited_ = false;
  SectionId open_section_ = 0;
  int32_t storage_ = -1;
  EventQueue parked_;
  bool object_ = false;
  bool has_bodies_ = false;
  bool live_ = false;
  bool responded_ = false;
  int status_ = 0;
  std::unique_ptr<signals::AccessEntry> access_;  // when there is an access log
  std::vector<EventTrace> traces_;
  bool client_gone_ = false;
  bool streaming_ = false;
  uint32_t kv_operations_ = 0;
  std::chrono::nanoseconds cpu_used_{};
  std::chrono::steady_clock::time_point started_;
  std::string description_;  // "GET /path"
};

}  // namespace selvage::worker
