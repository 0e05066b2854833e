// How a command and an engine speak: lines of JSON over a Unix-domain socket. A request is one line
// (service.h); its answer any number of {"item":...}, then {"end":...} or {"error":{"code",
// "message", "remedy"}}.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "base/result.h"

namespace selvage::state {

/// The socket of the engine that runs on the state in `directory`. The name of a socket is short:
/// the folder is reached through a descriptor, `directory_fd`, that stays open meanwhile.
inline constexpr const char* kSocketName = "control.sock";
std::string socket_path(int directory_fd);

/// A connected socket. One thread's.
class Wire {
 public:
  /// Takes `fd` over.
  explicit Wire(int fd) : fd_(fd) {}
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  /// nullopt when the other side has closed.
  Result<std::optional<nlohmann::json>> receive();
  Status send(const nlohmann::json& message);

 private:
  static constexpr size_t kLongestLine = size_t{256} << 20;
  int fd_;
  std::string received_;
  size_t scanned_ = 0;
};

nlohmann::json error_to_json(const Error& error);
Error error_from_json(const nlohmann::json& json);

}  // namespace selvage::state
