#include "state/wire.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <string_view>

namespace selvage::state {

std::string socket_path(int directory_fd) {
  return "/proc/self/fd/" + std::to_string(directory_fd) + "/" + kSocketName;
}

Wire::~Wire() { ::close(fd_); }

Result<std::optional<nlohmann::json>> Wire::receive() {
  for (;;) {
    const size_t end = received_.find('\n', scanned_);
    if (end != std::string::npos) {
      nlohmann::json message = nlohmann::json::parse(std::string_view(received_).substr(0, end),
                                                     nullptr, /*allow_exceptions=*/false);
      received_.erase(0, end + 1);
      scanned_ = 0;
      if (!message.is_object()) {
        return fail(ErrorCode::invalid_argument, "a malformed message on the control socket");
      }
      return message;
    }
    scanned_ = received_.size();
    if (scanned_ > kLongestLine) {
      return fail(ErrorCode::limit_exceeded, "a message on the control socket is too long");
    }
    std::array<char, 64 * 1024> buffer;
    const ssize_t got = ::read(fd_, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(errno, "cannot read from the control socket");
    if (got == 0) return std::optional<nlohmann::json>();
    received_.append(buffer.data(), static_cast<size_t>(got));
  }
}

Status Wire::send(const nlohmann::json& message) {
  const std::string line =
      message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t sent = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return fail_errno(errno, "cannot write to the control socket");
    rest.remove_prefix(static_cast<size_t>(sent));
  }
  return {};
}

nlohmann::json error_to_json(const Error& error) {
  return {{"code", to_string(error.code)}, {"message", error.message}, {"remedy", error.remedy}};
}

Error error_from_json(const nlohmann::json& json) {
  Error error;
  const std::string code = json.value("code", "");
  for (int each = 0; each <= static_cast<int>(ErrorCode::internal); ++each) {
    if (to_string(static_cast<ErrorCode>(each)) == code) error.code = static_cast<ErrorCode>(each);
  }
  error.message = json.value("message", "it failed without a reason");
  error.remedy = json.value("remedy", "");
  return error;
}

}  // namespace selvage::state
