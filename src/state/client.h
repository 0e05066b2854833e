// Who answers the command line's requests about a platform's state: itself (local_state.h) or the
// engine that runs on it (socket_client.h). The answers are the same.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "state/service.h"

namespace selvage::state {

class Client {
 public:
  virtual ~Client() = default;
  /// As Service::answer. One at a time.
  virtual Result<nlohmann::json> ask(const nlohmann::json& request, ItemCallback item) = 0;
  Result<nlohmann::json> ask(const nlohmann::json& request);
};

}  // namespace selvage::state
