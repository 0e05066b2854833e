#include "state/socket_client.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

namespace selvage::state {

Result<std::unique_ptr<SocketClient>> SocketClient::connect(const std::string& directory) {
  const int folder = ::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return fail_errno(errno, "cannot open " + directory);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = socket_path(folder);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int result = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int error = errno;
  ::close(folder);
  if (result == 0) return std::unique_ptr<SocketClient>(new SocketClient(fd));
  ::close(fd);
  if (error == ENOENT || error == ECONNREFUSED) {
    return fail(ErrorCode::unavailable, "no engine answers on " + directory);
  }
  return fail_errno(error, "cannot reach the engine that runs on " + directory);
}

Result<nlohmann::json> SocketClient::ask(const nlohmann::json& request, ItemCallback item) {
  SELVAGE_CHECK_STATUS(wire_.send(request));
  for (;;) {
    SELVAGE_TRY(auto message, wire_.receive());
    if (!message) {
      return fail(ErrorCode::unavailable, "the engine ended before it had answered",
                  "Run the command again; whether it had an effect is not known");
    }
    if (const auto found = message->find("item"); found != message->end()) {
      SELVAGE_CHECK_STATUS(item(*found));
    } else if (const auto end = message->find("end"); end != message->end()) {
      return *end;
    } else if (const auto error = message->find("error"); error != message->end()) {
      return fail(error_from_json(*error));
    }
  }
}

}  // namespace selvage::state
