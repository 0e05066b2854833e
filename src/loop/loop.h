// One event loop: a libuv loop, a queue of turns that are ready to run, a mailbox that any thread
// can write to, and the baton that says which thread may touch all that.
//
// The order of a step: ready turns first, then deferred work (writes that were gathered), then one
// poll. libuv's callbacks parse, copy and schedule turns; they never call into JavaScript. So a
// thread that computes in JavaScript is never inside uv_run, and another can carry the loop on.
#pragma once

#include <uv.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "base/function.h"
#include "loop/baton.h"

namespace selvage::loop {

/// Work that is ready for its turn on the loop. Owned by whoever schedules it; must stay alive
/// while queued.
class Turn {
 public:
  virtual ~Turn() = default;
  /// Runs on the carrier, outside uv_run. May call into JavaScript (see JavaScriptSection).
  virtual void run() = 0;

 private:
  friend class Loop;
  Turn* next_ = nullptr;
  bool queued_ = false;
};

/// Everything is for the baton's holder only, except where it says "any thread".
class Loop {
 public:
  using Callback = UniqueFunction<void()>;

  /// `index` numbers the loops of one process from 0.
  explicit Loop(int index);
  /// All handles must be closed and all carriers gone.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  [[nodiscard]] int index() const { return index_; }
  [[nodiscard]] uv_loop_t* uv() { return &uv_; }
  [[nodiscard]] Baton& baton() { return baton_; }
  /// Milliseconds on the monotonic clock, as of the last poll.
  [[nodiscard]] uint64_t now() const { return uv_now(&uv_); }
  /// Looks at the clock: for timers that are to count from now and not from the last poll.
  void update_now() { uv_update_time(&uv_); }

  /// Puts `turn` at the end of the queue, unless it is in it.
  void schedule(Turn& turn);
  /// Takes `turn` out of the queue again, if it is in it.
  void unschedule(Turn& turn);
  /// Runs `callback` after the turns of this step, before the next poll.
  void defer(Callback callback);
  /// Any thread. Runs `callback` on the loop soon, in the order of posting.
  void post(Callback callback);

  /// Carries the loop until stop(). Call on a thread of its own; more threads may call it to stand
  /// by. Returns early on a thread from which the baton was taken, once its turn is over: somebody
  /// else carries the loop by then, and the watchdog has lowered this thread's priority for good.
  void carry();
  /// Any thread. Makes every carry() return once its current turn is over.
  void stop();
  [[nodiscard]] bool stopping() const { return stopping_.load(std::memory_order_relaxed); }

  /// For tests and short programs: carries the loop on this thread until stop() is called or
  /// nothing keeps the loop alive (no turns, no active handles).
  void run_until_idle();
  /// Likewise, but also until `done` is true, as seen between two steps. Returns what it is.
  bool run_until(UniqueFunction<bool()> done);

  /// Any thread: number of threads inside carry() that wait for the baton.
  [[nodiscard]] int standing_by() const { return standing_by_.load(); }
  /// Any thread. Wakes the poll.
  void wake();

  /// The id of this thread among carriers (of any loop).
  static CarrierId this_carrier();

 private:
  friend class JavaScriptSection;
  friend class NativeSection;
  bool step(uv_run_mode poll);
  void drain_mailbox();
  void take_back_baton();

  uv_loop_t uv_{};
  uv_async_t mail_{};
  int index_;
  Baton baton_;
  Turn* first_ = nullptr;
  Turn* last_ = nullptr;
  std::vector<Callback> deferred_;
  std::vector<Callback> running_deferred_;
  std::mutex mailbox_mutex_;
  std::vector<Callback> mailbox_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> standing_by_{0};
};

/// Around a call into JavaScript, by the baton's holder. While it lives the watchdog may pass the
/// loop on; the destructor takes the baton back, waiting if need be.
class JavaScriptSection {
 public:
  explicit JavaScriptSection(Loop& loop) : loop_(loop), me_(Loop::this_carrier()) {
    loop_.baton_.enter_javascript(me_);
  }
  ~JavaScriptSection() {
    // A script whose isolate was lost may have left from within native code.
    if (loop_.baton_.held_by(me_)) return;
    if (!loop_.baton_.leave_javascript(me_)) loop_.take_back_baton();
  }
  JavaScriptSection(const JavaScriptSection&) = delete;
  JavaScriptSection& operator=(const JavaScriptSection&) = delete;

 private:
  Loop& loop_;
  CarrierId me_;
};

/// Around native code called from JavaScript that touches anything of the loop: holds the baton
/// until the end of the scope. Nests; outside JavaScript it does nothing.
class NativeSection {
 public:
  explicit NativeSection(Loop& loop) : loop_(loop), me_(Loop::this_carrier()) {
    if (loop_.baton_.held_by(me_)) {
      nested_ = true;
    } else if (!loop_.baton_.leave_javascript(me_)) {
      revoked_ = true;
      loop_.take_back_baton();
    }
  }
  ~NativeSection() {
    if (nested_) return;
    if (revoked_) {
      loop_.baton_.release();  // the script goes on without the loop, which was passed on before
    } else {
      loop_.baton_.reenter_javascript(me_);
    }
  }
  NativeSection(const NativeSection&) = delete;
  NativeSection& operator=(const NativeSection&) = delete;

 private:
  Loop& loop_;
  CarrierId me_;
  bool nested_ = false;
  bool revoked_ = false;
};

/// A one-shot timer on a loop. Holder only. Destroying it cancels it.
class Timer {
 public:
  explicit Timer(Loop& loop);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Calls `callback` (inside uv_run) after `delay`; replaces what was set before.
  void start(std::chrono::milliseconds delay, Loop::Callback callback);
  void cancel();
  [[nodiscard]] bool active() const;
  /// Whether this timer alone keeps run_until_idle() going while it is active (at first it does).
  void keep_loop_alive(bool alive);

 private:
  struct Handle;
  Handle* handle_;  // closed asynchronously by libuv, hence not a member
};

}  // namespace selvage::loop
