// The alphabet of HTTP/1.1 (RFC 9110, section 5.6; RFC 3986): which bytes may stand where, and how
// the lines of a header block are walked. Shared by everything that reads messages.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace selvage::http {

/// Bits of kCharacterClasses.
enum CharacterClass : uint8_t {
  kTokenCharacter = 1,       // tchar: methods, field names
  kFieldValueCharacter = 2,  // HTAB, SP, VCHAR, obs-text
  kTargetCharacter = 4,      // visible ASCII without '#', and bytes above 127
  kHostCharacter = 8,        // reg-name (RFC 3986, section 3.2.2)
};

namespace detail {
constexpr bool is_alphanumeric(int c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr std::array<uint8_t, 256> character_classes() {
  std::array<uint8_t, 256> classes{};
  constexpr std::string_view token_marks = "!#$%&'*+-.^_`|~";
  constexpr std::string_view host_marks = "-._~%!$&'()*+,;=";
  for (int c = 0; c < 256; ++c) {
    const char byte = static_cast<char>(c);
    uint8_t bits = 0;
    if (is_alphanumeric(c) || token_marks.find(byte) != std::string_view::npos) {
      bits |= kTokenCharacter;
    }
    if (c == '\t' || (c >= 0x20 && c != 0x7f)) bits |= kFieldValueCharacter;
    if (c > 0x20 && c != 0x7f && c != '#') bits |= kTargetCharacter;
    if (is_alphanumeric(c) || host_marks.find(byte) != std::string_view::npos) {
      bits |= kHostCharacter;
    }
    classes[static_cast<size_t>(c)] = bits;
  }
  return classes;
}
}  // namespace detail

inline constexpr std::array<uint8_t, 256> kCharacterClasses = detail::character_classes();

constexpr bool has_class(char c, CharacterClass wanted) {
  return (kCharacterClasses[static_cast<uint8_t>(c)] & wanted) != 0;
}

/// Whether `text` consists of one or more tchar.
constexpr bool is_token(std::string_view text) {
  for (char c : text) {
    if (!has_class(c, kTokenCharacter)) return false;
  }
  return !text.empty();
}

/// Whether every byte of `value` may stand in a field value. Eight bytes at a time: most of a
/// request's bytes are in its values.
inline bool is_field_value(std::string_view value) {
  constexpr uint64_t kOnes = ~uint64_t{0} / 255;
  constexpr uint64_t kHighBits = kOnes * 0x80;
  const char* at = value.data();
  const char* const end = at + value.size();
  for (; end - at >= 8; at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    const uint64_t deletes = word ^ (kOnes * 0x7f);
    const uint64_t suspicious =
        (((word - kOnes * 0x20) & ~word) | ((deletes - kOnes) & ~deletes)) & kHighBits;
    if (suspicious == 0) continue;
    for (int i = 0; i < 8; ++i) {  // a tab, most likely
      if (!has_class(at[i], kFieldValueCharacter)) return false;
    }
  }
  for (; at != end; ++at) {
    if (!has_class(*at, kFieldValueCharacter)) return false;
  }
  return true;
}

constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

/// Whether `text` is `lowercase` without regard to the case of ASCII letters.
constexpr bool equals_ignoring_case(std::string_view text, std::string_view lowercase) {
  if (text.size() != lowercase.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (to_lower(text[i]) != lowercase[i]) return false;
  }
  return true;
}

/// `text` without spaces and tabs at both ends.
constexpr std::string_view trim_whitespace(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Takes the next element off a comma-separated list, trimmed; it may be empty.
constexpr std::string_view take_list_element(std::string_view& list) {
  const size_t comma = list.find(',');
  const std::string_view element = trim_whitespace(list.substr(0, comma));
  list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  return element;
}

/// One line of a header block.
struct FieldLine {
  std::string_view name;
  std::string_view value;  // trimmed
};

/// Takes the first line off `block`, a valid header block ("name: value\r\n"...), not empty.
inline FieldLine take_field_line(std::string_view& block) {
  const size_t end = block.find('\n');
  std::string_view line = block.substr(0, end);
  block.remove_prefix(end == std::string_view::npos ? block.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return {line, {}};
  return {line.substr(0, colon), trim_whitespace(line.substr(colon + 1))};
}

/// The value of the first field called `lowercase_name`; a null view (data() is nullptr) without
/// one.
inline std::string_view find_field(std::string_view block, std::string_view lowercase_name) {
  while (!block.empty()) {
    const FieldLine line = take_field_line(block);
    if (equals_ignoring_case(line.name, lowercase_name)) {
      return line.value.data() != nullptr ? line.value : std::string_view("");
    }
  }
  return {};
}

}  // namespace selvage::http
