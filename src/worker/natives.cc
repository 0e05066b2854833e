#include "worker/natives.h"

#include "js/builtin_groups.h"
#include "web/natives.h"

namespace selvage::worker {

std::vector<js::Native> all_natives() {
  std::vector<js::Native> all = web::natives();
  for (const std::span<const js::Native>& table :
       {js::kGroupNatives, kResponseNatives, kBodyNatives, kRuntimeNatives, kFetchNatives,
        kSocketNatives, kKvNatives, kObjectNatives, kActorNatives, kSqlNatives, kRpcNatives,
        kRecordNatives, kRecoveryNatives, kRateLimitNatives}) {
    all.insert(all.end(), table.begin(), table.end());
  }
  return all;
}

}  // namespace selvage::worker
