#include "trace/otlp_json.h"

#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

namespace selvage::trace {
namespace {

using Json = nlohmann::json;

constexpr int kStatusError = 2;
// Of Span.flags: the context came over a network, and that this is known.
constexpr uint32_t kHasIsRemote = 0x100;
constexpr uint32_t kIsRemote = 0x200;

Json attribute(std::string_view key, const std::variant<std::string, int64_t, bool>& value) {
  Json wrapped;
  if (const auto* text = std::get_if<std::string>(&value)) {
    wrapped["stringValue"] = *text;
  } else if (const auto* number = std::get_if<int64_t>(&value)) {
    wrapped["intValue"] = std::to_string(*number);  // 64-bit integers are strings in this encoding
  } else {
    wrapped["boolValue"] = std::get<bool>(value);
  }
  return {{"key", key}, {"value", std::move(wrapped)}};
}

Json attributes(const Attributes& all) {
  Json list = Json::array();
  for (const Attribute& each : all) list.push_back(attribute(each.key, each.value));
  return list;
}

Json to_json(const Span& span) {
  Json json = {{"traceId", to_hex(span.context.trace)},
               {"spanId", to_hex(span.context.span)},
               {"name", span.name},
               {"kind", static_cast<int>(span.kind)},
               {"startTimeUnixNano", std::to_string(span.start_ns)},
               {"endTimeUnixNano", std::to_string(span.end_ns)},
               {"attributes", attributes(span.attributes)},
               {"flags", (span.context.sampled ? 1U : 0U) | kHasIsRemote |
                             (span.remote_parent ? kIsRemote : 0U)}};
  if (span.parent != 0) json["parentSpanId"] = to_hex(span.parent);
  if (!span.context.state.empty()) json["traceState"] = span.context.state;
  if (!span.events.empty()) {
    Json events = Json::array();
    for (const SpanEvent& event : span.events) {
      events.push_back({{"name", event.name},
                        {"timeUnixNano", std::to_string(event.time_ns)},
                        {"attributes", attributes(event.attributes)}});
    }
    json["events"] = std::move(events);
  }
  if (span.failed) {
    json["status"] = {{"code", kStatusError}};
    if (!span.failure.empty()) json["status"]["message"] = span.failure;
  }
  return json;
}

Json resource_of(const Resource& resource, const Span& any) {
  const bool own = resource.service_name.empty();
  Json list = Json::array();
  const auto add = [&](std::string_view key, const std::string& text) {
    if (!text.empty()) list.push_back(attribute(key, text));
  };
  add("service.name", own ? any.worker : resource.service_name);
  add("service.version", own ? any.version : resource.version);
  add("service.instance.id", resource.instance);
  add("faas.name", any.worker);
  add("faas.version", any.version);
  add("telemetry.sdk.name", "selvage");
  add("telemetry.sdk.language", "cpp");
  add("telemetry.sdk.version", resource.version);
  return {{"attributes", std::move(list)}};
}

}  // namespace

std::string to_otlp_json(const Resource& resource, std::span<const Span> spans) {
  std::map<std::pair<std::string_view, std::string_view>, std::vector<const Span*>> by_worker;
  for (const Span& span : spans) by_worker[{span.worker, span.version}].push_back(&span);
  Json resources = Json::array();
  for (const auto& [worker, of_worker] : by_worker) {
    Json list = Json::array();
    for (const Span* span : of_worker) list.push_back(to_json(*span));
    const Json scope = {{"name", "selvage"}, {"version", resource.version}};
    Json scope_spans = Json::array();
    scope_spans.push_back({{"scope", scope}, {"spans", std::move(list)}});
    resources.push_back({{"resource", resource_of(resource, *of_worker.front())},
                         {"scopeSpans", std::move(scope_spans)}});
  }
  const Json request = {{"resourceSpans", std::move(resources)}};
  return request.dump(-1, ' ', false, Json::error_handler_t::replace);
}

PartialSuccess parse_partial_success(std::string_view json) {
  PartialSuccess result;
  const Json answer = Json::parse(json, nullptr, false);
  const auto partial = answer.is_object() ? answer.find("partialSuccess") : answer.end();
  if (!answer.is_object() || partial == answer.end() || !partial->is_object()) return result;
  if (const auto count = partial->find("rejectedSpans"); count != partial->end()) {
    if (count->is_number_unsigned()) result.rejected = count->get<uint64_t>();
    if (count->is_string()) {
      const auto& text = count->get_ref<const std::string&>();
      std::from_chars(text.data(), text.data() + text.size(), result.rejected);
    }
  }
  if (const auto message = partial->find("errorMessage");
      message != partial->end() && message->is_string()) {
    result.message = message->get<std::string>();
  }
  return result;
}

}  // namespace selvage::trace
