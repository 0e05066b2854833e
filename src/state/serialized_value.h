// Reads what V8's structured clone wrote, without V8: for showing people what an object stores.
//
// The format is V8's own (src/objects/value-serializer.cc, versions 13 to 15). What JSON has no
// word for becomes an object with "$type": {"$type":"Date","value":"2026-01-31T12:00:00.000Z"},
// {"$type":"Map","entries":[[key,value],...]}, {"$type":"Uint8Array","base64":"..."},
// {"$type":"undefined"}, {"$type":"reference","to":3} for an object that was shown before (objects
// count from 0, in the order in which they begin).
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "base/result.h"

namespace selvage::state {

/// Fails with ErrorCode::unsupported for what only a platform's own objects write, and with
/// ErrorCode::corrupt for bytes that no serializer writes. Any bytes are safe.
Result<nlohmann::ordered_json> read_serialized(std::string_view bytes);

}  // namespace selvage::state
