// The span of a request that a script sends, and the trace context that goes with it.
#pragma once

#include <memory>

#include "base/result.h"
#include "http/message.h"
#include "trace/open_span.h"

namespace selvage::worker {

class WorkerIsolate;
struct Target;

/// Of a request to the outside world, which gets "traceparent" and "tracestate" fields, unless the
/// script has put it into another trace itself. nullptr when nothing is traced, or this is not.
/// Inside; with the baton.
std::unique_ptr<trace::OpenSpan> begin_fetch_span(WorkerIsolate& isolate, http::Request& request);
/// Of a request through a binding: `target` gets the context.
std::unique_ptr<trace::OpenSpan> begin_binding_span(WorkerIsolate& isolate,
                                                    const http::Request& request,
                                                    std::string_view worker, Target& target);
/// `span` may be nullptr.
void end_subrequest_span(trace::OpenSpan* span, const Result<http::Response>& response);

}  // namespace selvage::worker
