// What events say about themselves, for whoever listens (record_table.h).
#include "signals/hub.h"
#include "worker/natives.h"
#include "worker/record_table.h"
#include "worker/subrequest_span.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {
namespace {

using js::Arguments;
using signals::EventKind;

// recording(): 0 nobody listens, 1 to what is notable, 2 to everything
void recording(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  info.GetReturnValue().Set(static_cast<int32_t>(isolate.host().signals.hub.recording()));
}

// recordLog(level, message)
void record_log(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  std::string level = js::to_utf8(info.GetIsolate(), info[0]);
  std::string message = js::to_utf8(info.GetIsolate(), info[1]);
  loop::NativeSection native(isolate.host().loop);
  isolate.records().log(isolate.current_invocation(), std::move(level), std::move(message));
}

/// As in recorded_event.ts.
EventKind kind_of(int32_t number) {
  switch (number) {
    case 0: return EventKind::request;
    case 1: return EventKind::alarm;
    case 2: return EventKind::rpc;
    case 3: return EventKind::websocket;
    default: return EventKind::other;
  }
}

// recordObjectEvent(invocation, objectId, kind, method, url, headers, time, caller): its number, 0
// when nobody is interested; `caller`: see RecordTable::take_caller()
void record_object_event(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  signals::Record record;
  record.object_id = js::to_utf8(v8, info[1]);
  record.kind = kind_of(info[2].As<v8::Int32>()->Value());
  record.method = js::to_utf8(v8, info[3]);
  record.url = js::to_utf8(v8, info[4]);
  record.headers = js::to_latin1(v8, info[5]);
  record.scheduled_time = static_cast<int64_t>(info[6].As<v8::Number>()->Value());
  if (record.kind == EventKind::websocket) record.socket_event = record.method;
  loop::NativeSection native(isolate.host().loop);
  Invocation* object = isolate.find(static_cast<InvocationId>(info[0].As<v8::Int32>()->Value()));
  if (object == nullptr) return info.GetReturnValue().Set(0);
  const auto caller = isolate.records().take_caller(info[7].As<v8::Int32>()->Value());
  info.GetReturnValue().Set(
      isolate.records().begin_event(*object, std::move(record), caller ? &*caller : nullptr));
}

// recordObjectEventEnd(invocation, number, status, thrown, failed)
void record_object_event_end(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const auto id = static_cast<InvocationId>(info[0].As<v8::Int32>()->Value());
  const bool failed = info[4]->IsTrue();
  js::ExceptionReport report;
  if (failed) report = js::report_exception(info.GetIsolate(), info[3], isolate.stack_mapper());
  loop::NativeSection native(isolate.host().loop);
  Invocation* object = isolate.find(id);
  if (object == nullptr) return;
  isolate.records().end_event(*object, info[1].As<v8::Int32>()->Value(),
                              info[2].As<v8::Int32>()->Value(), failed ? &report : nullptr);
}

// objectCallBegin(worker, class, id, method, url): its number, for recordObjectEvent() and
// objectCallEnd(); 0 when it is in no trace that is sampled
void object_call_begin(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  const std::string worker = js::to_utf8(v8, info[0]);
  const std::string object_class = js::to_utf8(v8, info[1]);
  const std::string object_id = js::to_utf8(v8, info[2]);
  const std::string method = js::to_utf8(v8, info[3]);
  const std::string url = js::to_utf8(v8, info[4]);
  loop::NativeSection native(isolate.host().loop);
  auto span = begin_call_span(isolate, method, url, worker, object_class, object_id);
  info.GetReturnValue().Set(
      span ? isolate.records().begin_call(isolate.current_invocation(), std::move(span)) : 0);
}

// objectCallEnd(number, status): 0 when it threw
void object_call_end(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  http::Response response;
  response.status = info[1].As<v8::Int32>()->Value();
  const auto span = isolate.records().end_call(info[0].As<v8::Int32>()->Value());
  end_subrequest_span(span.get(), response);
}

constexpr js::Native kTable[] = {
    {"recording", recording},
    {"recordLog", record_log},
    {"recordObjectEvent", record_object_event},
    {"recordObjectEventEnd", record_object_event_end},
    {"objectCallBegin", object_call_begin},
    {"objectCallEnd", object_call_end},
};

}  // namespace

const std::span<const js::Native> kRecordNatives = kTable;

}  // namespace selvage::worker
