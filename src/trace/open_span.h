// A span that goes on: ended once, at the latest when it is destroyed.
#pragma once

#include <chrono>
#include <string_view>

#include "trace/span.h"
#include "trace/tracer.h"

namespace selvage::trace {

/// One thread at a time. `tracer` outlives it.
class OpenSpan {
 public:
  /// Starts now, as a child of `parent`.
  OpenSpan(const Tracer& tracer, const SpanContext& parent, SpanKind kind, std::string_view name);
  /// Whoever was to end it never did: it was given up.
  ~OpenSpan();
  OpenSpan(const OpenSpan&) = delete;
  OpenSpan& operator=(const OpenSpan&) = delete;

  [[nodiscard]] Span& span() { return span_; }
  [[nodiscard]] const SpanContext& context() const { return span_.context; }
  void end();
  /// It failed: `type` is what kind of error (error.type), `message` a sentence.
  void fail(std::string_view type, std::string_view message);

 private:
  const Tracer& tracer_;
  Span span_;
  std::chrono::steady_clock::time_point started_;
  bool ended_ = false;
};

}  // namespace selvage::trace
