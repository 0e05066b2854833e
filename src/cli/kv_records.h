// Entries of KV as files have them: an array of JSON for `kv bulk` (wrangler's form), a line of
// JSON each for `kv export` and `kv import`.
//
// A record is {"key", "value", "metadata"?, "expiration"?, "base64"?}: with "base64":true the value
// is base64, else text. In files to be put, "expiration_ttl" may stand for "expiration".
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"

namespace selvage::cli {

/// From an item of the service (state/service.h) to a record.
nlohmann::ordered_json record_of(const nlohmann::json& item);

/// From a record to an entry for the service. `by_put_rules`: expirations are checked as a put's
/// are; otherwise they are taken as they are, however soon.
Result<nlohmann::json> entry_of(const nlohmann::json& record, bool by_put_rules);

}  // namespace selvage::cli
