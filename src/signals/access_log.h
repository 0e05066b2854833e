// The access log: one line of JSON for each request that a client sent.
//   {"time":"2026-01-31T12:00:00.123Z","worker":"w","version":"...","client":"127.0.0.1",
//    "method":"GET","host":"example.com","target":"/path?query","status":200,"ms":1.25}
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace selvage::signals {

/// What is known when the request comes.
struct AccessEntry {
  int64_t time = 0;  // milliseconds since 1970
  std::string client;
  std::string method;
  std::string host;
  std::string target;
};

std::string access_line(const AccessEntry& entry, std::string_view worker, std::string_view version,
                        int status, std::chrono::nanoseconds took);

}  // namespace selvage::signals
