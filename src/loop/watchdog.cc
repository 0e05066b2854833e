#include "loop/watchdog.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ctime>

namespace selvage::loop {
namespace {

int64_t cpu_now(clockid_t clock) {
  timespec time{};
  if (clock_gettime(clock, &time) != 0) return 0;
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

uint64_t next_id() {
  static std::atomic<uint64_t> last{0};
  return last.fetch_add(1) + 1;
}

// Periods without any script after which the watchdog sleeps.
constexpr int kIdlePeriods = 50;

}  // namespace

void Execution::start(Interruptible& target, std::chrono::nanoseconds budget) {
  started_ = std::chrono::steady_clock::now();
  target_.store(&target, std::memory_order_relaxed);
  budget_ns_.store(budget.count(), std::memory_order_relaxed);
  measured_ns_.store(-1, std::memory_order_relaxed);
  state_.store(++sequence_ << 2 | kRunning, std::memory_order_release);
}

Execution::Outcome Execution::finish() {
  const uint64_t state = state_.exchange(sequence_ << 2, std::memory_order_acq_rel);
  if ((state & kInterrupted) != 0) {
    // interrupt() may still be on its way; after this lock it is over.
    std::lock_guard lock(interrupting_);
  }
  Outcome outcome;
  const int64_t measured = measured_ns_.load(std::memory_order_relaxed);
  // A stretch too short for the watchdog to have seen it twice: wall time stands for CPU time.
  outcome.cpu_time = measured >= 0 ? std::chrono::nanoseconds(measured)
                                   : std::chrono::steady_clock::now() - started_;
  outcome.interrupted = (state & kInterrupted) != 0;
  return outcome;
}

Watchdog::Watchdog() : id_(next_id()), thread_([this] { run(); }) {}

Watchdog::~Watchdog() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return standby_threads_ == 0; });
}

void Watchdog::watch(Loop& loop) {
  std::lock_guard lock(mutex_);
  loops_.push_back({&loop});
}

Execution& Watchdog::this_thread() {
  thread_local uint64_t owner = 0;
  thread_local Execution* mine = nullptr;
  if (owner == id_) return *mine;
  auto execution = std::make_unique<Execution>();
  execution->thread_ = pthread_self();
  execution->kernel_thread_ = static_cast<pid_t>(syscall(SYS_gettid));
  execution->carrier_ = Loop::this_carrier();
  pthread_getcpuclockid(execution->thread_, &execution->clock_);
  owner = id_;
  mine = execution.get();
  std::lock_guard lock(mutex_);
  executions_.push_back(std::move(execution));
  return *mine;
}

void Watchdog::wake() {
  std::lock_guard lock(mutex_);
  asleep_ = false;
  changed_.notify_all();
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  int idle = 0;
  while (!stopping_) {
    idle = inspect() ? 0 : idle + 1;
    if (idle < kIdlePeriods) {
      changed_.wait_for(lock, kPeriod, [this] { return stopping_; });
    } else {
      asleep_ = true;
      // A script that started before it could see this: one more look, a period later.
      changed_.wait_for(lock, kPeriod, [this] { return stopping_ || !asleep_; });
      if (inspect()) asleep_ = false;
      changed_.wait(lock, [this] { return stopping_ || !asleep_; });
      idle = 0;
    }
  }
}

bool Watchdog::inspect() {
  bool active = false;
  for (auto& execution : executions_) {
    const uint64_t before = execution->seen_;
    inspect_execution(*execution);
    active |= execution->seen_ != before ||
              (execution->state_.load(std::memory_order_relaxed) & Execution::kRunning) != 0;
  }
  for (WatchedLoop& watched : loops_) inspect_loop(watched);
  return active;
}

void Watchdog::inspect_execution(Execution& execution) {
  const uint64_t state = execution.state_.load(std::memory_order_acquire);
  const uint64_t sequence = state >> 2;
  if ((state & Execution::kRunning) == 0) {
    execution.seen_ = sequence;
    return;
  }
  const int64_t now = cpu_now(execution.clock_);
  if (execution.seen_ != sequence) {
    execution.seen_ = sequence;
    execution.seen_cpu_ns_ = now;
    return;
  }
  const int64_t used = now - execution.seen_cpu_ns_;
  execution.measured_ns_.store(used, std::memory_order_relaxed);
  const int64_t budget = execution.budget_ns_.load(std::memory_order_relaxed);
  if ((state & Execution::kInterrupted) == 0) {
    if (used >= budget) interrupt(execution, state);
  } else if (used >= budget + std::chrono::nanoseconds(kGrace).count()) {
    // finish() waits for the lock, so the target is still there.
    std::lock_guard lock(execution.interrupting_);
    if (execution.state_.load() == state) {
      execution.target_.load(std::memory_order_relaxed)->abandon(execution.thread_);
    }
  }
}

void Watchdog::interrupt(Execution& execution, uint64_t state) {
  std::lock_guard lock(execution.interrupting_);
  // Only this stretch: a later one must not be hit. finish() waits for the lock.
  if (!execution.state_.compare_exchange_strong(state, state | Execution::kInterrupted)) return;
  execution.target_.load(std::memory_order_relaxed)->interrupt();
}

void Watchdog::interrupt_all() {
  std::lock_guard lock(mutex_);
  for (auto& execution : executions_) {
    const uint64_t state = execution->state_.load(std::memory_order_acquire);
    if ((state & Execution::kRunning) != 0) interrupt(*execution, state);
  }
}

void Watchdog::inspect_loop(WatchedLoop& watched) {
  Baton& baton = watched.loop->baton();
  const uint64_t sequence = baton.sequence();
  if (!baton.in_javascript() || sequence != watched.sequence) {
    watched.sequence = sequence;
    watched.unchanged = 0;
    return;
  }
  if (++watched.unchanged < kPatience) return;
  if (watched.loop->standing_by() == 0 && !watched.loop->stopping()) add_standby(*watched.loop);
  const CarrierId carrier = baton.in_javascript_carrier();
  if (!baton.revoke(sequence)) return;
  watched.unchanged = 0;
  lower_priority(carrier);
}

void Watchdog::add_standby(Loop& loop) {
  ++standby_threads_;
  std::thread([this, &loop] {
    loop.carry();
    std::lock_guard lock(mutex_);
    std::erase_if(executions_, [me = Loop::this_carrier()](const auto& execution) {
      return execution->carrier_ == me;
    });
    --standby_threads_;
    changed_.notify_all();
  }).detach();
}

void Watchdog::lower_priority(CarrierId carrier) {
  for (const auto& execution : executions_) {
    if (execution->carrier_ != carrier) continue;
    const auto thread = static_cast<id_t>(execution->kernel_thread_);
    // Only ever lowered: raising it again would take a privilege, hence the thread ends.
    setpriority(PRIO_PROCESS, thread, getpriority(PRIO_PROCESS, thread) + kNiceness);
  }
}

}  // namespace selvage::loop
