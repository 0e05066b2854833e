#include "loop/baton.h"

namespace selvage::loop {

void Baton::acquire(CarrierId me) {
  std::unique_lock lock(mutex_);
  freed_.wait(lock, [&] {
    if (urgent_.load() != 0) return false;
    uint64_t free = 0;
    return state_.compare_exchange_strong(free, me << 1);
  });
}

void Baton::wait_until_taken(CarrierId me) {
  std::unique_lock lock(mutex_);
  freed_.wait(lock, [&] {
    uint64_t free = 0;
    return state_.compare_exchange_strong(free, me << 1);
  });
}

void Baton::release() {
  {
    std::lock_guard lock(mutex_);
    state_.store(0);
  }
  freed_.notify_all();
}

bool Baton::revoke(uint64_t sequence) {
  uint64_t held = state_.load();
  if ((held & 1) == 0 || sequence_.load() != sequence) return false;
  {
    // Under the mutex, so that a waiter between its test and its sleep can't miss the notification.
    std::lock_guard lock(mutex_);
    if (!state_.compare_exchange_strong(held, 0)) return false;
  }
  freed_.notify_all();
  return true;
}

}  // namespace selvage::loop
