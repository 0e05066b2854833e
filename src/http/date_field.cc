#include "http/date_field.h"

#include <cstdio>

namespace selvage::http {

void DateField::update(std::time_t now) {
  if (now == second_) return;
  second_ = now;
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  gmtime_r(&now, &utc);
  // A year has four digits here: modulo keeps the compiler and the buffer sure of it.
  std::snprintf(line_.data(), line_.size(), "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n",
                kDays[utc.tm_wday], utc.tm_mday, kMonths[utc.tm_mon], (utc.tm_year + 1900) % 10000,
                utc.tm_hour, utc.tm_min, utc.tm_sec);
}

}  // namespace selvage::http
