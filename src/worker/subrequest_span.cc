#include "worker/subrequest_span.h"

#include "http/syntax.h"
#include "trace/url_parts.h"
#include "worker/local_exchange.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {
namespace {

/// Of the event that the running code belongs to; nullptr when it is in no trace.
const trace::SpanContext* current_trace(WorkerIsolate& isolate) {
  if (isolate.host().signals.tracer == nullptr) return nullptr;
  const Invocation* invocation = isolate.find(isolate.current_invocation());
  return invocation != nullptr ? invocation->trace() : nullptr;
}

std::unique_ptr<trace::OpenSpan> open_span(WorkerIsolate& isolate, const trace::SpanContext& parent,
                                           std::string_view name) {
  if (!parent.sampled) return nullptr;
  auto open = std::make_unique<trace::OpenSpan>(*isolate.host().signals.tracer, parent,
                                                trace::SpanKind::client, name);
  open->span().worker = isolate.worker().name();
  open->span().version = isolate.worker().version().id;
  return open;
}

std::unique_ptr<trace::OpenSpan> open_span(WorkerIsolate& isolate, const trace::SpanContext& parent,
                                           std::string_view method, std::string_view url) {
  auto open = open_span(isolate, parent, "");
  if (!open) return nullptr;
  trace::describe_method(open->span(), method);
  trace::describe_url(open->span(), url);
  return open;
}

/// `headers` without the fields of that name.
void remove_field(http::HeaderBlock& headers, std::string_view lowercase_name) {
  http::HeaderBlock kept;
  std::string_view rest = headers;
  while (!rest.empty()) {
    const std::string_view before = rest;
    const http::FieldLine line = http::take_field_line(rest);
    if (http::equals_ignoring_case(line.name, lowercase_name)) continue;
    kept.append(before.substr(0, before.size() - rest.size()));
  }
  headers = std::move(kept);
}

/// A script that passes on what it got passes on its caller's context, too: ours takes its place,
/// in the same trace. Another trace than that is the script's own will.
void propagate(const trace::SpanContext& context, http::HeaderBlock& headers) {
  const std::string_view given = http::find_field(headers, "traceparent");
  if (given.data() != nullptr) {
    const auto theirs = trace::parse_traceparent(given);
    if (!theirs || theirs->trace != context.trace) return;
    remove_field(headers, "traceparent");
  }
  headers.append("traceparent: ").append(trace::to_traceparent(context)).append("\r\n");
  if (!context.state.empty() && http::find_field(headers, "tracestate").data() == nullptr) {
    headers.append("tracestate: ").append(context.state).append("\r\n");
  }
}

}  // namespace

std::unique_ptr<trace::OpenSpan> begin_fetch_span(WorkerIsolate& isolate, http::Request& request) {
  const trace::SpanContext* parent = current_trace(isolate);
  if (parent == nullptr) return nullptr;
  auto open = open_span(isolate, *parent, request.method, request.url);
  propagate(open ? open->context() : *parent, request.headers);
  return open;
}

std::unique_ptr<trace::OpenSpan> begin_call_span(WorkerIsolate& isolate, std::string_view method,
                                                 std::string_view url, std::string_view worker,
                                                 std::string_view object_class,
                                                 std::string_view object_id) {
  const trace::SpanContext* parent = current_trace(isolate);
  if (parent == nullptr) return nullptr;
  auto open = open_span(isolate, *parent, method, url);
  if (!open) return nullptr;
  trace::Span& span = open->span();
  span.set("faas.invoked_name", worker);
  span.set_if("cloudflare.durable_object.class", object_class);
  span.set_if("cloudflare.durable_object.id", object_id);
  return open;
}

std::unique_ptr<trace::OpenSpan> begin_binding_span(WorkerIsolate& isolate,
                                                    const http::Request& request,
                                                    std::string_view worker, Target& target) {
  const trace::SpanContext* parent = current_trace(isolate);
  if (parent == nullptr) return nullptr;
  auto open = begin_call_span(isolate, request.method, request.url, worker, target.object_class,
                              target.object_id);
  target.caller = std::make_unique<trace::SpanContext>(open ? open->context() : *parent);
  return open;
}

std::unique_ptr<trace::OpenSpan> begin_kv_span(WorkerIsolate& isolate, std::string_view name,
                                               std::string_view namespace_id, size_t keys,
                                               std::string_view key) {
  const trace::SpanContext* parent = current_trace(isolate);
  if (parent == nullptr) return nullptr;
  auto open = open_span(isolate, *parent, name);
  if (!open) return nullptr;
  constexpr std::string_view kPrefix = "kv_";
  trace::Span& span = open->span();
  span.set("db.system.name", "cloudflare-kv");
  span.set("db.operation.name", name.substr(kPrefix.size()));
  span.set("db.namespace", namespace_id);
  span.set("cloudflare.binding.type", "KV");
  if (keys > 0) {
    span.set("cloudflare.kv.query.keys", key);
    span.set("cloudflare.kv.query.keys.count", static_cast<int64_t>(keys));
  }
  return open;
}

void propagate_to(WorkerIsolate& isolate, Target& target) {
  if (const trace::SpanContext* caller = current_trace(isolate)) {
    target.caller = std::make_unique<trace::SpanContext>(*caller);
  }
}

void end_span(trace::OpenSpan* span, const Status& status) {
  if (span == nullptr) return;
  if (!status) return span->fail(to_string(status.error().code), status.error().message);
  span->end();
}

void end_subrequest_span(trace::OpenSpan* span, const Result<http::Response>& response) {
  if (span == nullptr) return;
  if (!response) return span->fail(to_string(response.error().code), response.error().message);
  if (response->status == LocalExchange::kThrown) return span->fail("exception", "");
  span->span().set("http.response.status_code", response->status);
  if (response->status >= 400) return span->fail(std::to_string(response->status), "");
  span->end();
}

}  // namespace selvage::worker
