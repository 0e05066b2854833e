// What Durable Objects' storage keeps. `[limits.objects]` of the platform's settings.
#pragma once

#include <cstdint>

namespace selvage::deploy {

struct ObjectLimits {
  uint64_t history_seconds = uint64_t{30} * 24 * 3600;  // of point-in-time recovery; 0: none
  uint64_t history_bytes = uint64_t{1} << 30;           // of one object, see docs/state.md
};

/// Calls `each(name, limit)` for every one of them.
template <class Limits, class Each>
void each_object_limit(Limits& limits, Each&& each) {
  each("history_seconds", limits.history_seconds);
  each("history_bytes", limits.history_bytes);
}

}  // namespace selvage::deploy
