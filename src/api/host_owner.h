// Whose host names are: an account answers at none of another's.
#pragma once

#include <optional>
#include <string>

#include "api/platform.h"
#include "deploy/platform/route_table.h"

namespace selvage::api {

/// Why `account` may not have a route or a domain at the hosts of `pattern`; nullopt when it may.
/// Names below the base domain are those of the accounts' workers: an account has those below its
/// subdomain, the first one also those of its workers. Elsewhere, whoever has a route or a domain
/// that may mean the same host keeps it. An account that is alone may have them all.
Result<std::optional<std::string>> host_taken(Platform& platform, const deploy::Account& account,
                                              const deploy::RoutePattern& pattern);

}  // namespace selvage::api
