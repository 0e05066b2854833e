// The Date field of responses (RFC 9110, section 6.6.1), formatted once a second and not once a
// response.
#pragma once

#include <array>
#include <ctime>
#include <string_view>

namespace selvage::http {

class DateField {
 public:
  DateField() { update(std::time(nullptr)); }

  /// Formats anew when `now` is another second than before.
  void update(std::time_t now);

  /// "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n".
  [[nodiscard]] std::string_view line() const { return {line_.data(), kSize}; }

  static constexpr size_t kSize = 37;

 private:
  std::time_t second_ = -1;
  std::array<char, kSize + 1> line_{};
};

}  // namespace selvage::http
