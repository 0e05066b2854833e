// Wakes Durable Objects whose alarm is due: one for the process, on one site's loop.
//
// The store says which alarms there are and tells of every change once it is durable; AlarmQueue
// decides which are due; the handler runs where the object lives, asked for by a request that only
// the alarm clock can make (Target::alarm). An engine that dies leaves everything to its successor,
// which finds the alarms in the store.
#pragma once

#include <memory>
#include <string>

#include "object/alarm_queue.h"
#include "serve/loop_site.h"
#include "serve/object_classes.h"

namespace selvage::serve {

/// The loop's holder only. `site`, `objects` and `classes` must outlive it.
class AlarmClock {
 public:
  AlarmClock(LoopSite& site, object::ObjectStore& objects, const ObjectClasses& classes);
  ~AlarmClock();
  AlarmClock(const AlarmClock&) = delete;
  AlarmClock& operator=(const AlarmClock&) = delete;

  /// Once; what is overdue runs at once.
  void start();
  /// Starts no more handlers; those that run go on.
  void stop();

 private:
  /// Handlers that may run at the same time.
  static constexpr size_t kMostRunning = 256;
  static constexpr std::chrono::milliseconds kFiguresPeriod{1000};

  void changed(const object::ObjectKey& key, const object::Alarm& alarm);
  void look();
  void show_figures();
  void run(const object::AlarmQueue::Due& due);
  void ended(const object::AlarmQueue::Due& due, const Result<http::Response>& response);
  void ask(const std::string& object, const std::string& name, std::string order,
           http::ResponseCallback callback);

  LoopSite& site_;
  object::ObjectStore& objects_;
  const ObjectClasses& classes_;
  object::AlarmQueue queue_;
  loop::Timer timer_;
  loop::Timer figures_;
  size_t running_ = 0;
  bool stopped_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace selvage::serve
