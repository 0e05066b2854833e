// Moments in words, in UTC. Any thread.
#pragma once

#include <cstdint>
#include <string>

namespace selvage {

/// `time_ms`, milliseconds since 1970, as strftime() writes it: at most 63 characters.
std::string utc_text(int64_t time_ms, const char* format);
/// "2026-11-23T15:43:08.120Z" (ISO 8601).
std::string iso_time(int64_t time_ms);

}  // namespace selvage
