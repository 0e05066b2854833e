// In development, events by hand: an HTTP request runs a worker's scheduled().
//
//   /cdn-cgi/local/scheduled, /cdn-cgi/handler/scheduled, /__scheduled
//   ?cron=<what event.cron says>&time=<scheduledTime in ms>&format=json
//
// The answer is the outcome as text ("ok", "exception", ...), or {"outcome","noRetry"}; its status
// 200 or 500.
#pragma once

#include <string_view>

#include "deploy/cron/cron_schedule.h"
#include "http/exchange.h"
#include "worker/host.h"

namespace selvage::serve {

/// Whether the request asks for an event; then it will be answered. `worker` is the one at its
/// host. The loop's holder only.
bool run_by_hand(http::Exchange& exchange, worker::Router& router, const deploy::CronLimits& limits,
                 std::string_view worker);

}  // namespace selvage::serve
