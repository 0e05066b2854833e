#include "worker/record_table.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <optional>

#include "base/wall_clock.h"
#include "signals/hub.h"
#include "worker/local_exchange.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {
namespace {

using signals::EventKind;
using signals::Outcome;
using signals::Record;
using signals::Recording;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

int64_t whole_ms(std::chrono::nanoseconds time) {
  return std::chrono::duration_cast<milliseconds>(time).count();
}

}  // namespace

RecordTable::RecordTable(WorkerIsolate& isolate)
    : isolate_(isolate), host_signals_(isolate.host().signals) {}

std::unique_ptr<EventSpan> RecordTable::trace(Invocation& invocation, int32_t event,
                                              const trace::SpanContext* caller) {
  if (host_signals_.tracer == nullptr) return nullptr;
  trace::SpanContext context = host_signals_.tracer->begin(caller);
  std::unique_ptr<EventSpan> span;
  if (context.sampled) span = std::make_unique<EventSpan>(context, caller);
  invocation.enter_trace(event, std::move(context));
  return span;
}

Record RecordTable::blank() const {
  Record record;
  record.worker = isolate_.worker().name();
  record.version = isolate_.worker().version().id;
  record.time = wall_clock_ms();
  return record;
}

/// What it is, as far as that is still known.
void RecordTable::describe(const Invocation& invocation, Record& record) const {
  record.time -= whole_ms(std::chrono::duration_cast<std::chrono::nanoseconds>(
      steady_clock::now() - invocation.started()));
  const Target* target = invocation.target();
  if (target != nullptr) record.entrypoint = target->entrypoint;
  if (invocation.object()) {
    record.kind = EventKind::other;
    record.durable_object = true;
    record.entrypoint = invocation.description();
    return;
  }
  if (target != nullptr && !target->scheduled.empty()) {
    record.kind = EventKind::scheduled;
    record.scheduled_time = std::strtoll(target->scheduled.c_str(), nullptr, 10);
    record.cron = target->scheduled.substr(target->scheduled.find(' ') + 1);
    return;
  }
  if (target != nullptr && !target->tail.empty()) {
    record.kind = EventKind::tail;
    return;
  }
  const http::Exchange* exchange = invocation.exchange();
  if (exchange != nullptr) {
    record.method = exchange->method();
    record.headers = exchange->header_block();
    record.client_address = exchange->client_address();
    if (const LocalExchange* local = invocation.local_exchange()) {
      record.url = local->url();
    } else {
      record.url = std::string(exchange->secure() ? "https://" : "http://");
      record.url.append(exchange->host()).append(exchange->target());
    }
    return;
  }
  // It has answered already: what its description says.
  const std::string& text = invocation.description();
  const size_t space = text.find(' ');
  if (text.starts_with("RPC ") || space == std::string::npos) {
    record.kind = EventKind::rpc;
  } else {
    record.method = text.substr(0, space);
    record.url = text.substr(space + 1);
  }
  record.status = invocation.status();
}

void RecordTable::begin(Invocation& invocation) {
  const Target* target = invocation.target();
  const trace::SpanContext* caller = target != nullptr ? target->caller.get() : nullptr;
  // An object's events record themselves.
  if (target != nullptr && !target->object_class.empty()) {
    if (caller != nullptr) invocation.enter_trace(0, *caller);
    return;
  }
  std::optional<trace::SpanContext> from_outside;
  if (host_signals_.tracer != nullptr && caller == nullptr && !invocation.local_exchange()) {
    from_outside = trace::extract(invocation.exchange()->header_block());
    if (from_outside) caller = &*from_outside;
  }
  std::unique_ptr<EventSpan> span = trace(invocation, 0, caller);
  if (!span && !wants_records()) return;
  auto record = std::make_shared<Record>(blank());
  describe(invocation, *record);
  open_[invocation.id()].push_back(
      {std::move(record), 0, false, invocation.started(), std::move(span)});
}

void RecordTable::begin_rpc(Invocation& invocation, std::string method, std::string entrypoint,
                            const trace::SpanContext* caller) {
  std::unique_ptr<EventSpan> span = trace(invocation, 0, caller);
  if (!span && !wants_records()) return;
  auto record = std::make_shared<Record>(blank());
  record->kind = EventKind::rpc;
  record->method = std::move(method);
  record->entrypoint = std::move(entrypoint);
  open_[invocation.id()].push_back(
      {std::move(record), 0, false, invocation.started(), std::move(span)});
}

int32_t RecordTable::begin_event(Invocation& object, Record event,
                                 const trace::SpanContext* caller) {
  last_number_ = last_number_ == INT32_MAX ? 1 : last_number_ + 1;
  std::unique_ptr<EventSpan> span = trace(object, last_number_, caller);
  if (!span && !wants_records()) return object.trace() != nullptr ? last_number_ : 0;
  auto record = std::make_shared<Record>(std::move(event));
  const Record named = blank();
  record->worker = named.worker;
  record->version = named.version;
  record->time = named.time;
  record->durable_object = true;
  record->entrypoint = object.description();
  open_[object.id()].push_back(
      {std::move(record), last_number_, false, steady_clock::now(), std::move(span)});
  return last_number_;
}

