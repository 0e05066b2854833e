#include "web/encodings.h"

#include <array>
#include <cstring>

namespace selvage::web {

bool is_ascii(std::span<const uint8_t> bytes) {
  size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    uint64_t word = 0;
    memcpy(&word, bytes.data() + i, 8);
    if ((word & 0x8080808080808080U) != 0) return false;
  }
  for (; i < bytes.size(); ++i) {
    if (bytes[i] >= 0x80) return false;
  }
  return true;
}

bool is_utf8(std::span<const uint8_t> bytes) {
  const size_t size = bytes.size();
  size_t i = 0;
  while (i < size) {
    const uint8_t first = bytes[i];
    if (first < 0x80) {
      ++i;
      continue;
    }
    size_t more = 0;
    uint8_t low = 0x80;
    uint8_t high = 0xbf;
    if (first >= 0xc2 && first <= 0xdf) {
      more = 1;
    } else if (first >= 0xe0 && first <= 0xef) {
      more = 2;
      if (first == 0xe0) low = 0xa0;   // overlong
      if (first == 0xed) high = 0x9f;  // surrogates
    } else if (first >= 0xf0 && first <= 0xf4) {
      more = 3;
      if (first == 0xf0) low = 0x90;   // overlong
      if (first == 0xf4) high = 0x8f;  // above U+10FFFF
    } else {
      return false;
    }
    if (size - i <= more || bytes[i + 1] < low || bytes[i + 1] > high) return false;
    for (size_t k = 2; k <= more; ++k) {
      if ((bytes[i + k] & 0xc0) != 0x80) return false;
    }
    i += more + 1;
  }
  return true;
}

std::optional<std::u16string> decode_utf16(std::span<const uint8_t> bytes, bool big_endian,
                                           bool fatal) {
  constexpr char16_t kReplacement = 0xfffd;
  const auto is_high = [](char16_t unit) { return unit >= 0xd800 && unit <= 0xdbff; };
  const auto is_low = [](char16_t unit) { return unit >= 0xdc00 && unit <= 0xdfff; };
  std::u16string text(bytes.size() / 2, u'\0');
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned a = bytes[2 * i];
    const unsigned b = bytes[2 * i + 1];
    text[i] = static_cast<char16_t>(big_endian ? a << 8 | b : b << 8 | a);
  }
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_high(text[i]) && i + 1 < text.size() && is_low(text[i + 1])) {
      ++i;
    } else if (is_high(text[i]) || is_low(text[i])) {
      if (fatal) return std::nullopt;
      text[i] = kReplacement;
    }
  }
  if (bytes.size() % 2 != 0) {
    if (fatal) return std::nullopt;
    text.push_back(kReplacement);
  }
  return text;
}

std::optional<std::u16string> decode_windows_1252(std::span<const uint8_t> bytes) {
  // https://encoding.spec.whatwg.org/index-windows-1252.txt, 0x80 to 0x9f.
  static constexpr std::array<char16_t, 32> kHigh = {
      0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
      0x2039, 0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
      0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178};
  bool differs = false;
  for (const uint8_t byte : bytes) differs = differs || (byte >= 0x80 && byte <= 0x9f);
  if (!differs) return std::nullopt;
  std::u16string text(bytes.size(), u'\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    const uint8_t byte = bytes[i];
    text[i] = byte >= 0x80 && byte <= 0x9f ? kHigh[byte - 0x80U] : byte;
  }
  return text;
}

std::string base64_encode(std::span<const uint8_t> bytes) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const unsigned group = bytes[i] << 16U | bytes[i + 1] << 8U | bytes[i + 2];
    text += kAlphabet[group >> 18U];
    text += kAlphabet[group >> 12U & 63U];
    text += kAlphabet[group >> 6U & 63U];
    text += kAlphabet[group & 63U];
  }
  const size_t left = bytes.size() - i;
  if (left > 0) {
    const unsigned group = bytes[i] << 16U | (left == 2 ? bytes[i + 1] << 8U : 0U);
    text += kAlphabet[group >> 18U];
    text += kAlphabet[group >> 12U & 63U];
    text += left == 2 ? kAlphabet[group >> 6U & 63U] : '=';
    text += '=';
  }
  return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
  std::string stripped;
  stripped.reserve(text.size());
  for (const char c : text) {
    if (c != ' ' && c != '\t' && c != '\n' && c != '\f' && c != '\r') stripped += c;
  }
  if (stripped.size() % 4 == 0) {
    for (int i = 0; i < 2 && stripped.ends_with('='); ++i) stripped.pop_back();
  }
  if (stripped.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  bytes.reserve(stripped.size() * 3 / 4);
  uint32_t group = 0;
  unsigned bits = 0;
  for (const char c : stripped) {
    uint32_t value = 0;
    if (c >= 'A' && c <= 'Z') {
      value = static_cast<uint32_t>(c - 'A');
    } else if (c >= 'a' && c <= 'z') {
      value = static_cast<uint32_t>(c - 'a') + 26;
    } else if (c >= '0' && c <= '9') {
      value = static_cast<uint32_t>(c - '0') + 52;
    } else if (c == '+') {
      value = 62;
    } else if (c == '/') {
      value = 63;
    } else {
      return std::nullopt;
    }
    group = group << 6U | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(group >> bits & 0xffU);
    }
  }
  return bytes;
}

}  // namespace selvage::web
