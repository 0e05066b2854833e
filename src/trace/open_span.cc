#include "trace/open_span.h"

namespace selvage::trace {

OpenSpan::OpenSpan(const Tracer& tracer, const SpanContext& parent, SpanKind kind,
                   std::string_view name)
    : tracer_(tracer), started_(std::chrono::steady_clock::now()) {
  span_.context = Tracer::child_of(parent);
  span_.parent = parent.span;
  span_.kind = kind;
  span_.name = name;
  span_.start_ns = wall_clock_ns();
}

OpenSpan::~OpenSpan() {
  if (!ended_) fail("canceled", "");
}

void OpenSpan::end() {
  if (ended_) return;
  ended_ = true;
  const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - started_;
  span_.end_ns = span_.start_ns + took.count();
  tracer_.end(std::move(span_));
}

void OpenSpan::fail(std::string_view type, std::string_view message) {
  if (ended_) return;
  span_.set("error.type", type);
  span_.failed = true;
  span_.failure = cut(message);
  end();
}

}  // namespace selvage::trace
