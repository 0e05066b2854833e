// What starts a worker, and is its own and not a version's: crons, routes, custom domains, whether
// it answers below the base domain.
#pragma once

#include "base/result.h"
#include "cli/api_client.h"
#include "deploy/project/project_config.h"

namespace selvage::cli {

/// Of these, what the configuration does not name stays as it is on the platform.
Status set_triggers(ApiClient& api, const deploy::ProjectConfig& config);

}  // namespace selvage::cli
