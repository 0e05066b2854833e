// `selvage.toml`: the settings of a platform, as opposed to those of a project. Every limit has a
// name and a default.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "deploy/asset_limits.h"
#include "deploy/cron/cron_schedule.h"
#include "deploy/engine_config.h"
#include "deploy/object_limits.h"
#include "deploy/project/project_config.h"
#include "deploy/time_limits.h"
#include "deploy/trace_settings.h"
#include "kv/kv_limits.h"

namespace selvage::deploy {

/// Where the workers of a platform answer, as clients see it: "https://workers.example.com".
struct PublicUrl {
  std::string scheme = "http";
  std::string host = "localhost";  // "<worker>.<host>"
  uint16_t port = 0;               // 0: the scheme's own

  static Result<PublicUrl> parse(std::string_view text);
};

struct PlatformSettings {
  kv::KvLimits kv_limits;                      // [limits.kv]
  CronLimits cron_limits;                      // [limits.cron]
  TimeLimits time_limits;                      // [limits.time]
  AssetLimits asset_limits;                    // [limits.assets]
  ObjectLimits object_limits;                  // [limits.objects]
  ObservabilitySettings observability;         // [logs], [access_log]
  TraceSettings traces;                        // [traces]
  std::string operations_address;              // [operations] listen: "host:port", "" for none
  std::string api_address = "127.0.0.1:8788";  // [api] listen
  std::optional<PublicUrl> url;                // [platform] url; default: where it listens
};

struct SettingsReading {
  PlatformSettings settings;  // the defaults where a diagnostic is an error
  std::vector<Diagnostic> diagnostics;
};

/// The settings in `text`, which is `file`'s.
SettingsReading read_settings_text(const std::string& file, std::string_view text);
/// Fails when `path` cannot be read.
Result<SettingsReading> read_platform_settings(const std::string& path);

}  // namespace selvage::deploy
