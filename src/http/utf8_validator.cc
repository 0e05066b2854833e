#include "http/utf8_validator.h"

#include <cstring>

namespace selvage::http {

bool Utf8Validator::feed(std::string_view bytes) {
  if (invalid_) return false;
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  while (at != end) {
    if (missing_ == 0) {
      // Mostly ASCII: eight at a time.
      for (; end - at >= 8; at += 8) {
        uint64_t word = 0;
        std::memcpy(&word, at, sizeof word);
        if ((word & 0x8080808080808080U) != 0) break;
      }
      if (at == end) break;
    }
    const auto byte = static_cast<uint8_t>(*at++);
    if (missing_ != 0) {
      if (byte < lowest_ || byte > highest_) {
        invalid_ = true;
        return false;
      }
      --missing_;
      lowest_ = 0x80;
      highest_ = 0xbf;
    } else if (byte < 0x80) {
      continue;
    } else if (byte >= 0xc2 && byte <= 0xdf) {
      missing_ = 1;
    } else if (byte >= 0xe0 && byte <= 0xef) {
      missing_ = 2;
      if (byte == 0xe0) lowest_ = 0xa0;   // shorter forms exist
      if (byte == 0xed) highest_ = 0x9f;  // surrogates
    } else if (byte >= 0xf0 && byte <= 0xf4) {
      missing_ = 3;
      if (byte == 0xf0) lowest_ = 0x90;
      if (byte == 0xf4) highest_ = 0x8f;  // beyond U+10FFFF
    } else {
      invalid_ = true;
      return false;
    }
  }
  return true;
}

}  // namespace selvage::http
