#include "cli/reactor.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

namespace selvage::cli {

void Descriptor::reset() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

void Reactor::watch(int fd, short events, ReadyCallback ready) {
  watched_[fd] = {events, std::make_shared<ReadyCallback>(std::move(ready))};
}

void Reactor::change(int fd, short events) {
  if (const auto it = watched_.find(fd); it != watched_.end()) it->second.events = events;
}

void Reactor::forget(int fd) { watched_.erase(fd); }

Reactor::TimerId Reactor::after(std::chrono::milliseconds delay, UniqueFunction<void()> callback) {
  const TimerId id = ++last_timer_;
  timers_.emplace(std::pair(Clock::now() + delay, id), std::move(callback));
  return id;
}

void Reactor::cancel(TimerId timer) {
  std::erase_if(timers_, [&](const auto& each) { return each.first.second == timer; });
}

Status Reactor::handle_signals(UniqueFunction<void(int signal)> received) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int each : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, each);
  if (sigprocmask(SIG_BLOCK, &signals, nullptr) != 0) return fail_errno(errno, "sigprocmask");
  signals_ = Descriptor(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_.valid()) return fail_errno(errno, "signalfd");
  watch(signals_.get(), POLLIN, [this, received = std::move(received)](short) mutable {
    signalfd_siginfo info{};
    while (read(signals_.get(), &info, sizeof info) == sizeof info) {
      received(static_cast<int>(info.ssi_signo));
    }
  });
  return {};
}

int Reactor::run() {
  std::vector<pollfd> polled;
  std::vector<std::shared_ptr<ReadyCallback>> callbacks;  // of the same indexes
  while (!exit_status_) {
    polled.clear();
    callbacks.clear();
    for (const auto& [fd, watched] : watched_) {
      polled.push_back({fd, watched.events, 0});
      callbacks.push_back(watched.ready);
    }
    const int ready = poll(polled.data(), polled.size(), milliseconds_to_next_timer());
    if (ready < 0 && errno != EINTR) return 1;
    run_due_timers();
    for (size_t i = 0; ready > 0 && i < polled.size() && !exit_status_; ++i) {
      if (polled[i].revents == 0) continue;
      // A callback before this one, or a timer, may have forgotten the descriptor, closed it, and
      // had its number given to another.
      const auto it = watched_.find(polled[i].fd);
      if (it == watched_.end() || it->second.ready != callbacks[i]) continue;
      (*callbacks[i])(polled[i].revents);
    }
  }
  return *exit_status_;
}

void Reactor::run_due_timers() {
  while (!timers_.empty() && timers_.begin()->first.first <= Clock::now()) {
    UniqueFunction<void()> callback = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    callback();
  }
}

int Reactor::milliseconds_to_next_timer() const {
  if (timers_.empty()) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(timers_.begin()->first.first - Clock::now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, 60'000));
}

}  // namespace selvage::cli
