// The time of day, as scripts, logs and expiry see it. It may jump: for durations use steady_clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace selvage {

/// Milliseconds since 1970-01-01 UTC. Any thread.
inline int64_t wall_clock_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

/// Whole seconds since 1970-01-01 UTC. Any thread.
inline int64_t wall_clock_seconds() { return wall_clock_ms() / 1000; }

}  // namespace selvage
