// What the supervisor tells the engine when it starts it, and what they say to each other after.
// Each message is one line of JSON on the control channel (a socket pair; the engine's end is file
// descriptor 3).
//
//   supervisor -> engine   {"type":"start", ...EngineConfig}     first, once
//                          {"type":"deploy", "workers":[...]}    replaces all workers, atomically
//                          {"type":"drain"}                      finish what is in flight, exit
//   engine -> supervisor   {"type":"ready"}                      listening
//                          {"type":"deployed"}                   the new workers answer from now on
//                          {"type":"refused", "worker", "message"}   a deploy that could not start;
//                                                                the old workers stay
//                          {"type":"recycle", "reason"}          please replace me gracefully
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "deploy/asset_limits.h"
#include "deploy/cron/cron_schedule.h"
#include "deploy/object_limits.h"
#include "deploy/time_limits.h"
#include "deploy/trace_settings.h"
#include "deploy/worker_version.h"
#include "kv/kv_limits.h"

namespace selvage::deploy {

/// An inherited, listening socket. There is one for each loop thread and address (SO_REUSEPORT).
struct Listener {
  int fd = -1;
  int loop = 0;         // index of the loop that accepts from it
  std::string address;  // "127.0.0.1:8787", for messages
};

/// [logs], [access_log] of selvage.toml.
struct ObservabilitySettings {
  bool keep_logs = true;
  uint64_t log_bytes = uint64_t{64} << 20;
  std::string access_log;  // a path, "-" for standard output, "" for none
  uint64_t access_log_bytes = uint64_t{256} << 20;
};

/// Of what is kept of invocations, in the data folder.
inline constexpr const char* kLogFile = "logs/invocations.jsonl";

/// A platform to deploy to, instead of workers that the supervisor names. What it runs is in the
/// data folder (platform/platform_store.h).
struct PlatformConfig {
  std::vector<int> api_fds;               // listening sockets of the control plane
  std::string scheme = "http";            // of the URLs that workers answer at
  std::string base_domain = "localhost";  // "<worker>.<base domain>"
  uint16_t port = 0;                      // 0: the scheme's own
  AssetLimits asset_limits;
};

struct EngineConfig {
  std::vector<Listener> listeners;
  int threads = 1;              // loops
  std::string data_directory;   // absolute; KV, objects, commit log
  std::string cache_directory;  // absolute; V8 code cache
  bool development = false;     // readable error pages, request log on a terminal, private network
  bool log_requests = false;    // one line for each request on standard output
  bool colour = false;
  bool allow_private_network = false;  // fetch() to loopback and private addresses
  uint32_t drain_timeout_ms = 10'000;
  uint32_t isolate_idle_ms = 60'000;  // an isolate unused for so long is put away
  uint32_t spare_isolates = 4;        // made ahead of time, for workers that are asked first
  uint32_t object_idle_ms = 10'000;   // likewise a Durable Object
  TimeLimits time_limits;
  kv::KvLimits kv_limits;
  CronLimits cron_limits;
  ObjectLimits object_limits;
  ObservabilitySettings observability;
  TraceSettings traces;
  std::string program_version;
  std::vector<int> operations_fds;  // listening sockets for metrics and health
  std::optional<PlatformConfig> platform;
  std::vector<WorkerVersion> workers;
};

nlohmann::json to_json(const EngineConfig& config);
Result<EngineConfig> engine_config_from_json(const nlohmann::json& json);

}  // namespace selvage::deploy
