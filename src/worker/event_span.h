// What an event in a worker is as a span. Attributes are those of OpenTelemetry's semantic
// conventions for HTTP (stable) and FaaS, and Cloudflare's names for what is its own.
#pragma once

#include <chrono>

#include "signals/record.h"
#include "trace/span.h"

namespace selvage::worker {

/// Begins with the event.
struct EventSpan {
  /// `caller`: the span that it comes from, or nullptr.
  EventSpan(trace::SpanContext own, const trace::SpanContext* caller);

  trace::SpanContext context;
  trace::SpanId parent = 0;
  bool remote_parent = false;
  int64_t start_ns;
  std::chrono::nanoseconds took{};  // once it is over
};

/// The span of an event that is over. `cpu`: what it used.
trace::Span span_of(const signals::Record& record, const EventSpan& event,
                    std::chrono::nanoseconds cpu);

}  // namespace selvage::worker
