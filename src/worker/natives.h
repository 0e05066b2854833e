// What the worker's builtins call: responses, bodies, timers, subrequests, sockets, bindings.
// native_interface.d.ts of builtins/ says what each takes and gives.
#pragma once

#include <span>
#include <vector>

#include "js/native.h"

namespace selvage::worker {

extern const std::span<const js::Native> kResponseNatives;
extern const std::span<const js::Native> kBodyNatives;
extern const std::span<const js::Native> kRuntimeNatives;
extern const std::span<const js::Native> kFetchNatives;
extern const std::span<const js::Native> kSocketNatives;
extern const std::span<const js::Native> kKvNatives;
extern const std::span<const js::Native> kRateLimitNatives;
extern const std::span<const js::Native> kObjectNatives;
extern const std::span<const js::Native> kActorNatives;
extern const std::span<const js::Native> kRecordNatives;
extern const std::span<const js::Native> kRecoveryNatives;
extern const std::span<const js::Native> kSqlNatives;
extern const std::span<const js::Native> kRpcNatives;

/// All natives of the engine, the Web platform's included, in the order of the snapshot.
std::vector<js::Native> all_natives();

}  // namespace selvage::worker
