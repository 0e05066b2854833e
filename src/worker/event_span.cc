#include "worker/event_span.h"

#include "base/utc_text.h"
#include "trace/tracer.h"
#include "trace/url_parts.h"

namespace selvage::worker {
namespace {

using signals::EventKind;
using signals::Outcome;
using signals::Record;

void describe_request(const Record& record, trace::Span& span) {
  trace::describe_method(span, record.method);
  trace::describe_target(span, record.url);
  if (record.status != 0) span.set("http.response.status_code", record.status);
  if (record.status >= 500) span.set("error.type", std::to_string(record.status));
  span.set_if("client.address", record.client_address);
  std::string agent;
  if (record.header("user-agent", agent)) span.set("user_agent.original", agent);
  span.set("cloudflare.handler_type", "fetch");
  span.set("faas.trigger", "http");
}

/// What is neither a request nor a timer.
void describe_other(std::string_view handler, std::string name, trace::Span& span) {
  span.name = std::move(name);
  span.set("cloudflare.handler_type", handler);
  span.set("faas.trigger", "other");
}

void describe_timer(std::string_view handler, int64_t scheduled_time, trace::Span& span) {
  span.name = handler;
  span.set("cloudflare.handler_type", handler);
  span.set("cloudflare.scheduled_time", utc_text(scheduled_time, "%Y-%m-%dT%H:%M:%SZ"));
  span.set("faas.trigger", "timer");
}

void describe_kind(const Record& record, trace::Span& span) {
  switch (record.kind) {
    case EventKind::request: return describe_request(record, span);
    case EventKind::scheduled:
      describe_timer("scheduled", record.scheduled_time, span);
      span.set("faas.cron", record.cron);
      return;
    case EventKind::alarm: return describe_timer("alarm", record.scheduled_time, span);
    case EventKind::rpc:
      describe_other("jsrpc", record.method.empty() ? "jsrpc" : record.method, span);
      span.set_if("cloudflare.jsrpc.method", record.method);
      return;
    case EventKind::tail: return describe_other("tail", "tail", span);
    case EventKind::websocket:
      return describe_other("websocket", "websocket " + record.socket_event, span);
    case EventKind::other: return describe_other("other", "event", span);
  }
}

}  // namespace

EventSpan::EventSpan(trace::SpanContext own, const trace::SpanContext* caller)
    : context(std::move(own)), start_ns(trace::wall_clock_ns()) {
  if (caller == nullptr) return;
  parent = caller->span;
  remote_parent = caller->remote;
}

trace::Span span_of(const Record& record, const EventSpan& event, std::chrono::nanoseconds cpu) {
  trace::Span span;
  span.context = event.context;
  span.parent = event.parent;
  span.remote_parent = event.remote_parent;
  span.kind = trace::SpanKind::server;
  span.start_ns = event.start_ns;
  span.end_ns = event.start_ns + event.took.count();
  span.worker = record.worker;
  span.version = record.version;
  describe_kind(record, span);
  span.set("cloudflare.outcome", signals::name_of(record.outcome));
  span.set("cloudflare.cpu_time",
           std::chrono::duration_cast<std::chrono::milliseconds>(cpu).count());
  span.set("cloudflare.wall_time", record.wall_ms);
  span.set_if("cloudflare.entrypoint", record.entrypoint);
  span.set("cloudflare.execution_model", record.durable_object ? "stateful" : "stateless");
  span.set_if("cloudflare.durable_object.id", record.object_id);
  for (const Record::Exception& each : record.exceptions) {
    trace::SpanEvent thrown{
        .name = "exception", .time_ns = each.time * 1'000'000, .attributes = {}};
    thrown.attributes.push_back({"exception.type", each.name});
    thrown.attributes.push_back({"exception.message", std::string(trace::cut(each.message))});
    if (!each.stack.empty()) {
      thrown.attributes.push_back({"exception.stacktrace", std::string(trace::cut(each.stack))});
    }
    span.events.push_back(std::move(thrown));
  }
  span.failed = record.outcome != Outcome::ok || record.status >= 500;
  if (span.failed && !record.exceptions.empty()) {
    span.failure = trace::cut(record.exceptions.back().message);
  }
  return span;
}

}  // namespace selvage::worker
