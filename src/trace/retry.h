// What follows from a collector's answer:
// https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace selvage::trace {

/// Whether a request with this answer is to be sent again.
bool may_retry(int status);

struct Backoff {
  std::chrono::milliseconds first{1000};
  std::chrono::milliseconds longest{30'000};
  int most_tries = 6;  // of one request, the first included
};

/// How long to wait after `tries` failed ones; nullopt: give up. `retry_after` is the value of that
/// field of the answer, "" without one: its seconds are waited if they are more, up to the longest.
/// `random` is from 0 up to 1, and has the wait up to a quarter longer.
std::optional<std::chrono::milliseconds> next_try(const Backoff& backoff, int tries,
                                                  std::string_view retry_after, double random);

}  // namespace selvage::trace
