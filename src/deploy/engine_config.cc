#include "deploy/engine_config.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "deploy/json_fields.h"

namespace selvage::deploy {
namespace {

Result<int> descriptor_from_json(const nlohmann::json& json) {
  if (json.is_number_integer()) return json.get<int>();
  return fail(ErrorCode::invalid_argument, "a descriptor is no number");
}

Result<PlatformConfig> platform_from_json(const nlohmann::json& json) {
  PlatformConfig platform;
  JsonFields fields(json, "platform");
  fields.take_each("api_fds", platform.api_fds, descriptor_from_json);
  fields.take("scheme", platform.scheme);
  fields.take("base_domain", platform.base_domain);
  fields.take("port", platform.port);
  fields.take("max_asset_bytes", platform.asset_limits.max_file_bytes);
  fields.take("max_assets", platform.asset_limits.max_files);
  SELVAGE_CHECK_STATUS(fields.status());
  return platform;
}

Result<Listener> listener_from_json(const nlohmann::json& json) {
  Listener listener;
  JsonFields fields(json, "listener");
  fields.take("fd", listener.fd);
  fields.take("loop", listener.loop);
  fields.take("address", listener.address);
  SELVAGE_CHECK_STATUS(fields.status());
  return listener;
}

/// Each limit of KV with its name, as in selvage.toml.
template <class Limits, class Visit>
void each_kv_limit(Limits& limits, Visit visit) {
  visit("max_key_bytes", limits.max_key_bytes);
  visit("max_value_bytes", limits.max_value_bytes);
  visit("max_metadata_bytes", limits.max_metadata_bytes);
  visit("min_expiration_ttl_seconds", limits.min_expiration_ttl_seconds);
  visit("min_cache_ttl_seconds", limits.min_cache_ttl_seconds);
  visit("max_list_keys", limits.max_list_keys);
  visit("max_bulk_keys", limits.max_bulk_keys);
  visit("max_bulk_bytes", limits.max_bulk_bytes);
  visit("max_operations", limits.max_operations);
}

template <class Limits, class Visit>
void each_cron_limit(Limits& limits, Visit visit) {
  visit("cpu_ms", limits.cpu_ms);
  visit("hourly_cpu_ms", limits.hourly_cpu_ms);
  visit("wall_ms", limits.wall_ms);
}

nlohmann::json traces_to_json(const TraceSettings& traces) {
  nlohmann::json headers = nlohmann::json::array();
  for (const auto& [name, value] : traces.headers) {
    headers.push_back({{"name", name}, {"value", value}});
  }
  return {{"endpoint", traces.endpoint},         {"headers", std::move(headers)},
          {"service_name", traces.service_name}, {"sample_ratio", traces.sample_ratio},
          {"parent_based", traces.parent_based}, {"max_queue", traces.max_queue}};
}

Status read_traces(const nlohmann::json& json, TraceSettings& traces) {
  JsonFields fields(json, "traces");
  fields.take("endpoint", traces.endpoint);
  fields.take_objects("headers", traces.headers, "header", [](JsonFields& own, auto& header) {
    own.take("name", header.first);
    own.take("value", header.second);
  });
  fields.take("service_name", traces.service_name);
  fields.take("sample_ratio", traces.sample_ratio);
  fields.take("parent_based", traces.parent_based);
  fields.take("max_queue", traces.max_queue);
  return fields.status();
}

}  // namespace

nlohmann::json to_json(const EngineConfig& config) {
  nlohmann::json listeners = nlohmann::json::array();
  for (const Listener& listener : config.listeners) {
    listeners.push_back(
        {{"fd", listener.fd}, {"loop", listener.loop}, {"address", listener.address}});
  }
  nlohmann::json kv_limits;
  each_kv_limit(config.kv_limits,
                [&](const char* name, const auto& limit) { kv_limits[name] = limit; });
  nlohmann::json cron_limits;
  each_cron_limit(config.cron_limits,
                  [&](const char* name, const auto& limit) { cron_limits[name] = limit; });
  nlohmann::json time_limits = nlohmann::json::object();
  each_time_limit(config.time_limits,
                  [&](const char* name, const auto& limit) { time_limits[name] = limit; });
  nlohmann::json object_limits;
  each_object_limit(config.object_limits,
                    [&](const char* name, const auto& limit) { object_limits[name] = limit; });
  nlohmann::json workers = nlohmann::json::array();
  for (const WorkerVersion& worker : config.workers) workers.push_back(to_json(worker));
  nlohmann::json platform;
  if (config.platform) {
    platform = {{"api_fds", config.platform->api_fds},
                {"scheme", config.platform->scheme},
                {"base_domain", config.platform->base_domain},
                {"port", config.platform->port},
                {"max_asset_bytes", config.platform->asset_limits.max_file_bytes},
                {"max_assets", config.platform->asset_limits.max_files}};
  }
  return {{"listeners", std::move(listeners)},
          {"threads", config.threads},
          {"data_directory", config.data_directory},
          {"cache_directory", config.cache_directory},
          {"development", config.development},
          {"log_requests", config.log_requests},
          {"colour", config.colour},
          {"allow_private_network", config.allow_private_network},
          {"drain_timeout_ms", config.drain_timeout_ms},
          {"isolate_idle_ms", config.isolate_idle_ms},
          {"spare_isolates", config.spare_isolates},
          {"object_idle_ms", config.object_idle_ms},
          {"time_limits", std::move(time_limits)},
          {"kv_limits", std::move(kv_limits)},
          {"cron_limits", std::move(cron_limits)},
          {"object_limits", std::move(object_limits)},
          {"observability",
           {{"keep_logs", config.observability.keep_logs},
            {"log_bytes", config.observability.log_bytes},
            {"access_log", config.observability.access_log},
            {"access_log_bytes", config.observability.access_log_bytes}}},
          {"traces", traces_to_json(config.traces)},
          {"program_version", config.program_version},
          {"operations_fds", config.operations_fds},
          {"platform", std::move(platform)},
          {"workers", std::move(workers)}};
}

Result<EngineConfig> engine_config_from_json(const nlohmann::json& json) {
  EngineConfig config;
  JsonFields fields(json, "engine configuration");
  fields.take_each("listeners", config.listeners, listener_from_json);
  fields.take("threads", config.threads);
  fields.take("data_directory", config.data_directory);
  fields.take("cache_directory", config.cache_directory);
  fields.take("development", config.development);
  fields.take("log_requests", config.log_requests);
  fields.take("colour", config.colour);
  fields.take("allow_private_network", config.allow_private_network);
  fields.take("drain_timeout_ms", config.drain_timeout_ms);
  fields.take("isolate_idle_ms", config.isolate_idle_ms);
  fields.take("spare_isolates", config.spare_isolates);
  fields.take("object_idle_ms", config.object_idle_ms);
  if (const auto limits = json.find("time_limits"); limits != json.end()) {
    JsonFields time_fields(*limits, "time limits");
    each_time_limit(config.time_limits,
                    [&](const char* name, auto& limit) { time_fields.take(name, limit); });
    SELVAGE_CHECK_STATUS(time_fields.status());
  }
  if (const auto limits = json.find("kv_limits"); limits != json.end()) {
    JsonFields kv_fields(*limits, "limits of KV");
    each_kv_limit(config.kv_limits,
                  [&](const char* name, auto& limit) { kv_fields.take(name, limit); });
    SELVAGE_CHECK_STATUS(kv_fields.status());
  }
  if (const auto limits = json.find("object_limits"); limits != json.end()) {
    JsonFields object_fields(*limits, "limits of objects");
    each_object_limit(config.object_limits,
                      [&](const char* name, auto& limit) { object_fields.take(name, limit); });
    SELVAGE_CHECK_STATUS(object_fields.status());
  }
  if (const auto settings = json.find("observability"); settings != json.end()) {
    JsonFields own(*settings, "observability");
    own.take("keep_logs", config.observability.keep_logs);
    own.take("log_bytes", config.observability.log_bytes);
    own.take("access_log", config.observability.access_log);
    own.take("access_log_bytes", config.observability.access_log_bytes);
    SELVAGE_CHECK_STATUS(own.status());
  }
  if (const auto traces = json.find("traces"); traces != json.end()) {
    SELVAGE_CHECK_STATUS(read_traces(*traces, config.traces));
  }
  fields.take("program_version", config.program_version);
  fields.take_each("operations_fds", config.operations_fds, descriptor_from_json);
  if (const auto platform = json.find("platform"); platform != json.end() && !platform->is_null()) {
    SELVAGE_TRY(config.platform, platform_from_json(*platform));
  }
  if (const auto limits = json.find("cron_limits"); limits != json.end()) {
    JsonFields cron_fields(*limits, "limits of crons");
    each_cron_limit(config.cron_limits,
                    [&](const char* name, auto& limit) { cron_fields.take(name, limit); });
    SELVAGE_CHECK_STATUS(cron_fields.status());
  }
  fields.take_each("workers", config.workers, worker_version_from_json);
  SELVAGE_CHECK_STATUS(fields.status());
  if (config.threads < 1) fields.refuse("needs at least one thread");
  for (const Listener& listener : config.listeners) {
    if (listener.fd < 0) fields.refuse("has a listener without a file descriptor");
    if (listener.loop < 0 || listener.loop >= config.threads) {
      fields.refuse("has a listener for loop " + std::to_string(listener.loop) + " of " +
                    std::to_string(config.threads));
    }
  }
  SELVAGE_CHECK_STATUS(fields.status());
  return config;
}

}  // namespace selvage::deploy
