#include "serve/control_channel.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

namespace selvage::serve {

ControlChannel::~ControlChannel() { ::close(fd_); }

Result<std::optional<nlohmann::json>> ControlChannel::receive() {
  while (true) {
    if (const size_t end = received_.find('\n'); end != std::string::npos) {
      const std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      nlohmann::json message = nlohmann::json::parse(line, nullptr, false);
      if (!message.is_object() || !message.contains("type") || !message["type"].is_string()) {
        return fail(ErrorCode::invalid_argument, "malformed message on the control channel");
      }
      return message;
    }
    char buffer[16384];
    const ssize_t length = read(fd_, buffer, sizeof buffer);
    if (length < 0 && errno == EINTR) continue;
    if (length <= 0) return std::optional<nlohmann::json>();
    received_.append(buffer, static_cast<size_t>(length));
  }
}

void ControlChannel::send(const nlohmann::json& message) {
  const std::string line = message.dump() + "\n";
  std::lock_guard lock(sending_);
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t sent = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return;
    rest.remove_prefix(static_cast<size_t>(sent));
  }
}

}  // namespace selvage::serve
