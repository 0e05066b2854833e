#include "base/utc_text.h"

#include <cstdio>
#include <ctime>

namespace selvage {

std::string utc_text(int64_t time_ms, const char* format) {
  const std::time_t seconds = time_ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof text, format, &parts)};
}

std::string iso_time(int64_t time_ms) {
  char fraction[8];
  std::snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>(time_ms % 1000));
  return utc_text(time_ms, "%Y-%m-%dT%H:%M:%S") + fraction;
}

}  // namespace selvage
