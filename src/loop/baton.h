// The baton: which thread carries a loop.
//
// A loop and everything that belongs to it (sockets, timers, bodies, the isolates' queues) is
// touched only by the thread that holds the loop's baton. Around a call into JavaScript the holder
// marks the baton "in JavaScript"; from then until it takes the baton back, the watchdog may give
// it to a standby thread, so that one script's long computation does not stop its neighbours. When
// nothing was taken away, the cost is two atomic operations on a cache line that stays local.
//
// State: 0 = free; (carrier << 1) = held; (carrier << 1 | 1) = held, in JavaScript, may be revoked.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace selvage::loop {

/// Names a thread among the carriers of one loop; never 0, never used twice.
using CarrierId = uint64_t;

class Baton {
 public:
  /// Blocks until the caller holds the baton. `urgent` callers (a script that has just ended, or
  /// that calls something native) go before standby threads; `wake` is called so that a holder that
  /// sleeps in the poll notices them.
  void acquire(CarrierId me);
  template <class Wake>
  void acquire_urgently(CarrierId me, Wake&& wake) {
    urgent_.fetch_add(1);
    wake();
    wait_until_taken(me);
    urgent_.fetch_sub(1);
  }
  void release();

  /// Holder only. Starts a stretch of JavaScript.
  void enter_javascript(CarrierId me) {
    sequence_.store(sequence_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    reenter_javascript(me);
  }
  /// Holder only. Goes on with the same stretch after native code.
  void reenter_javascript(CarrierId me) { state_.store(me << 1 | 1, std::memory_order_release); }
  /// Ends it. False when the baton was revoked meanwhile: the caller must acquire it urgently.
  [[nodiscard]] bool leave_javascript(CarrierId me) {
    uint64_t expected = me << 1 | 1;
    return state_.compare_exchange_strong(expected, me << 1, std::memory_order_acq_rel);
  }
  /// Whether `me` holds the baton and is not in JavaScript. Meaningful only to `me`.
  [[nodiscard]] bool held_by(CarrierId me) const {
    return state_.load(std::memory_order_relaxed) == me << 1;
  }

  /// Watchdog only. Takes the baton from a holder in JavaScript and frees it. False when there was
  /// none. `sequence` guards against taking it from a later, short call.
  [[nodiscard]] bool revoke(uint64_t sequence);

  /// True when a thread waits urgently: the holder should release and acquire again.
  [[nodiscard]] bool wanted() const { return urgent_.load(std::memory_order_relaxed) != 0; }

  [[nodiscard]] bool in_javascript() const {
    return (state_.load(std::memory_order_relaxed) & 1) != 0;
  }
  /// Who runs JavaScript with the baton in hand; 0 when nobody does.
  [[nodiscard]] CarrierId in_javascript_carrier() const {
    const uint64_t state = state_.load(std::memory_order_relaxed);
    return (state & 1) != 0 ? state >> 1 : 0;
  }
  /// Counts the stretches of JavaScript, so that the watchdog can tell a long one from many.
  [[nodiscard]] uint64_t sequence() const { return sequence_.load(std::memory_order_relaxed); }

 private:
  void wait_until_taken(CarrierId me);

  std::atomic<uint64_t> state_{0};
  std::atomic<uint64_t> sequence_{0};
  std::atomic<int> urgent_{0};
  std::mutex mutex_;
  std::condition_variable freed_;
};

}  // namespace selvage::loop
