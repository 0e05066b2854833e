#include "serve/scheduled_event.h"

#include <memory>
#include <utility>

namespace selvage::serve {
namespace {

/// The builtins (scheduled.ts) answer 200 and 500; any other status comes from the platform.
ScheduledOutcome outcome_of(const Result<http::Response>& response) {
  if (!response) {
    // It waited for what nothing could settle any more, or there is no such worker.
    return {response.error().code == ErrorCode::not_found ? "unknown" : "exception", false,
            response.error().describe()};
  }
  const bool no_retry = response->headers.find("no-retry: true") != std::string::npos;
  switch (response->status) {
    case 200: return {"ok", no_retry, ""};
    case 503: {
      const bool memory = response->body.bytes.find("memory limit") != std::string::npos;
      return {memory ? "exceededMemory" : "exceededCpu", false, ""};
    }
    default: return {"exception", no_retry, ""};
  }
}

}  // namespace

void run_scheduled(worker::Router& router, const deploy::CronLimits& limits,
                   const ScheduledEvent& event, UniqueFunction<void(ScheduledOutcome)> callback) {
  auto target = std::make_unique<worker::Target>();
  target->scheduled = std::to_string(event.scheduled_ms) + " " + event.cron;
  target->cpu_ms = event.hourly_at_most ? limits.hourly_cpu_ms : limits.cpu_ms;
  target->wall_ms = limits.wall_ms;
  http::Request request;
  request.method = "POST";
  request.url = "http://scheduled/";
  router.request(event.worker, std::move(target), std::move(request),
                 [callback = std::move(callback)](Result<http::Response> response) mutable {
                   callback(outcome_of(response));
                 });
}

}  // namespace selvage::serve
