// The record of one event in a worker: what it was, how it ended, what it logged. Made only while
// somebody listens (hub.h).
//
// As JSON it is an event of Cloudflare's "trace-v1", which wrangler tail and tail workers read:
//   {"outcome", "scriptName", "entrypoint"?, "scriptVersion":{"id"}, "cpuTime", "wallTime" (ms),
//    "truncated", "executionModel":"stateless"|"durableObject", "durableObjectId"?,
//    "exceptions":[{"name","message","stack"?,"timestamp"}], "logs":[{"message":[...],"level",
//    "timestamp"}], "diagnosticsChannelEvents":[], "eventTimestamp", "event":...}
// and "event" one of {"request":{"url","method","headers","cf"},"response":{"status"}},
// {"cron","scheduledTime"}, {"scheduledTime"} (an alarm), {"rpcMethod"}, {"consumedEvents":[...]},
// {"getWebSocketEvent":{"webSocketEventType", ...}}. Times are milliseconds since 1970.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "signals/search_text.h"

namespace selvage::signals {

enum class Outcome { ok, canceled, exception, exceeded_cpu, exceeded_memory, unknown };
std::string_view name_of(Outcome outcome);

enum class EventKind { request, scheduled, alarm, rpc, tail, websocket, other };

/// A value; one thread's until it is published, then immutable.
struct Record {
  struct Log {
    std::string level;    // "log", "debug", "info", "warn", "error"
    std::string message;  // a JSON array: what was logged
    int64_t time = 0;
  };
  struct Exception {
    std::string name;
    std::string message;
    std::string stack;  // in the author's terms
    int64_t time = 0;
  };
  /// What one invocation may log; the rest is dropped, and the record says that it is truncated.
  static constexpr size_t kMostBytes = 256 * 1024;

  std::string worker;
  std::string version;
  std::string entrypoint;  // "" is the default one
  Outcome outcome = Outcome::ok;
  int64_t cpu_ms = 0;
  int64_t wall_ms = 0;
  int64_t time = 0;  // when it began
  bool truncated = false;
  bool durable_object = false;
  std::string object_id;
  std::vector<Exception> exceptions;
  std::vector<Log> logs;

  EventKind kind = EventKind::request;
  std::string method;   // request; rpc: the method called
  std::string url;      // request
  std::string headers;  // request: lines "name: value\r\n"
  std::string client_address;
  int status = 0;  // request; 0: no response
  std::string cron;
  int64_t scheduled_time = 0;       // scheduled, alarm
  std::string socket_event;         // websocket: "message", "close", "error"
  std::vector<std::string> tailed;  // tail: names of the workers whose events it got

  void log(std::string level, std::string message, int64_t now);
  /// `described`: "TypeError: x is not a function".
  void except(std::string_view described, std::string stack, int64_t now);
  /// For a tail filter: whether the text is somewhere in its logs.
  [[nodiscard]] bool mentions(const SearchText& text) const;
  /// The first value of a header of the request, by its lower-case name; false without.
  [[nodiscard]] bool header(std::string_view name, std::string& value) const;

 private:
  size_t logged_bytes_ = 0;
};

/// Bytes that are not UTF-8 are replaced. Secrets in headers are shown as "REDACTED": those that
/// Cloudflare hides (Cookie, Set-Cookie, and names with "auth", "jwt", "key", "secret" or "token"
/// in them), and names with "password".
nlohmann::ordered_json to_json(const Record& record);
/// One line, without a line break.
std::string to_line(const Record& record);

}  // namespace selvage::signals
