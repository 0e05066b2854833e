// The watchdog: one thread that looks, every few milliseconds, at what is running JavaScript.
//
// It keeps two promises. No script computes past its CPU limit: the time is read from the clock of
// the thread that runs it, so that waiting for a core is not charged. And no loop stands still
// because a script on it computes: after a few milliseconds the loop's baton goes to a standby
// thread, which is started if there is none. The thread that lost it goes on at a lower priority,
// so that scripts which compute for long do not crowd out those that answer at once, and ends with
// its turn.
//
// Entering and leaving a script costs the script two stores and one exchange. When nothing has run
// for a while the watchdog sleeps and costs nothing.
#pragma once

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/function.h"
#include "loop/loop.h"

namespace selvage::loop {

/// Something that can be told, from the watchdog's thread, to stop computing. The call must be
/// quick. After it, Execution::finish() returns true for that stretch.
class Interruptible {
 public:
  virtual ~Interruptible() = default;
  virtual void interrupt() = 0;
  /// It was interrupted and computes still, on `thread`. Called again and again until it stops.
  virtual void abandon(pthread_t thread) = 0;
};

/// What one thread runs at the moment. Owned by the watchdog, one for each thread that asks.
class Execution {
 public:
  struct Outcome {
    std::chrono::nanoseconds cpu_time{};  // charged to this stretch
    bool interrupted = false;             // the limit was reached
  };

  /// This thread only. Starts a stretch of at most `budget` CPU time; `target` is interrupted when
  /// it is used up and must live until finish().
  void start(Interruptible& target, std::chrono::nanoseconds budget);
  Outcome finish();

 private:
  friend class Watchdog;
  static constexpr uint64_t kRunning = 1;
  static constexpr uint64_t kInterrupted = 2;

  std::atomic<uint64_t> state_{0};  // sequence << 2 | flags
  uint64_t sequence_ = 0;           // this thread only
  std::chrono::steady_clock::time_point started_;
  std::atomic<Interruptible*> target_{nullptr};
  std::atomic<int64_t> budget_ns_{0};
  std::atomic<int64_t> measured_ns_{-1};  // CPU time by the watchdog; -1: short, not measured
  std::mutex interrupting_;               // held while target_->interrupt() runs
  // The watchdog's own notes.
  pthread_t thread_{};
  pid_t kernel_thread_ = 0;
  CarrierId carrier_ = 0;
  clockid_t clock_{};
  uint64_t seen_ = 0;
  int64_t seen_cpu_ns_ = 0;
};

class Watchdog {
 public:
  static constexpr std::chrono::milliseconds kPeriod{2};
  /// CPU time that an interrupted script has to notice it.
  static constexpr std::chrono::milliseconds kGrace{1000};
  /// Added to the niceness of a thread that computes for long.
  static constexpr int kNiceness = 5;
  /// Periods that a stretch of JavaScript may last before the loop is passed on.
  static constexpr int kPatience = 2;

  Watchdog();
  /// Joins. Loops must have been stopped, and standby threads end with them.
  ~Watchdog();

  /// Before the loop is carried. The loop must outlive the watchdog.
  void watch(Loop& loop);
  /// The calling thread's record; valid until the watchdog is destroyed.
  Execution& this_thread();
  /// Any thread: something started running. Cheap unless the watchdog sleeps.
  void notice_activity() {
    if (asleep_.load(std::memory_order_relaxed)) wake();
  }
  /// Any thread. Interrupts everything that runs now: for shutting down in spite of scripts.
  void interrupt_all();

 private:
  struct WatchedLoop {
    Loop* loop;
    uint64_t sequence = 0;
    int unchanged = 0;
  };

  void run();
  bool inspect();
  void inspect_loop(WatchedLoop& watched);
  void add_standby(Loop& loop);
  void lower_priority(CarrierId carrier);
  static void interrupt(Execution& execution, uint64_t state);
  void inspect_execution(Execution& execution);
  void wake();

  const uint64_t id_;  // never used twice, unlike an address
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::atomic<bool> asleep_{false};
  std::vector<WatchedLoop> loops_;
  std::vector<std::unique_ptr<Execution>> executions_;
  int standby_threads_ = 0;  // running, detached
  std::thread thread_;
};

}  // namespace selvage::loop
