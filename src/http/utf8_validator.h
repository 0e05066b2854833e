// Whether bytes are UTF-8 (RFC 3629), seen in pieces that may end anywhere.
#pragma once

#include <cstdint>
#include <string_view>

namespace selvage::http {

class Utf8Validator {
 public:
  /// False as soon as no continuation can make it UTF-8; stays so until reset().
  bool feed(std::string_view bytes);
  /// Whether what was fed so far ends with a complete character.
  [[nodiscard]] bool complete() const { return missing_ == 0; }
  void reset() { *this = Utf8Validator(); }

 private:
  uint8_t missing_ = 0;    // continuation bytes of the current character
  uint8_t lowest_ = 0x80;  // bounds of the next one
  uint8_t highest_ = 0xbf;
  bool invalid_ = false;
};

/// Whether `text` is UTF-8 as a whole.
inline bool is_utf8(std::string_view text) {
  Utf8Validator validator;
  return validator.feed(text) && validator.complete();
}

}  // namespace selvage::http
