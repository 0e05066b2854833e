#include "trace/retry.h"

#include <algorithm>
#include <charconv>

namespace selvage::trace {
namespace {

constexpr double kJitter = 0.25;
constexpr int kMostDoublings = 20;

}  // namespace

bool may_retry(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

std::optional<std::chrono::milliseconds> next_try(const Backoff& backoff, int tries,
                                                  std::string_view retry_after, double random) {
  if (tries >= backoff.most_tries) return std::nullopt;
  const int doublings = std::clamp(tries - 1, 0, kMostDoublings);
  auto wait = std::min(backoff.first * (int64_t{1} << doublings), backoff.longest);
  uint32_t seconds = 0;
  const char* end = retry_after.data() + retry_after.size();
  if (!retry_after.empty() && std::from_chars(retry_after.data(), end, seconds).ptr == end) {
    wait = std::max(
        wait, std::min<std::chrono::milliseconds>(std::chrono::seconds(seconds), backoff.longest));
  }
  const double jitter = static_cast<double>(wait.count()) * kJitter * random;
  return wait + std::chrono::milliseconds(static_cast<int64_t>(jitter));
}

}  // namespace selvage::trace
