// Follows a worker of a platform elsewhere: events as they happen, by the API's tails.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>

#include "base/result.h"
#include "cli/worker_option.h"

namespace selvage::cli {

struct TailCallbacks {
  std::function<void()> listening;                                  // from now on nothing is missed
  std::function<void(const nlohmann::ordered_json& record)> event;  // signals/record.h
};

/// Until the platform ends it. `filters` as in signals/tail_filter.h.
Status follow_worker(const RemoteWorker& worker, const nlohmann::json& filters,
                     const TailCallbacks& callbacks);

}  // namespace selvage::cli
