// W3C Trace Context, level 2 (https://www.w3.org/TR/trace-context-2/): which trace a request
// belongs to, and which span sent it. Pure functions over header fields; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace selvage::trace {

struct TraceId {
  uint64_t high = 0;
  uint64_t low = 0;

  [[nodiscard]] bool valid() const { return high != 0 || low != 0; }
  bool operator==(const TraceId&) const = default;
};

/// 0 is none.
using SpanId = uint64_t;

/// What travels from span to span. A value.
struct SpanContext {
  TraceId trace;
  SpanId span = 0;
  bool sampled = false;
  std::string state;    // tracestate, as it came; "" for none
  bool remote = false;  // it came in a request from outside

  bool operator==(const SpanContext&) const = default;
};

/// 32 and 16 lower-case hexadecimal digits.
std::string to_hex(const TraceId& id);
std::string to_hex(SpanId id);

/// The value of a traceparent field (section 3.2): nullopt when anything is wrong with it. A later
/// version than 00 is read as far as 00 goes, as its section 4.3 demands.
std::optional<SpanContext> parse_traceparent(std::string_view value);
/// Of version 00, with the sampled flag alone.
std::string to_traceparent(const SpanContext& context);

/// The value of a tracestate field (section 3.3), several of them joined by commas: its members
/// without the empty ones, shortened to kLongestState as section 3.3.1.5 says. nullopt when a
/// member is wrong, a key comes twice, or there are more than 32.
inline constexpr size_t kLongestState = 512;
std::optional<std::string> parse_tracestate(std::string_view value);

/// What a request's header block (http/message.h) says: nullopt without exactly one good
/// traceparent. A bad tracestate is dropped alone.
std::optional<SpanContext> extract(std::string_view header_block);

}  // namespace selvage::trace
