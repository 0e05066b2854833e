#include "js/task_runner.h"

#include <algorithm>

namespace selvage::js {

void TaskRunner::post(std::unique_ptr<v8::Task> task, std::chrono::milliseconds delay) {
  Wake wake;
  {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    tasks_.push_back({Clock::now() + delay, std::move(task)});
    wake = wake_;
  }
  if (wake) wake(delay);
}

std::unique_ptr<v8::Task> TaskRunner::take_ready() {
  std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  const auto ready =
      std::ranges::find_if(tasks_, [now](const Entry& entry) { return entry.due <= now; });
  if (ready == tasks_.end()) return nullptr;
  std::unique_ptr<v8::Task> task = std::move(ready->task);
  tasks_.erase(ready);
  return task;
}

void TaskRunner::set_wake(Wake wake) {
  std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

bool TaskRunner::has_ready() const {
  std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  return std::ranges::any_of(tasks_, [now](const Entry& entry) { return entry.due <= now; });
}

void TaskRunner::run_ready() {
  while (std::unique_ptr<v8::Task> task = take_ready()) task->Run();
}

void TaskRunner::close() {
  std::deque<Entry> dropped;
  std::lock_guard lock(mutex_);
  closed_ = true;
  wake_ = nullptr;
  dropped.swap(tasks_);
}

void TaskRunner::PostTaskImpl(std::unique_ptr<v8::Task> task, const v8::SourceLocation&) {
  post(std::move(task), {});
}

void TaskRunner::PostNonNestableTaskImpl(std::unique_ptr<v8::Task> task,
                                         const v8::SourceLocation&) {
  post(std::move(task), {});
}

void TaskRunner::PostDelayedTaskImpl(std::unique_ptr<v8::Task> task, double delay_in_seconds,
                                     const v8::SourceLocation&) {
  post(std::move(task), std::chrono::milliseconds(static_cast<int64_t>(delay_in_seconds * 1000)));
}

void TaskRunner::PostNonNestableDelayedTaskImpl(std::unique_ptr<v8::Task> task,
                                                double delay_in_seconds,
                                                const v8::SourceLocation&) {
  post(std::move(task), std::chrono::milliseconds(static_cast<int64_t>(delay_in_seconds * 1000)));
}

}  // namespace selvage::js
