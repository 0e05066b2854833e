// Records of invocations (signals/record.h, as JSON) as people read them.
//
//   GET http://localhost:8787/path - Ok 200 @ 12:00:00 (3 ms)
//     (log) text { a: 1 }
//     TypeError: x is not a function
//         at index.ts:3:5
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/terminal.h"

namespace selvage::cli {

/// Several lines, without a last line break. `with_date`: not only the time of day (local time).
std::string show_record(const Terminal& terminal, const nlohmann::ordered_json& record,
                        bool with_date);

}  // namespace selvage::cli
