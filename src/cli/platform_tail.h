// Follows a worker of a platform elsewhere: events as they happen, by the API's tails.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"
#include "cli/api_client.h"

namespace selvage::cli {

struct TailCallbacks {
  std::function<void()> listening;                                  // from now on nothing is missed
  std::function<void(const nlohmann::ordered_json& record)> event;  // signals/record.h
};

/// Follows what has the path `followed` below the account ("/workers/scripts/demo"), until the
/// platform ends it. `filters` as in signals/tail_filter.h.
Status follow_tail(ApiClient& api, const std::string& followed, const nlohmann::json& filters,
                   const TailCallbacks& callbacks);

}  // namespace selvage::cli
