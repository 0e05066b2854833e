// Timers, the console, exceptions nobody caught.
#include <unistd.h>

#include <algorithm>
#include <string>

#include "base/log.h"
#include "worker/natives.h"
#include "worker/record_table.h"
#include "worker/timer_table.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {
namespace {

using js::Arguments;

// As in browsers and workerd: what does not fit in 32 bits would fire at once; a century is never.
constexpr double kLongestDelayMs = 100.0 * 365 * 24 * 3600 * 1000;

void timer_start(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const double delay = std::clamp(info[0].As<v8::Number>()->Value(), 0.0, kLongestDelayMs);
  loop::NativeSection native(isolate.host().loop);
  const AsyncContext context = async_context(info.GetIsolate());
  if (isolate.find(context.invocation) == nullptr) {
    js::throw_error(info.GetIsolate(),
                    "Disallowed operation called within global scope. Asynchronous I/O (ex: "
                    "fetch() or connect()), setting a timeout, and generating random values are "
                    "not allowed within global scope. To fix this error, perform this operation "
                    "within a handler.");
    return;
  }
  if (isolate.timers().count(context.invocation) >= TimerTable::kMostForInvocation) {
    js::throw_dom_exception(info.GetIsolate(),
                            "You have exceeded the number of active timeouts you may set. Max "
                            "active timeouts: " +
                                std::to_string(TimerTable::kMostForInvocation),
                            "QuotaExceededError");
    return;
  }
  info.GetReturnValue().Set(
      isolate.timers().start(context, std::chrono::milliseconds(static_cast<int64_t>(delay)),
                             info[1]->BooleanValue(info.GetIsolate())));
}

void timer_stop(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  isolate.timers().stop(info[0].As<v8::Int32>()->Value());
}

// timersDropped(): ids of timers that ended with their invocations
void timers_dropped(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  std::vector<int32_t> ids;
  {
    loop::NativeSection native(isolate.host().loop);
    ids = isolate.timers().take_dropped();
  }
  std::vector<v8::Local<v8::Value>> values;
  values.reserve(ids.size());
  for (int32_t id : ids) values.push_back(v8::Integer::New(v8, id));
  info.GetReturnValue().Set(v8::Array::New(v8, values.data(), values.size()));
}

void console_write(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const std::string level = js::to_utf8(info.GetIsolate(), info[0]);
  std::string text = js::to_utf8(info.GetIsolate(), info[1]);
  if (!isolate.host().settings.development) {
    log(level == "error"  ? LogLevel::error
        : level == "warn" ? LogLevel::warn
                          : LogLevel::info,
        isolate.worker().name(), text);
    return;
  }
  text += '\n';
  const int to = level == "error" || level == "warn" ? STDERR_FILENO : STDOUT_FILENO;
  (void)!write(to, text.data(), text.size());
}

void console_colors(const Arguments& info) {
  info.GetReturnValue().Set(WorkerIsolate::from(info.GetIsolate()).host().settings.colour);
}

void report_exception(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const js::ExceptionReport report =
      js::report_exception(info.GetIsolate(), info[0], isolate.stack_mapper());
  {
    loop::NativeSection native(isolate.host().loop);
    isolate.records().except(isolate.current_invocation(), report.message, report.stack, true);
  }
  log_error(isolate.worker().name(), "uncaught " + report.text());
}

// connectionInfo(): [HTTP minor version, round-trip time in ms or -1] of the running invocation's
// client; undefined when it is gone or there is none.
void connection_info(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  const Invocation* invocation = isolate.find(isolate.current_invocation());
  if (invocation == nullptr || invocation->exchange() == nullptr) return;
  const http::Exchange& exchange = *invocation->exchange();
  v8::Isolate* v8 = info.GetIsolate();
  const auto round_trip = exchange.round_trip_ms();
  v8::Local<v8::Value> parts[] = {
      v8::Integer::New(v8, exchange.http_minor_version()),
      v8::Integer::New(v8, round_trip ? static_cast<int32_t>(*round_trip) : -1)};
  info.GetReturnValue().Set(v8::Array::New(v8, parts, 2));
}

// The location of this server, for request.cf.
void location(const Arguments& info) {
  js::return_string(info, WorkerIsolate::from(info.GetIsolate()).host().settings.location);
}

// The continuation-preserved embedder data, see async_context.ts.
void async_context_value(const Arguments& info) {
  v8::Local<v8::Data> data = info.GetIsolate()->GetContinuationPreservedEmbedderDataV2();
  if (!data.IsEmpty() && data->IsValue()) info.GetReturnValue().Set(data.As<v8::Value>());
}

void set_async_context_value(const Arguments& info) {
  info.GetIsolate()->SetContinuationPreservedEmbedderDataV2(info[0]);
}

constexpr js::Native kTable[] = {
    {"timerStart", timer_start},
    {"timerStop", timer_stop},
    {"timersDropped", timers_dropped},
    {"consoleWrite", console_write},
    {"consoleColors", console_colors},
    {"reportException", report_exception},
    {"location", location},
    {"connectionInfo", connection_info},
    {"asyncContext", async_context_value},
    {"setAsyncContext", set_async_context_value},
};

}  // namespace

const std::span<const js::Native> kRuntimeNatives = kTable;

}  // namespace selvage::worker
