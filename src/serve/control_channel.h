// The engine's end of its conversation with the supervisor: lines of JSON over a socket (see
// deploy/engine_config.h).
#pragma once

#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace selvage::serve {

class ControlChannel {
 public:
  /// Takes `fd` over: a connected stream socket.
  explicit ControlChannel(int fd) : fd_(fd) {}
  ~ControlChannel();
  ControlChannel(const ControlChannel&) = delete;
  ControlChannel& operator=(const ControlChannel&) = delete;

  /// One thread. Blocks for the next message; nullopt when the supervisor is gone.
  Result<std::optional<nlohmann::json>> receive();
  /// Any thread. A supervisor that is gone is not an error.
  void send(const nlohmann::json& message);

 private:
  int fd_;
  std::string received_;
  std::mutex sending_;
};

}  // namespace selvage::serve
