// To do something on a loop from elsewhere, and wait for it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/function.h"
#include "loop/loop.h"

namespace selvage::serve {

/// Waits for a number of things that happen on other threads.
class Latch {
 public:
  explicit Latch(size_t count) : count_(count) {}
  void count_down() {
    std::lock_guard lock(mutex_);
    if (--count_ == 0) done_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return count_ == 0; });
  }
  /// False when the time was up first.
  bool wait_for(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return done_.wait_for(lock, time, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  size_t count_;
};

/// Runs `action` on `loop`, which somebody else carries, and waits until it is done.
template <class Action>
void run_on(loop::Loop& loop, Action&& action) {
  Latch latch(1);
  loop.post([&] {
    action();
    latch.count_down();
  });
  latch.wait();
}

}  // namespace selvage::serve
