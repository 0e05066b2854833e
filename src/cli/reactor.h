// The command line's event loop: poll(2) over a handful of descriptors, timers, and signals. The
// engine has loops of its own; this one only waits for processes, files and keys.
#pragma once

#include <poll.h>
#include <signal.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "base/function.h"
#include "base/result.h"

namespace selvage::cli {

/// A file descriptor that is closed at the end of its owner's life.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = other.release();
    }
    return *this;
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }
  void reset();

 private:
  int fd_ = -1;
};

/// One thread. Callbacks may add and remove anything, themselves included.
class Reactor {
 public:
  using Clock = std::chrono::steady_clock;
  using TimerId = uint64_t;
  /// Gets what poll(2) reported for the descriptor.
  using ReadyCallback = UniqueFunction<void(short events)>;

  /// Calls `ready` whenever one of `events` (POLLIN, POLLOUT) or an error holds, until forget().
  void watch(int fd, short events, ReadyCallback ready);
  void change(int fd, short events);
  void forget(int fd);

  TimerId after(std::chrono::milliseconds delay, UniqueFunction<void()> callback);
  /// 0, and timers that have run, are no harm.
  void cancel(TimerId timer);

  /// Blocks SIGINT, SIGTERM and SIGHUP for this process and calls `received` for each that comes.
  /// Children start with no signal blocked (see Child).
  Status handle_signals(UniqueFunction<void(int signal)> received);

  /// Until stop(). Returns what stop() was given.
  int run();
  void stop(int exit_status) { exit_status_ = exit_status; }
  /// Makes another run() possible after stop().
  void resume() { exit_status_.reset(); }
  [[nodiscard]] bool stopping() const { return exit_status_.has_value(); }

 private:
  struct Watched {
    short events;
    // Shared with the dispatch that is calling it, which outlives a forget() from within.
    std::shared_ptr<ReadyCallback> ready;
  };
  void run_due_timers();
  [[nodiscard]] int milliseconds_to_next_timer() const;

  std::map<int, Watched> watched_;
  std::map<std::pair<Clock::time_point, TimerId>, UniqueFunction<void()>> timers_;
  TimerId last_timer_ = 0;
  Descriptor signals_;
  std::optional<int> exit_status_;
};

}  // namespace selvage::cli
