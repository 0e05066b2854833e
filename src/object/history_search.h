// Finds states in an object's history: by time, by number, and by what a bookmark says.
//
// `unfinished` is that of ObjectHistory::end(): only commits before it count.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "object/object_history.h"

namespace selvage::object {

/// The last commit up to `time`; nullopt when the history begins later. Reads the history up to
/// there, like the next.
Result<std::optional<HistoryPoint>> point_at(const ObjectHistory& history, uint64_t time,
                                             uint64_t unfinished);
/// The last commit up to number `sequence`, which is not before the base.
Result<HistoryPoint> point_of(const ObjectHistory& history, uint64_t sequence, uint64_t unfinished);
/// When the first state began that it can tell of, other than that there was nothing; 0: not known.
Result<uint64_t> first_time(const ObjectHistory& history, uint64_t unfinished);

/// The number of the commit whose state a bookmark of the object names; without a history there is
/// only the state of now, 0. ErrorCode::invalid_argument when it names none, or none any more.
Result<uint64_t> sequence_of(const std::optional<ObjectHistory>& history, std::string_view bookmark,
                             std::string_view object_id, uint64_t unfinished);

}  // namespace selvage::object
