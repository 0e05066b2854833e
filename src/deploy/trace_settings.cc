#include "deploy/trace_settings.h"

#include <charconv>

#include "base/percent.h"
#include "http/syntax.h"

namespace selvage::deploy {
namespace {

using Variable = std::function<std::string(const char*)>;

bool is_true(std::string_view text) { return http::equals_ignoring_case(text, "true"); }

/// "a=b,c=d", with values that may be percent-encoded.
void take_headers(const std::string& name, std::string_view list, TraceSettings& settings,
                  std::vector<std::string>& problems) {
  while (!list.empty()) {
    const std::string_view pair = http::take_list_element(list);
    if (pair.empty()) continue;
    const size_t equals = std::min(pair.find('='), pair.size());
    std::string key(http::trim_whitespace(pair.substr(0, equals)));
    std::string value = percent_decode_leniently(
        http::trim_whitespace(equals < pair.size() ? pair.substr(equals + 1) : ""));
    if (const Status good = check_trace_header(key, value); good && equals < pair.size()) {
      settings.headers.emplace_back(std::move(key), std::move(value));
    } else {
      problems.push_back(name + " should be name=value pairs, but has \"" + key + "\"");
    }
  }
}

void take_endpoint(TraceSettings& settings, const Variable& variable,
                   std::vector<std::string>& problems) {
  std::string name = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
  std::string endpoint = variable(name.c_str());
  if (endpoint.empty()) {
    name = "OTEL_EXPORTER_OTLP_ENDPOINT";
    endpoint = variable(name.c_str());
    if (endpoint.empty()) return;
    endpoint += endpoint.ends_with('/') ? "v1/traces" : "/v1/traces";
  } else if (endpoint.find('/', endpoint.find("://") + 3) == std::string::npos) {
    endpoint += '/';
  }
  std::string protocol = variable("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL");
  if (protocol.empty()) protocol = variable("OTEL_EXPORTER_OTLP_PROTOCOL");
  if (protocol == "grpc") {
    problems.push_back(
        "OTEL_EXPORTER_OTLP_PROTOCOL is grpc, but traces are sent over HTTP only: nothing is "
        "traced; set it to http/json, and the endpoint to the collector's HTTP port (4318)");
  } else if (const Status good = check_trace_endpoint(endpoint); good) {
    settings.endpoint = std::move(endpoint);
  } else {
    problems.push_back(name + ": " + good.error().describe());
  }
}

void take_sampler(TraceSettings& settings, const Variable& variable,
                  std::vector<std::string>& problems) {
  std::string sampler = variable("OTEL_TRACES_SAMPLER");
  if (sampler.empty()) return;
  constexpr std::string_view kParentBased = "parentbased_";
  const bool parent_based = sampler.starts_with(kParentBased);
  if (parent_based) sampler.erase(0, kParentBased.size());
  double ratio = 1;
  if (sampler == "always_off") {
    ratio = 0;
  } else if (sampler == "traceidratio") {
    const std::string text = variable("OTEL_TRACES_SAMPLER_ARG");
    const char* end = text.data() + text.size();
    if (!text.empty() &&
        (std::from_chars(text.data(), end, ratio).ptr != end || !(ratio >= 0) || !(ratio <= 1))) {
      problems.push_back("OTEL_TRACES_SAMPLER_ARG is \"" + text +
                         "\", but should be from 0 to 1: all are sampled");
      ratio = 1;
    }
  } else if (sampler != "always_on") {
    problems.push_back("OTEL_TRACES_SAMPLER: there is no sampler \"" + sampler +
                       "\" here; there are always_on, always_off, traceidratio, and these with "
                       "parentbased_ before");
    return;
  }
  settings.parent_based = parent_based;
  settings.sample_ratio = ratio;
}

}  // namespace

Status check_trace_endpoint(std::string_view endpoint) {
  const auto refuse = [&] {
    return fail(ErrorCode::invalid_argument,
                "\"" + std::string(endpoint) + "\" is not the URL of a collector",
                "Write all of it, with its path: http://localhost:4318/v1/traces");
  };
  std::string_view rest = endpoint;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (rest.starts_with(scheme)) rest.remove_prefix(scheme.size());
  }
  if (rest.size() == endpoint.size()) return refuse();
  const size_t path = rest.find('/');
  if (path == 0 || path == std::string_view::npos) return refuse();
  for (const char c : endpoint) {
    if (c <= ' ' || c > '~' || c == '#' || c == '@') return refuse();
  }
  return {};
}

Status check_trace_header(std::string_view name, std::string_view value) {
  if (http::is_token(name) && http::is_field_value(value)) return {};
  return fail(ErrorCode::invalid_argument,
              "\"" + std::string(name) + "\" cannot be a header with that value");
}

std::vector<std::string> complete_from_environment(TraceSettings& settings,
                                                   const Variable& variable) {
  std::vector<std::string> problems;
  if (is_true(variable("OTEL_SDK_DISABLED"))) {
    settings.endpoint.clear();
    return problems;
  }
  const TraceSettings defaults;
  if (settings.endpoint.empty() && variable("OTEL_TRACES_EXPORTER") != "none") {
    take_endpoint(settings, variable, problems);
  }
  if (settings.endpoint.empty()) return problems;
  if (settings.headers.empty()) {
    std::string name = "OTEL_EXPORTER_OTLP_TRACES_HEADERS";
    std::string list = variable(name.c_str());
    if (list.empty()) list = variable((name = "OTEL_EXPORTER_OTLP_HEADERS").c_str());
    take_headers(name, list, settings, problems);
  }
  if (settings.service_name.empty()) settings.service_name = variable("OTEL_SERVICE_NAME");
  if (settings.parent_based == defaults.parent_based &&
      settings.sample_ratio == defaults.sample_ratio) {
    take_sampler(settings, variable, problems);
  }
  return problems;
}

}  // namespace selvage::deploy
