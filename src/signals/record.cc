#include "signals/record.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace selvage::signals {
namespace {

using Json = nlohmann::ordered_json;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

bool is_secret(const std::string& name) {
  constexpr std::array<std::string_view, 6> kParts{"auth",   "jwt",   "key",
                                                   "secret", "token", "password"};
  return name == "cookie" || name == "set-cookie" ||
         std::ranges::any_of(
             kParts, [&](std::string_view part) { return name.find(part) != std::string::npos; });
}

/// Calls visit(lower-case name, value) until it returns true.
template <class Visit>
bool each_header(std::string_view block, Visit visit) {
  while (!block.empty()) {
    const size_t end = std::min(block.find('\n'), block.size() - 1);
    std::string_view line = block.substr(0, end);
    block.remove_prefix(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t'))
      value.remove_prefix(1);
    if (visit(lower(line.substr(0, colon)), value)) return true;
  }
  return false;
}

/// Header values are Latin-1.
std::string to_utf8(std::string_view latin1) {
  std::string text;
  for (const char c : latin1) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      text += c;
    } else {
      text += static_cast<char>(0xc0 | byte >> 6);
      text += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return text;
}

Json event_of(const Record& record) {
  switch (record.kind) {
    case EventKind::request: {
      Json headers = Json::object();
      each_header(record.headers, [&](const std::string& name, std::string_view value) {
        const std::string text = is_secret(name) ? "REDACTED" : to_utf8(value);
        auto& entry = headers[name];
        entry = entry.is_string() ? entry.get<std::string>() + ", " + text : text;
        return false;
      });
      Json request{{"url", record.url},
                   {"method", record.method},
                   {"headers", std::move(headers)},
                   {"cf", Json::object()}};
      Json event{{"request", std::move(request)}};
      if (record.status != 0) event["response"] = Json{{"status", record.status}};
      return event;
    }
    case EventKind::scheduled:
      return {{"cron", record.cron}, {"scheduledTime", record.scheduled_time}};
    case EventKind::alarm: return {{"scheduledTime", record.scheduled_time}};
    case EventKind::rpc: return {{"rpcMethod", record.method}};
    case EventKind::tail: {
      Json consumed = Json::array();
      for (const std::string& name : record.tailed) consumed.push_back({{"scriptName", name}});
      return {{"consumedEvents", std::move(consumed)}};
    }
    case EventKind::websocket:
      return {{"getWebSocketEvent", {{"webSocketEventType", record.socket_event}}}};
    case EventKind::other: break;
  }
  return nullptr;
}

}  // namespace

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok: return "ok";
    case Outcome::canceled: return "canceled";
    case Outcome::exception: return "exception";
    case Outcome::exceeded_cpu: return "exceededCpu";
    case Outcome::exceeded_memory: return "exceededMemory";
    case Outcome::unknown: break;
  }
  return "unknown";
}

void Record::log(std::string level, std::string text, int64_t now) {
  logged_bytes_ += text.size();
  if (logged_bytes_ > kMostBytes) {
    truncated = true;
    return;
  }
  logs.push_back({std::move(level), std::move(text), now});
}

void Record::except(std::string_view described, std::string stack, int64_t now) {
  logged_bytes_ += described.size() + stack.size();
  if (logged_bytes_ > kMostBytes) {
    truncated = true;
    return;
  }
  const size_t colon = described.find(": ");
  const bool named = colon != std::string_view::npos && colon > 0 &&
                     described.substr(0, colon).find_first_of(" \n") == std::string_view::npos;
  exceptions.push_back({std::string(named ? described.substr(0, colon) : "Error"),
                        std::string(named ? described.substr(colon + 2) : described),
                        std::move(stack), now});
}

bool Record::mentions(const SearchText& text) const {
  return std::ranges::any_of(logs, [&](const Log& each) { return text.found_in(each.message); });
}

bool Record::header(std::string_view name, std::string& value) const {
  return each_header(headers, [&](const std::string& found, std::string_view text) {
    if (found != name) return false;
    value = to_utf8(text);
    return true;
  });
}

nlohmann::ordered_json to_json(const Record& record) {
  Json logs = Json::array();
  for (const Record::Log& each : record.logs) {
    Json message = Json::parse(each.message, nullptr, false);
    if (message.is_discarded()) message = Json::array({each.message});
    logs.push_back(
        {{"message", std::move(message)}, {"level", each.level}, {"timestamp", each.time}});
  }
  Json exceptions = Json::array();
  for (const Record::Exception& each : record.exceptions) {
    Json exception{{"name", each.name}, {"message", each.message}, {"timestamp", each.time}};
    if (!each.stack.empty()) exception["stack"] = each.stack;
    exceptions.push_back(std::move(exception));
  }
  Json json{{"outcome", name_of(record.outcome)}, {"scriptName", record.worker}};
  if (!record.entrypoint.empty()) json["entrypoint"] = record.entrypoint;
  json["scriptVersion"] = Json{{"id", record.version}};
  json["cpuTime"] = record.cpu_ms;
  json["wallTime"] = record.wall_ms;
  json["truncated"] = record.truncated;
  json["executionModel"] = record.durable_object ? "durableObject" : "stateless";
  if (!record.object_id.empty()) json["durableObjectId"] = record.object_id;
  json["exceptions"] = std::move(exceptions);
  json["logs"] = std::move(logs);
  json["diagnosticsChannelEvents"] = Json::array();
  json["eventTimestamp"] = record.time;
  json["event"] = event_of(record);
  return json;
}

std::string to_line(const Record& record) {
  return to_json(record).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace selvage::signals
