// Runs a worker's scheduled() once: for a cron trigger that is due, or by hand.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/function.h"
#include "deploy/cron/cron_schedule.h"
#include "worker/host.h"

namespace selvage::serve {

struct ScheduledEvent {
  std::string worker;
  std::string cron;  // what event.cron says; need not be a cron expression
  int64_t scheduled_ms = 0;
  bool hourly_at_most = false;  // which CPU limit holds
};

/// What became of it: "ok", "exception", "exceededCpu", "exceededMemory" or "unknown", as in the
/// records of invocations; nothing is run again.
struct ScheduledOutcome {
  std::string outcome;
  bool no_retry = false;  // the handler has said so, or there is none
  std::string message;    // for people, when the platform and not the handler failed
};

/// The loop's holder only; so is the callback, once, never from within the call.
void run_scheduled(worker::Router& router, const deploy::CronLimits& limits,
                   const ScheduledEvent& event, UniqueFunction<void(ScheduledOutcome)> callback);

}  // namespace selvage::serve