void RecordTable::end_event(Invocation& object, int32_t number, int status,
                            const js::ExceptionReport* thrown) {
  object.leave_trace(number);
  const auto found = open_.find(object.id());
  if (found == open_.end()) return;
  const auto at = std::find_if(found->second.begin(), found->second.end(),
                               [&](const Open& open) { return open.number == number; });
  if (at == found->second.end()) return;
  Open ended = std::move(*at);
  found->second.erase(at);
  if (found->second.empty()) open_.erase(found);
  ended.record->status = status;
  if (thrown != nullptr) {
    ended.record->except(thrown->message, thrown->stack, wall_clock_ms());
    if (ended.record->outcome == Outcome::ok) ended.record->outcome = Outcome::exception;
  }
  finish(object, std::move(ended));
}

Record* RecordTable::current(InvocationId id) {
  const auto found = open_.find(id);
  if (found != open_.end()) return found->second.back().record.get();
  if (isolate_.host().signals.hub.recording() == Recording::off) return nullptr;
  const Invocation* invocation = isolate_.find(id);
  if (invocation == nullptr) return nullptr;
  auto record = std::make_shared<Record>(blank());
  Record* made = record.get();
  describe(*invocation, *record);
  const bool stray = invocation->object();
  open_[id].push_back(
      {std::move(record), 0, stray, stray ? steady_clock::now() : invocation->started(), nullptr});
  return made;
}

int32_t RecordTable::keep_caller(const trace::SpanContext& caller) {
  if (last_caller_ == INT32_MAX) {
    last_caller_ = 0;
    callers_.clear();
  }
  const int32_t number = -++last_caller_;
  callers_.emplace(number, caller);
  if (callers_.size() > kMostCallers) callers_.erase(std::prev(callers_.end()));
  return number;
}

int32_t RecordTable::begin_call(InvocationId invocation, std::unique_ptr<trace::OpenSpan> span) {
  const int32_t number = keep_caller(span->context());
  calls_[number] = {invocation, std::move(span)};
  return number;
}

std::unique_ptr<trace::OpenSpan> RecordTable::end_call(int32_t number) {
  auto call = calls_.extract(number);
  return call.empty() ? nullptr : std::move(call.mapped().span);
}

std::optional<trace::SpanContext> RecordTable::take_caller(int32_t number) {
  if (number < 0) {
    auto kept = callers_.extract(number);
    if (kept.empty()) return std::nullopt;
    return std::move(kept.mapped());
  }
  const Invocation* invocation = isolate_.find(static_cast<InvocationId>(number));
  if (invocation == nullptr || invocation->trace() == nullptr) return std::nullopt;
  return *invocation->trace();
}

void RecordTable::log(InvocationId id, std::string level, std::string message) {
  if (Record* record = current(id)) {
    record->log(std::move(level), std::move(message), wall_clock_ms());
  }
}

void RecordTable::except(InvocationId id, std::string_view described, std::string stack,
                         bool fails) {
  Record* record = current(id);
  if (record == nullptr) return;
  record->except(described, std::move(stack), wall_clock_ms());
  if (fails && record->outcome == Outcome::ok) record->outcome = Outcome::exception;
}

void RecordTable::responded(InvocationId id, int status) {
  const auto found = open_.find(id);
  if (found != open_.end()) found->second.back().record->status = status;
}

void RecordTable::fail(InvocationId id, Outcome outcome) {
  if (Record* record = current(id)) record->outcome = outcome;
}

void RecordTable::end_of(const Invocation& invocation) {
  if (!calls_.empty()) {
    std::erase_if(calls_,
                  [&](const auto& call) { return call.second.invocation == invocation.id(); });
  }
  auto found = open_.find(invocation.id());
  if (found == open_.end()) return;
  std::vector<Open> ended = std::move(found->second);
  open_.erase(found);
  for (Open& open : ended) {
    const bool unanswered = invocation.object() ? !open.stray : !invocation.responded();
    if (unanswered && open.record->outcome == Outcome::ok) {
      open.record->outcome = Outcome::canceled;
    }
    finish(invocation, std::move(open));
  }
}

void RecordTable::finish(const Invocation& invocation, Open open) {
  const std::chrono::nanoseconds took = steady_clock::now() - open.started;
  open.record->wall_ms = whole_ms(took);
  if (open.span) open.span->took = took;
  Finished finished{invocation.id(), std::move(open.record), invocation.cpu_used(),
                    std::move(open.span)};
  if (isolate_.in_stretch()) {
    finished_.push_back(std::move(finished));  // its last CPU time is not known yet
  } else {
    publish(std::move(finished));
  }
}

void RecordTable::publish_finished(InvocationId payer, std::chrono::nanoseconds cpu) {
  for (Finished& finished : std::exchange(finished_, {})) {
    if (finished.id == payer) finished.cpu += cpu;
    publish(std::move(finished));
  }
}

void RecordTable::publish(Finished finished) const {
  finished.record->cpu_ms = whole_ms(finished.cpu);
  if (finished.span) {
    host_signals_.tracer->end(span_of(*finished.record, *finished.span, finished.cpu));
  }
  isolate_.host().signals.hub.publish(std::move(finished.record));
}

void RecordTable::end_strays() {
  for (auto at = open_.begin(); at != open_.end();) {
    const Invocation* invocation = isolate_.find(at->first);
    auto& list = at->second;
    if (invocation == nullptr || list.size() != 1 || !list.front().stray) {
      ++at;
      continue;
    }
    Open open = std::move(list.front());
    at = open_.erase(at);
    finish(*invocation, std::move(open));
  }
}

}  // namespace selvage::worker
