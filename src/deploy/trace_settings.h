// Where traces go, and how many: [traces] of selvage.toml, and the environment variables that
// OpenTelemetry has for it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace selvage::deploy {

struct TraceSettings {
  std::string endpoint;  // "http://localhost:4318/v1/traces"; "": nothing is traced
  std::vector<std::pair<std::string, std::string>> headers;  // of each request to it
  std::string service_name;                                  // "": each worker has its own
  double sample_ratio = 1;                                   // of traces that begin here
  bool parent_based = true;   // a trace from elsewhere is sampled when its caller says so
  uint32_t max_queue = 8192;  // spans that may wait for the collector

  bool operator==(const TraceSettings&) const = default;
};

/// Whether `endpoint` is an http or https URL with a path.
Status check_trace_endpoint(std::string_view endpoint);
/// Whether it may be sent.
Status check_trace_header(std::string_view name, std::string_view value);

/// What `settings` leave as it is by default is taken from the environment, by the rules of
/// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ and
/// https://opentelemetry.io/docs/specs/otel/protocol/exporter/: OTEL_SDK_DISABLED,
/// OTEL_TRACES_EXPORTER, OTEL_EXPORTER_OTLP_[TRACES_](ENDPOINT, HEADERS, PROTOCOL),
/// OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER and its _ARG. `variable` gives the value of one, "" when
/// it is not set. What cannot be used is left out: a sentence for each.
std::vector<std::string> complete_from_environment(
    TraceSettings& settings, const std::function<std::string(const char*)>& variable);

}  // namespace selvage::deploy
