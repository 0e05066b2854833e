#include "deploy/project/platform_settings.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <iterator>

#include "deploy/project/table_reader.h"

namespace selvage::deploy {
namespace {

constexpr int64_t kMostBytes = int64_t{1} << 30;  // what a row of SQLite can hold
constexpr int64_t kMostSeconds = int64_t{10} * 366 * 24 * 3600;
constexpr int64_t kMostKeys = 1'000'000;
constexpr int64_t kMostAssets = 1'000'000;
constexpr int64_t kLeastHistoryBytes = int64_t{1} << 20;
constexpr int64_t kLeastLogBytes = int64_t{64} << 10;
constexpr int64_t kMostLogBytes = int64_t{1} << 40;

template <class Integer>
void take(TableReader& table, std::string_view key, int64_t least, int64_t most, Integer& target) {
  const std::string example = std::to_string(target);
  if (const auto value = table.whole_number(key, least, most, example)) {
    target = static_cast<Integer>(*value);
  }
}

void read_kv_limits(TableReader& table, kv::KvLimits& limits) {
  take(table, "max_key_bytes", 1, kMostBytes, limits.max_key_bytes);
  take(table, "max_value_bytes", 1, kMostBytes, limits.max_value_bytes);
  take(table, "max_metadata_bytes", 0, kMostBytes, limits.max_metadata_bytes);
  take(table, "min_expiration_ttl_seconds", 1, kMostSeconds, limits.min_expiration_ttl_seconds);
  take(table, "min_cache_ttl_seconds", 0, kMostSeconds, limits.min_cache_ttl_seconds);
  take(table, "max_list_keys", 1, kMostKeys, limits.max_list_keys);
  take(table, "max_bulk_keys", 1, kMostKeys, limits.max_bulk_keys);
  take(table, "max_bulk_bytes", 1, kMostBytes, limits.max_bulk_bytes);
  take(table, "max_operations", 1, int64_t{1} << 31, limits.max_operations);
}

void read_cron_limits(TableReader& table, CronLimits& limits) {
  constexpr int64_t kMostMs = int64_t{24} * 3600 * 1000;
  take(table, "cpu_ms", 1, kMostMs, limits.cpu_ms);
  take(table, "hourly_cpu_ms", 1, kMostMs, limits.hourly_cpu_ms);
  take(table, "wall_ms", 1, kMostMs, limits.wall_ms);
}

void read_asset_limits(TableReader& table, AssetLimits& limits) {
  take(table, "max_file_bytes", 1, kMostBytes, limits.max_file_bytes);
  take(table, "max_files", 1, kMostAssets, limits.max_files);
}

void read_time_limits(TableReader& table, TimeLimits& limits) {
  constexpr int64_t kMostMilliseconds = int64_t{24} * 3600 * 1000;
  each_time_limit(limits, [&](const char* name, uint32_t& limit) {
    take(table, name, 1, kMostMilliseconds, limit);
  });
}

void read_object_limits(TableReader& table, ObjectLimits& limits) {
  take(table, "history_seconds", 0, kMostSeconds, limits.history_seconds);
  take(table, "history_bytes", kLeastHistoryBytes, kMostLogBytes, limits.history_bytes);
}

void read_traces(TableReader& table, ReadContext& context, TraceSettings& traces) {
  constexpr int64_t kMostSpans = 1'000'000;
  const auto refuse = [&](std::string_view key, const Status& problem) {
    context.error(table.any(key)->line,
                  "\"" + table.path_of(key) + "\": " + problem.error().describe());
  };
  if (auto endpoint = table.required_text("endpoint", R"("http://localhost:4318/v1/traces")")) {
    if (const Status good = check_trace_endpoint(*endpoint); !good) refuse("endpoint", good);
    traces.endpoint = std::move(*endpoint);
  }
  if (auto headers = table.text_table("headers", R"({"Authorization": "Bearer ..."})")) {
    for (const auto& [name, value] : *headers) {
      if (const Status good = check_trace_header(name, value); !good) refuse("headers", good);
    }
    traces.headers = std::move(*headers);
  }
  if (auto name = table.text("service_name", R"("edge")")) traces.service_name = std::move(*name);
  if (const auto ratio = table.number("sample_ratio", 0, 1, "0.1")) traces.sample_ratio = *ratio;
  if (const auto based = table.boolean("parent_based")) traces.parent_based = *based;
  take(table, "max_queue", 1, kMostSpans, traces.max_queue);
}

/// Reads the table `key` of `parent`, if there is one.
template <class Read>
void section(TableReader& parent, std::string_view key, std::string_view example,
             ReadContext& context, Read read) {
  const ConfigValue* value = parent.table(key, example);
  if (value == nullptr) return;
  TableReader table(*value, parent.path_of(key), context);
  read(table);
  table.finish();
}

}  // namespace

Result<PublicUrl> PublicUrl::parse(std::string_view text) {
  const auto refuse = [&] {
    return fail(ErrorCode::invalid_argument,
                "\"" + std::string(text) + "\" is not the URL of a platform",
                "Write a scheme, a host and perhaps a port: https://workers.example.com");
  };
  PublicUrl url;
  std::string_view rest = text;
  for (const std::string_view scheme : {"http", "https"}) {
    if (!rest.starts_with(std::string(scheme) + "://")) continue;
    url.scheme = scheme;
    rest.remove_prefix(scheme.size() + 3);
    break;
  }
  if (rest.size() == text.size()) return refuse();
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const size_t colon = std::min(rest.find(':'), rest.size());
  url.host = rest.substr(0, colon);
  if (colon < rest.size()) {
    const std::string_view digits = rest.substr(colon + 1);
    const char* end = digits.data() + digits.size();
    if (std::from_chars(digits.data(), end, url.port).ptr != end || url.port == 0) return refuse();
  }
  if (url.host.empty() ||
      url.host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") != std::string::npos) {
    return refuse();
  }
  return url;
}

SettingsReading read_settings_text(const std::string& file, std::string_view text) {
  SettingsReading reading;
  ReadContext context{file, true, &reading.diagnostics};
  const Result<ConfigValue> root = parse_toml(text);
  if (!root) {
    // "12: what is wrong"
    const std::string& message = root.error().message;
    int line = 0;
    const auto [end, error] =
        std::from_chars(message.data(), message.data() + message.size(), line);
    const bool numbered = error == std::errc() && std::string_view(end).starts_with(": ");
    context.error(numbered ? line : 0, numbered ? std::string(end + 2) : message);
    return reading;
  }
  TableReader table(*root, "", context);
  PlatformSettings settings;
  const auto part = [&](std::string_view key, std::string_view example, auto read) {
    section(table, key, example, context, read);
  };
  part("limits", R"({"kv": {"max_value_bytes": 26214400}})", [&](TableReader& all) {
    const auto limits = [&](std::string_view key, std::string_view example, auto read) {
      section(all, key, example, context, read);
    };
    limits("kv", R"({"max_value_bytes": 26214400})",
           [&](TableReader& own) { read_kv_limits(own, settings.kv_limits); });
    limits("cron", R"({"wall_ms": 900000})",
           [&](TableReader& own) { read_cron_limits(own, settings.cron_limits); });
    limits("time", R"({"wait_until_ms": 30000})",
           [&](TableReader& own) { read_time_limits(own, settings.time_limits); });
    limits("assets", R"({"max_file_bytes": 26214400})",
           [&](TableReader& own) { read_asset_limits(own, settings.asset_limits); });
    limits("objects", R"({"history_seconds": 2592000})",
           [&](TableReader& own) { read_object_limits(own, settings.object_limits); });
  });
  part("logs", R"({"max_bytes": 67108864})", [&](TableReader& own) {
    if (const auto keep = own.boolean("keep")) settings.observability.keep_logs = *keep;
    take(own, "max_bytes", kLeastLogBytes, kMostLogBytes, settings.observability.log_bytes);
  });
  part("access_log", R"({"path": "access.log"})", [&](TableReader& own) {
    if (auto path = own.required_text("path", R"("access.log")")) {
      settings.observability.access_log = std::move(*path);
    }
    take(own, "max_bytes", kLeastLogBytes, kMostLogBytes, settings.observability.access_log_bytes);
  });
  part("traces", R"({"endpoint": "http://localhost:4318/v1/traces"})",
       [&](TableReader& own) { read_traces(own, context, settings.traces); });
  part("operations", R"({"listen": "127.0.0.1:9464"})", [&](TableReader& own) {
    if (auto listen = own.required_text("listen", R"("127.0.0.1:9464")")) {
      settings.operations_address = std::move(*listen);
    }
  });
  part("api", R"({"listen": "127.0.0.1:8788"})", [&](TableReader& own) {
    if (auto listen = own.required_text("listen", R"("127.0.0.1:8788")")) {
      settings.api_address = std::move(*listen);
    }
  });
  part("platform", R"({"url": "https://workers.example.com"})", [&](TableReader& own) {
    const auto url = own.required_text("url", R"("https://workers.example.com")");
    if (!url) return;
    auto parsed = PublicUrl::parse(*url);
    if (parsed) {
      settings.url = std::move(*parsed);
    } else {
      context.error(own.line(), "\"platform.url\": " + parsed.error().describe());
    }
  });
  table.finish();
  for (const Diagnostic& each : reading.diagnostics) {
    if (each.severity == Diagnostic::Severity::error) return reading;
  }
  reading.settings = settings;
  return reading;
}

Result<SettingsReading> read_platform_settings(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail_errno(errno, "cannot read " + path);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return read_settings_text(path, text);
}

}  // namespace selvage::deploy
