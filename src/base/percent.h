// Percent-encoding (RFC 3986, section 2.1), and the digits of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace selvage {

/// 0 to 15; -1 when `c` is no hexadecimal digit.
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// "a%2Fb" -> "a/b"; nullopt when a "%" is not followed by two digits. "+" stays.
std::optional<std::string> percent_decode(std::string_view text);
/// The same, but a "%" that is not followed by two digits stays.
std::string percent_decode_leniently(std::string_view text);

/// All but letters, digits, "-", ".", "_" and "~" (what RFC 3986 calls unreserved).
std::string percent_encode(std::string_view text);

}  // namespace selvage
