// The spans of what a script asks of others: requests, operations on Workers KV; and the trace
// context that goes with them. Inside; with the baton.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "http/message.h"
#include "trace/open_span.h"

namespace selvage::worker {

class WorkerIsolate;
struct Target;

/// Of a request to the outside world, which gets "traceparent" and "tracestate" fields, unless the
/// script has put it into another trace itself. nullptr when nothing is traced, or this is not.
std::unique_ptr<trace::OpenSpan> begin_fetch_span(WorkerIsolate& isolate, http::Request& request);
/// Of a request to an object, or through a service binding.
std::unique_ptr<trace::OpenSpan> begin_call_span(WorkerIsolate& isolate, std::string_view method,
                                                 std::string_view url, std::string_view worker,
                                                 std::string_view object_class,
                                                 std::string_view object_id);
/// The same, for one that leaves the isolate: `target` gets the context.
std::unique_ptr<trace::OpenSpan> begin_binding_span(WorkerIsolate& isolate,
                                                    const http::Request& request,
                                                    std::string_view worker, Target& target);
/// Of an operation on KV: `name` as Cloudflare calls it, "kv_get". `keys` that are named, the first
/// of them, if any, is `key`.
std::unique_ptr<trace::OpenSpan> begin_kv_span(WorkerIsolate& isolate, std::string_view name,
                                               std::string_view namespace_id, size_t keys,
                                               std::string_view key);
/// Of an RPC session: `target` gets the context.
void propagate_to(WorkerIsolate& isolate, Target& target);

// `span` may be nullptr.
void end_span(trace::OpenSpan* span, const Status& status);
void end_subrequest_span(trace::OpenSpan* span, const Result<http::Response>& response);

}  // namespace selvage::worker
