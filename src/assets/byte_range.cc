#include "assets/byte_range.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "http/syntax.h"

namespace selvage::assets {
namespace {

/// Digits only; what is too large for 64 bits is as good as the largest number.
std::optional<uint64_t> number(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? value : std::numeric_limits<uint64_t>::max();
}

}  // namespace

ByteRange parse_range(std::string_view field, uint64_t size) {
  constexpr std::string_view kUnit = "bytes";
  field = http::trim_whitespace(field);
  const size_t equals = field.find('=');
  if (equals == std::string_view::npos ||
      !http::equals_ignoring_case(http::trim_whitespace(field.substr(0, equals)), kUnit)) {
    return {};
  }
  const std::string_view set = http::trim_whitespace(field.substr(equals + 1));
  if (set.find(',') != std::string_view::npos) return {};
  const size_t dash = set.find('-');
  if (dash == std::string_view::npos) return {};
  const std::string_view left = http::trim_whitespace(set.substr(0, dash));
  const std::string_view right = http::trim_whitespace(set.substr(dash + 1));
  if (left.empty()) {
    const auto suffix = number(right);
    if (!suffix) return {};
    if (*suffix == 0 || size == 0) return {ByteRange::Kind::unsatisfiable};
    const uint64_t length = std::min(*suffix, size);
    return {ByteRange::Kind::part, size - length, length};
  }
  const auto first = number(left);
  const auto last =
      right.empty() ? std::optional<uint64_t>(std::numeric_limits<uint64_t>::max()) : number(right);
  if (!first || !last || *last < *first) return {};
  if (*first >= size) return {ByteRange::Kind::unsatisfiable};
  return {ByteRange::Kind::part, *first, std::min(*last, size - 1) - *first + 1};
}

}  // namespace selvage::assets
