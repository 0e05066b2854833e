// Character encodings on plain bytes, free of V8.
// https://encoding.spec.whatwg.org/
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace selvage::web {

bool is_ascii(std::span<const uint8_t> bytes);
/// Well-formed UTF-8 (Unicode 16, table 3-7)?
bool is_utf8(std::span<const uint8_t> bytes);

/// UTF-16 units of UTF-16LE or BE bytes. Lone surrogates and an odd byte at the end become U+FFFD;
/// nullopt instead, when `fatal`.
std::optional<std::u16string> decode_utf16(std::span<const uint8_t> bytes, bool big_endian,
                                           bool fatal);
/// nullopt when no byte is in 0x80 to 0x9f: the text is then the same in Latin-1.
std::optional<std::u16string> decode_windows_1252(std::span<const uint8_t> bytes);

std::string base64_encode(std::span<const uint8_t> bytes);
/// "Forgiving" decoding of the Infra Standard; nullopt when malformed.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace selvage::web
