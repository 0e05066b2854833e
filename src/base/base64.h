// Base64 (RFC 4648, section 4), with padding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace selvage {

std::string base64_encode(std::string_view bytes);
/// nullopt for anything but whole groups of the alphabet.
std::optional<std::string> base64_decode(std::string_view text);

/// Whether `bytes` are well-formed UTF-8: no overlong forms, no surrogates.
bool is_utf8(std::string_view bytes);

}  // namespace selvage
