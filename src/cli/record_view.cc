#include "cli/record_view.h"

#include <ctime>
#include <nlohmann/json.hpp>

namespace selvage::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

/// Without what a terminal would take for a command.
std::string harmless(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    result += (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f ? '?' : c;
  }
  return result;
}

std::string indented(const std::string& text, const std::string& by) {
  std::string result = by;
  for (const char c : text) {
    result += c;
    if (c == '\n') result += by;
  }
  return result;
}

std::string event_text(const Json& event) {
  if (!event.is_object()) return "Event";
  if (const auto request = event.find("request"); request != event.end()) {
    return text_of(*request, "method") + " " + text_of(*request, "url");
  }
  if (event.contains("cron")) return "Cron \"" + text_of(event, "cron") + "\"";
  if (event.contains("scheduledTime")) return "Alarm";
  if (event.contains("rpcMethod")) return "RPC " + text_of(event, "rpcMethod") + "()";
  if (event.contains("consumedEvents")) return "Tail";
  if (event.contains("getWebSocketEvent")) {
    return "WebSocket " + text_of(event["getWebSocketEvent"], "webSocketEventType");
  }
  return "Event";
}

std::string outcome_text(const std::string& outcome) {
  if (outcome == "ok") return "Ok";
  if (outcome == "canceled") return "Canceled";
  if (outcome == "exception") return "Exception";
  if (outcome == "exceededCpu") return "Exceeded CPU Limit";
  if (outcome == "exceededMemory") return "Exceeded Memory Limit";
  return outcome.empty() ? "Unknown" : outcome;
}

std::string time_text(const Json& record, bool with_date) {
  const auto found = record.find("eventTimestamp");
  if (found == record.end() || !found->is_number_integer()) return "?";
  const time_t seconds = found->get<int64_t>() / 1000;
  tm parts{};
  localtime_r(&seconds, &parts);
  char text[64];
  return {text, strftime(text, sizeof text, with_date ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &parts)};
}

std::string message_text(const Json& message) {
  std::string text;
  for (const Json& part : message) {
    if (!text.empty()) text += ' ';
    text += part.is_string() ? part.get<std::string>()
                             : part.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  return text;
}

}  // namespace

std::string show_record(const Terminal& terminal, const Json& record, bool with_date) {
  if (!record.is_object()) return "";
  const Json event = record.value("event", Json());
  const std::string outcome = text_of(record, "outcome");
  std::string ending = outcome_text(outcome);
  if (event.is_object() && event.contains("response") && event["response"].is_object()) {
    const Json status = event["response"].value("status", Json());
    if (status.is_number_integer()) ending += " " + status.dump();
  }
  std::string text = terminal.bold(harmless(event_text(event))) + " - " +
                     (outcome == "ok" ? terminal.green(ending) : terminal.red(ending)) + " @ " +
                     time_text(record, with_date);
  const Json wall = record.value("wallTime", Json());
  if (wall.is_number_integer()) text += terminal.dim(" (" + wall.dump() + " ms)");
  for (const Json& log : record.value("logs", Json::array())) {
    const std::string level = text_of(log, "level");
    const std::string label = "(" + level + ")";
    text += "\n  " +
            (level == "error"  ? terminal.red(label)
             : level == "warn" ? terminal.yellow(label)
                               : terminal.dim(label)) +
            " " + harmless(message_text(log.value("message", Json::array())));
  }
  for (const Json& exception : record.value("exceptions", Json::array())) {
    std::string shown = text_of(exception, "stack");
    if (shown.empty()) shown = text_of(exception, "name") + ": " + text_of(exception, "message");
    text += "\n" + terminal.red(indented(harmless(shown), "  "));
  }
  if (record.value("truncated", false)) text += "\n  " + terminal.dim("(more was logged)");
  return text;
}

}  // namespace selvage::cli
