#include "trace/trace_context.h"

#include <algorithm>
#include <vector>

#include "http/syntax.h"

namespace selvage::trace {
namespace {

constexpr size_t kLength = 55;  // "00-" + 32 + "-" + 16 + "-" + 2
constexpr size_t kMostMembers = 32;
constexpr size_t kLongestKey = 256;
constexpr size_t kLongestValue = 256;
constexpr size_t kLongMember = 128;  // goes first when there is too much

/// Lower-case digits only; nullopt for anything else.
std::optional<uint64_t> parse_hex(std::string_view digits) {
  uint64_t value = 0;
  for (const char c : digits) {
    if (c >= '0' && c <= '9') {
      value = value << 4 | static_cast<uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      value = value << 4 | static_cast<uint64_t>(c - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return value;
}

void append_hex(std::string& text, uint64_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
    text += "0123456789abcdef"[value >> shift & 15];
  }
}

bool is_key(std::string_view key) {
  const auto first = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !key.empty() && key.size() <= kLongestKey && first(key[0]) &&
         std::ranges::all_of(key, [&](char c) {
           return first(c) || c == '_' || c == '-' || c == '*' || c == '/' || c == '@';
         });
}

/// Trimmed already, so that no space is at its end.
bool is_value(std::string_view value) {
  return !value.empty() && value.size() <= kLongestValue && std::ranges::all_of(value, [](char c) {
    return c >= ' ' && c <= '~' && c != ',' && c != '=';
  });
}

std::string join(const std::vector<std::string_view>& members) {
  std::string text;
  for (const std::string_view member : members) {
    if (!text.empty()) text += ',';
    text += member;
  }
  return text;
}

}  // namespace

std::string to_hex(const TraceId& id) {
  std::string text;
  append_hex(text, id.high, 16);
  append_hex(text, id.low, 16);
  return text;
}

std::string to_hex(SpanId id) {
  std::string text;
  append_hex(text, id, 16);
  return text;
}

std::optional<SpanContext> parse_traceparent(std::string_view value) {
  if (value.size() < kLength || value[2] != '-' || value[35] != '-' || value[52] != '-') {
    return std::nullopt;
  }
  const auto version = parse_hex(value.substr(0, 2));
  if (!version || *version == 0xff) return std::nullopt;
  if (*version == 0 && value.size() != kLength) return std::nullopt;
  if (value.size() > kLength && value[kLength] != '-') return std::nullopt;
  const auto high = parse_hex(value.substr(3, 16));
  const auto low = parse_hex(value.substr(19, 16));
  const auto span = parse_hex(value.substr(36, 16));
  const auto flags = parse_hex(value.substr(53, 2));
  if (!high || !low || !span || !flags) return std::nullopt;
  const SpanContext context{
      .trace = {*high, *low}, .span = *span, .sampled = (*flags & 1) != 0, .state = {}};
  if (!context.trace.valid() || context.span == 0) return std::nullopt;
  return context;
}

std::string to_traceparent(const SpanContext& context) {
  return "00-" + to_hex(context.trace) + "-" + to_hex(context.span) +
         (context.sampled ? "-01" : "-00");
}

std::optional<std::string> parse_tracestate(std::string_view value) {
  std::vector<std::string_view> members;
  size_t length = 0;
  while (!value.empty()) {
    const std::string_view member = http::take_list_element(value);
    if (member.empty()) continue;
    const size_t equals = member.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view key = member.substr(0, equals);
    if (!is_key(key) || !is_value(member.substr(equals + 1))) return std::nullopt;
    const bool again = std::ranges::any_of(
        members, [&](std::string_view other) { return other.substr(0, other.find('=')) == key; });
    if (again || members.size() == kMostMembers) return std::nullopt;
    members.push_back(member);
    length += member.size() + 1;
  }
  for (size_t i = members.size(); i-- > 0 && length > kLongestState + 1;) {
    if (members[i].size() <= kLongMember) continue;
    length -= members[i].size() + 1;
    members.erase(members.begin() + static_cast<ptrdiff_t>(i));
  }
  while (length > kLongestState + 1) {
    length -= members.back().size() + 1;
    members.pop_back();
  }
  return join(members);
}

std::optional<SpanContext> extract(std::string_view header_block) {
  std::string_view parent;
  std::string states;
  while (!header_block.empty()) {
    const http::FieldLine line = http::take_field_line(header_block);
    if (http::equals_ignoring_case(line.name, "traceparent")) {
      if (parent.data() != nullptr) return std::nullopt;
      parent = line.value;
    } else if (http::equals_ignoring_case(line.name, "tracestate")) {
      if (!states.empty()) states += ',';
      states += line.value;
    }
  }
  auto context = parse_traceparent(parent);
  if (!context) return std::nullopt;
  context->remote = true;
  context->state = parse_tracestate(states).value_or("");
  return context;
}

}  // namespace selvage::trace
