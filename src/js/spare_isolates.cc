#include "js/spare_isolates.h"

#include <sys/resource.h>

#include "js/isolate_memory.h"

namespace selvage::js {
namespace {

/// Niceness; Linux keeps one for each thread. A tenth of what a loop gets when they want the same
/// core: enough to come to its end in time when the process ends, which waits for all its threads.
constexpr int kLowPriority = 10;

/// Runs what nearly every first request runs: the memory that this needs is there from then on.
void warm_up(Isolate& isolate) {
  isolate.run([&] {
    v8::Isolate* v8 = isolate.v8();
    v8::TryCatch caught(v8);
    (void)isolate.builtin("warmUp").As<v8::Function>()->Call(isolate.context(), v8::Undefined(v8),
                                                             0, nullptr);
    v8->PerformMicrotaskCheckpoint();
  });
}

}  // namespace

SpareIsolates::SpareIsolates(Options options) : options_(options) {}

SpareIsolates::~SpareIsolates() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  taken_.notify_all();
  if (maker_.joinable()) maker_.join();
}

void SpareIsolates::start() {
  if (options_.count > 0) maker_ = std::thread([this] { make(); });
}

void SpareIsolates::make() {
  setpriority(PRIO_PROCESS, 0, kLowPriority);
  std::unique_lock lock(mutex_);
  while (true) {
    taken_.wait(lock, [this] { return stopping_ || spares_.size() < options_.count; });
    if (stopping_) return;
    lock.unlock();
    std::unique_ptr<Isolate> isolate;
    {
      const IsolateMemory memory;
      isolate =
          std::make_unique<Isolate>(Isolate::Options{.platform = options_.platform,
                                                     .snapshot = options_.snapshot,
                                                     .memory_bytes = options_.memory_bytes,
                                                     .wake = [](std::chrono::milliseconds) {}});
      warm_up(*isolate);
      memory.learn();
    }
    lock.lock();
    spares_.push_back(std::move(isolate));
  }
}

std::unique_ptr<Isolate> SpareIsolates::take_spare() {
  std::unique_ptr<Isolate> spare;
  {
    std::lock_guard lock(mutex_);
    if (spares_.empty()) return nullptr;
    spare = std::move(spares_.back());
    spares_.pop_back();
  }
  taken_.notify_one();
  return spare;
}

std::unique_ptr<Isolate> SpareIsolates::take(uint64_t memory_bytes, TaskRunner::Wake wake,
                                             void* owner) {
  if (memory_bytes == options_.memory_bytes) {
    if (std::unique_ptr<Isolate> spare = take_spare()) {
      spare->adopt(std::move(wake), owner);
      return spare;
    }
  }
  const IsolateMemory memory;
  auto made = std::make_unique<Isolate>(Isolate::Options{.platform = options_.platform,
                                                         .snapshot = options_.snapshot,
                                                         .memory_bytes = memory_bytes,
                                                         .wake = std::move(wake),
                                                         .owner = owner});
  memory.learn();
  return made;
}

}  // namespace selvage::js
