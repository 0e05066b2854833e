#include "signals/access_log.h"

#include "base/utc_text.h"

namespace selvage::signals {
namespace {

/// A JSON string; bytes that are not ASCII are taken for Latin-1.
void append_text(std::string& line, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  line += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      line += "\\u00";
      line += kHex[byte >> 4];
      line += kHex[byte & 15];
    } else {
      line += c;
    }
  }
  line += '"';
}

}  // namespace

std::string access_line(const AccessEntry& entry, std::string_view worker, std::string_view version,
                        int status, std::chrono::nanoseconds took) {
  std::string line = "{\"time\":\"" + iso_time(entry.time) + "\"";
  const auto add = [&](std::string_view name, std::string_view text) {
    line.append(",\"").append(name).append("\":");
    append_text(line, text);
  };
  add("worker", worker);
  add("version", version);
  add("client", entry.client);
  add("method", entry.method);
  add("host", entry.host);
  add("target", entry.target);
  char rest[64];
  snprintf(rest, sizeof rest, ",\"status\":%d,\"ms\":%.3f}", status,
           static_cast<double>(took.count()) / 1e6);
  return line + rest;
}

}  // namespace selvage::signals
