// Fixed-width little-endian numbers in the stores' formats.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace selvage::store {

static_assert(std::endian::native == std::endian::little,
              "the formats on disk are little-endian; a big-endian machine needs byte swaps here");

template <class Number>
  requires std::is_unsigned_v<Number>
void put_number(std::string& out, Number value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class Number>
  requires std::is_unsigned_v<Number>
void set_number(char* at, Number value) {
  std::memcpy(at, &value, sizeof value);
}

template <class Number>
  requires std::is_unsigned_v<Number>
Number get_number(const char* at) {
  Number value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

/// Reads numbers and bytes off the front of a view; once it came up short, ok() stays false and
/// all that it gives is zero or empty.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  template <class Number>
  Number number() {
    std::string_view taken = bytes(sizeof(Number));
    return ok_ ? get_number<Number>(taken.data()) : Number{0};
  }
  std::string_view bytes(uint64_t count) {
    if (!ok_ || rest_.size() < count) {
      ok_ = false;
      return {};
    }
    std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace selvage::store
