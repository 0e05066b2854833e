// V8's foreground tasks of one isolate (finishing a compilation, parts of a collection): posted by
// V8 from any thread, run by the isolate's loop between events.
#pragma once

#include <node.h>
#include <v8-platform.h>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

namespace selvage::js {

/// Any thread may post. `wake(delay)` is called, on the posting thread, when there is something to
/// run after `delay`; it must arrange for run_ready() under the isolate's lock.
class TaskRunner final : public v8::TaskRunner {
 public:
  using Wake = std::function<void(std::chrono::milliseconds delay)>;

  explicit TaskRunner(Wake wake) : wake_(std::move(wake)) {}

  /// Another one from now on. What was posted before runs with the next run_ready().
  void set_wake(Wake wake);
  /// Whether something is due. (V8's own housekeeping comes later, and again and again.)
  [[nodiscard]] bool has_ready() const;
  /// Runs what is due. The isolate is entered.
  void run_ready();
  /// Drops everything, now and from now on: the isolate is going away.
  void close();

  bool IdleTasksEnabled() override { return false; }
  bool NonNestableTasksEnabled() const override { return true; }
  bool NonNestableDelayedTasksEnabled() const override { return true; }

 protected:
  void PostTaskImpl(std::unique_ptr<v8::Task> task, const v8::SourceLocation&) override;
  void PostNonNestableTaskImpl(std::unique_ptr<v8::Task> task, const v8::SourceLocation&) override;
  void PostDelayedTaskImpl(std::unique_ptr<v8::Task> task, double delay_in_seconds,
                           const v8::SourceLocation&) override;
  void PostNonNestableDelayedTaskImpl(std::unique_ptr<v8::Task> task, double delay_in_seconds,
                                      const v8::SourceLocation&) override;

 private:
  using Clock = std::chrono::steady_clock;
  struct Entry {
    Clock::time_point due;
    std::unique_ptr<v8::Task> task;
  };
  void post(std::unique_ptr<v8::Task> task, std::chrono::milliseconds delay);
  std::unique_ptr<v8::Task> take_ready();

  mutable std::mutex mutex_;
  Wake wake_;
  std::deque<Entry> tasks_;
  bool closed_ = false;
};

/// What node's platform asks for an isolate that it does not run itself.
class PlatformDelegate final : public node::IsolatePlatformDelegate {
 public:
  explicit PlatformDelegate(std::shared_ptr<TaskRunner> runner) : runner_(std::move(runner)) {}
  std::shared_ptr<v8::TaskRunner> GetForegroundTaskRunner() override { return runner_; }
  bool IdleTasksEnabled() override { return false; }

 private:
  std::shared_ptr<TaskRunner> runner_;
};

}  // namespace selvage::js
