// How long a command took.
#pragma once

#include <chrono>
#include <cstdint>

namespace selvage::cli {

/// Runs from its making on.
class Stopwatch {
 public:
  [[nodiscard]] int64_t milliseconds() const {
    return std::chrono::round<std::chrono::milliseconds>(Clock::now() - start_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start_ = Clock::now();
};

}  // namespace selvage::cli
