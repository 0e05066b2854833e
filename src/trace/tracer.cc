#include "trace/tracer.h"

#include <cmath>
#include <random>

namespace selvage::trace {
namespace {

uint64_t random_number() {
  thread_local std::mt19937_64 random = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  uint64_t number = 0;
  while (number == 0) number = random();  // zero means none
  return number;
}

}  // namespace

Tracer::Tracer(Sampling sampling, Sink sink) : sampling_(sampling), sink_(std::move(sink)) {}

/// By the id alone, so that everybody who has the ratio decides alike: the 56 rightmost bits are
/// the random ones.
bool Tracer::samples(const TraceId& id) const {
  constexpr uint64_t kRandomBits = (uint64_t{1} << 56) - 1;
  if (sampling_.ratio >= 1) return true;
  if (!(sampling_.ratio > 0)) return false;
  const auto rejected = static_cast<uint64_t>(std::ldexp(1 - sampling_.ratio, 56));
  return (id.low & kRandomBits) >= rejected;
}

SpanContext Tracer::begin(const SpanContext* parent) const {
  SpanContext context;
  if (parent != nullptr) {
    context = child_of(*parent);
    if (!sampling_.parent_based && parent->remote) context.sampled = samples(context.trace);
    return context;
  }
  context.trace = {random_number(), random_number()};
  context.span = random_number();
  context.sampled = samples(context.trace);
  return context;
}

SpanContext Tracer::child_of(const SpanContext& parent) {
  return {.trace = parent.trace,
          .span = random_number(),
          .sampled = parent.sampled,
          .state = parent.state};
}

}  // namespace selvage::trace
