// Finds what was kept of invocations (LineFile of Record lines), oldest first, while it is being
// written or not.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace selvage::signals {

struct LogQuery {
  int64_t since = 0;  // milliseconds since 1970
  int64_t until = INT64_MAX;
  std::string worker = {};                 // "" for all
  std::string version = {};                // likewise
  std::vector<std::string> outcomes = {};  // empty for all
  std::string search = {};                 // text anywhere in the record; case matters
  uint64_t limit = UINT64_MAX;             // the newest ones
};

/// Calls `found` with each record that the query admits. Lines that are no records (torn by a
/// crash) are passed over. ErrorCode::not_found when nothing was ever kept.
Status search_logs(const std::string& path, const LogQuery& query,
                   const std::function<void(const nlohmann::ordered_json&)>& found);

/// "90s", "15m", "2h", "7d", or a time "2026-01-31T12:00:00Z" (or its beginning, "2026-01-31"), as
/// milliseconds since 1970.
Result<int64_t> parse_since(std::string_view text, int64_t now);

}  // namespace selvage::signals
