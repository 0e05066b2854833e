// The records that the events of one isolate make of themselves while somebody listens (signals/
// hub.h): those of requests and the like from their beginning, when all are wanted; else only once
// an invocation logs something or fails.
//
// While something is traced (trace/tracer.h), the record of an event whose trace is sampled is
// made, too, and becomes a span when it ends (event_span.h).
//
// A Durable Object's life has many events. Each makes a record of its own, and what the object logs
// goes to the newest that has no answer yet, as on workerd. What it logs outside of any, or while
// only notable events are recorded, makes a record of kind "other", which ends within a second.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "js/exception.h"
#include "signals/record.h"
#include "trace/open_span.h"
#include "worker/event.h"
#include "worker/event_span.h"
#include "worker/host.h"

namespace selvage::worker {

class Invocation;
class WorkerIsolate;

/// The loop's holder only.
class RecordTable {
 public:
  explicit RecordTable(WorkerIsolate& isolate);

  [[nodiscard]] bool empty() const { return open_.empty() && calls_.empty(); }
  [[nodiscard]] bool finished() const { return !finished_.empty(); }
  /// Whether events are to say that they begin: somebody wants all records, or traces.
  [[nodiscard]] bool wants_events() const {
    return host_signals_.hub.recording() == signals::Recording::all ||
           host_signals_.tracer != nullptr;
  }
  /// That of an invocation that begins.
  void begin(Invocation& invocation);
  /// That of an RPC session that begins. `caller`: the span that it comes from, or nullptr.
  void begin_rpc(Invocation& invocation, std::string method, std::string entrypoint,
                 const trace::SpanContext* caller);
  /// That of an object's event; its number, for end_event(); 0: nobody is interested after all.
  int32_t begin_event(Invocation& object, signals::Record record, const trace::SpanContext* caller);
  /// `thrown`: what it failed with, or nullptr.
  void end_event(Invocation& object, int32_t number, int status, const js::ExceptionReport* thrown);

  /// Keeps the span that an event comes from until that begins, for a caller that is no invocation
  /// here: what to give take_caller(). Negative. Some thousands are kept, the newest.
  int32_t keep_caller(const trace::SpanContext& caller);
  /// A call of `invocation` to an object of this isolate; its number, for take_caller() of the
  /// event that comes of it, and for end_call(). It ends with the invocation.
  int32_t begin_call(InvocationId invocation, std::unique_ptr<trace::OpenSpan> span);
  /// nullptr when it is over.
  std::unique_ptr<trace::OpenSpan> end_call(int32_t number);
  /// The span that an event comes from: one that was kept, or what is under way in an invocation.
  [[nodiscard]] std::optional<trace::SpanContext> take_caller(int32_t number);

  // Without effect when nobody listens, or the invocation is over.
  void log(InvocationId id, std::string level, std::string message);
  /// `fails`: the invocation has failed by it.
  void except(InvocationId id, std::string_view described, std::string stack, bool fails);
  void responded(InvocationId id, int status);
  void fail(InvocationId id, signals::Outcome outcome);

  /// The invocation is over: so are its records.
  void end_of(const Invocation& invocation);
  /// The stretch of code that `payer` pays for is over: what ended in it is published.
  void publish_finished(InvocationId payer, std::chrono::nanoseconds cpu);
  /// Ends the records that belong to no event.
  void end_strays();

 private:
  struct Open {
    std::shared_ptr<signals::Record> record;
    int32_t number = 0;  // of an object's event
    bool stray = false;
    std::chrono::steady_clock::time_point started;
    std::unique_ptr<EventSpan> span;  // when its trace is sampled
  };
  struct Finished {
    InvocationId id = 0;
    std::shared_ptr<signals::Record> record;
    std::chrono::nanoseconds cpu{};
    std::unique_ptr<EventSpan> span;
  };

  [[nodiscard]] bool wants_records() const {
    return host_signals_.hub.recording() == signals::Recording::all;
  }
  /// Puts the event of `invocation` into a trace; nullptr unless that is sampled.
  std::unique_ptr<EventSpan> trace(Invocation& invocation, int32_t event,
                                   const trace::SpanContext* caller);
  signals::Record blank() const;
  void describe(const Invocation& invocation, signals::Record& record) const;
  /// The one that takes what the invocation logs; made when it is missing and wanted.
  signals::Record* current(InvocationId id);
  void finish(const Invocation& invocation, Open open);
  void publish(Finished finished) const;

  WorkerIsolate& isolate_;
  const LoopSignals& host_signals_;
  int32_t last_number_ = 0;
  std::unordered_map<InvocationId, std::vector<Open>> open_;
  std::vector<Finished> finished_;
  static constexpr size_t kMostCallers = 4096;
  int32_t last_caller_ = 0;
  std::map<int32_t, trace::SpanContext> callers_;  // that were kept; the newest first
  struct Call {
    InvocationId invocation;
    std::unique_ptr<trace::OpenSpan> span;
  };
  std::unordered_map<int32_t, Call> calls_;
};

}  // namespace selvage::worker
