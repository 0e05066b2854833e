// Rate limiting bindings.
#include <algorithm>

#include "base/wall_clock.h"
#include "worker/natives.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {
namespace {

using js::Arguments;

// rateLimitTake(namespace, key, limit, period): whether this one is within the limit
void rate_limit_take(const Arguments& info) {
  v8::Isolate* v8 = info.GetIsolate();
  WorkerIsolate& isolate = WorkerIsolate::from(v8);
  const double limit = info[2].As<v8::Number>()->Value();
  const auto seconds = static_cast<uint32_t>(info[3].As<v8::Number>()->Value());
  // The period is part of what is counted: a call may bring its own.
  std::string counted = js::to_utf8(v8, info[0]) + '\0' + std::to_string(seconds) + '\0';
  counted += js::to_utf8(v8, info[1]);
  loop::NativeSection native(isolate.host().loop);
  const auto most = static_cast<uint64_t>(std::clamp(limit, 0.0, 9e15));
  info.GetReturnValue().Set(
      isolate.host().rate_limits.take(counted, most, seconds, wall_clock_seconds()));
}

constexpr js::Native kTable[] = {{"rateLimitTake", rate_limit_take}};

}  // namespace

const std::span<const js::Native> kRateLimitNatives = kTable;

}  // namespace selvage::worker
