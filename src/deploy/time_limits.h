// How long scripts get for what has no end of its own. `[limits.time]` of the platform's settings.
#pragma once

#include <cstdint>

namespace selvage::deploy {

struct TimeLimits {
  uint32_t wait_until_ms = 30'000;         // after the response, for what waitUntil() was given
  uint32_t block_concurrency_ms = 30'000;  // for a blockConcurrencyWhile(), then the object ends
  uint32_t code_update_grace_ms =
      30'000;  // for requests at Durable Objects whose code was replaced
};

/// Calls `each(name, limit)` for every one of them.
template <class Limits, class Each>
void each_time_limit(Limits& limits, Each&& each) {
  each("wait_until_ms", limits.wait_until_ms);
  each("block_concurrency_ms", limits.block_concurrency_ms);
  each("code_update_grace_ms", limits.code_update_grace_ms);
}

}  // namespace selvage::deploy
