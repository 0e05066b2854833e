// Begins spans: decides whether a trace is sampled, and gives out ids. Any thread.
#pragma once

#include <chrono>
#include <functional>
#include <utility>

#include "trace/span.h"

namespace selvage::trace {

/// As OpenTelemetry's samplers: https://opentelemetry.io/docs/specs/otel/trace/sdk/#sampling
struct Sampling {
  /// What a caller decided holds; else its decision counts for nothing.
  bool parent_based = true;
  /// Of the traces that begin here, from 0 to 1.
  double ratio = 1;
};

/// Outlives whoever has a reference.
class Tracer {
 public:
  using Sink = std::function<void(Span)>;

  /// `sink` gets each span that is over; from any thread.
  Tracer(Sampling sampling, Sink sink);

  /// The context of an event that begins: a child of `parent`, or a new trace without one.
  [[nodiscard]] SpanContext begin(const SpanContext* parent) const;
  /// The context of something that happens within `parent`.
  [[nodiscard]] static SpanContext child_of(const SpanContext& parent);
  /// Spans that are not sampled are dropped.
  void end(Span span) const {
    if (span.context.sampled) sink_(std::move(span));
  }

 private:
  [[nodiscard]] bool samples(const TraceId& id) const;

  const Sampling sampling_;
  const Sink sink_;
};

/// Nanoseconds since 1970.
inline int64_t wall_clock_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace selvage::trace
