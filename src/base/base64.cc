#include "base/base64.h"

#include <array>
#include <cstdint>

namespace selvage {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<int8_t, 256> make_values() {
  std::array<int8_t, 256> values{};
  for (auto& value : values) value = -1;
  for (size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<int8_t>(i);
  }
  return values;
}

constexpr std::array<int8_t, 256> kValues = make_values();

uint32_t byte_at(std::string_view bytes, size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  size_t at = 0;
  for (; at + 3 <= bytes.size(); at += 3) {
    const uint32_t group =
        byte_at(bytes, at) << 16 | byte_at(bytes, at + 1) << 8 | byte_at(bytes, at + 2);
    for (const int shift : {18, 12, 6, 0}) text += kAlphabet[group >> shift & 63];
  }
  const size_t rest = bytes.size() - at;
  if (rest == 0) return text;
  const uint32_t group = byte_at(bytes, at) << 16 | (rest == 2 ? byte_at(bytes, at + 1) << 8 : 0);
  text += kAlphabet[group >> 18 & 63];
  text += kAlphabet[group >> 12 & 63];
  text += rest == 2 ? kAlphabet[group >> 6 & 63] : '=';
  text += '=';
  return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (size_t at = 0; at < text.size(); at += 4) {
    size_t digits = 4;
    if (at + 4 == text.size()) {
      if (text[at + 3] == '=') digits = text[at + 2] == '=' ? 2 : 3;
    }
    uint32_t group = 0;
    for (size_t i = 0; i < 4; ++i) {
      const int value = i < digits ? kValues[static_cast<unsigned char>(text[at + i])] : 0;
      if (value < 0) return std::nullopt;
      group = group << 6 | static_cast<uint32_t>(value);
    }
    bytes += static_cast<char>(group >> 16 & 255);
    if (digits > 2) bytes += static_cast<char>(group >> 8 & 255);
    if (digits > 3) bytes += static_cast<char>(group & 255);
  }
  return bytes;
}

bool is_utf8(std::string_view bytes) {
  for (size_t at = 0; at < bytes.size();) {
    const uint32_t first = byte_at(bytes, at);
    if (first < 0x80) {
      ++at;
      continue;
    }
    const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || at + length > bytes.size()) return false;
    uint32_t point = first & (0xffU >> (length + 1));
    for (size_t i = 1; i < length; ++i) {
      const uint32_t next = byte_at(bytes, at + i);
      if ((next & 0xc0) != 0x80) return false;
      point = point << 6 | (next & 0x3f);
    }
    if (length == 3 && (point < 0x800 || (point >= 0xd800 && point < 0xe000))) return false;
    if (length == 4 && (point < 0x10000 || point > 0x10ffff)) return false;
    at += length;
  }
  return true;
}

}  // namespace selvage
