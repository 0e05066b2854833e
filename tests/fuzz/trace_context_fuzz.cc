// Trace context in header fields, as anybody may send it: ignored, or read into something that is
// written in the form of the specification and reads back the same.
#include <string>
#include <string_view>

#include "expect.h"
#include "trace/trace_context.h"

using selvage::fuzz::expect;
namespace trace = selvage::trace;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view block(reinterpret_cast<const char*>(data), size);
  const auto context = trace::extract(block);
  if (context) {
    expect(context->trace.valid() && context->span != 0, "ids are not zero");
    const std::string written = trace::to_traceparent(*context);
    const auto again = trace::parse_traceparent(written);
    expect(again.has_value(), "what is written can be read");
    expect(again->trace == context->trace && again->span == context->span &&
               again->sampled == context->sampled,
           "and says the same");
    expect(trace::parse_tracestate(context->state) == context->state,
           "a state that was read reads back the same");
    expect(context->state.size() <= trace::kLongestState, "and is not too long");
  }
  (void)trace::parse_traceparent(block);
  if (const auto state = trace::parse_tracestate(block)) {
    expect(state->find_first_of("\r\n") == std::string::npos, "a state is one line");
  }
  return 0;
}
