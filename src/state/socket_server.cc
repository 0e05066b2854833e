#include "state/socket_server.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "state/wire.h"

namespace selvage::state {

Result<std::unique_ptr<SocketServer>> SocketServer::listen(const std::string& directory,
                                                           MakeService make_service) {
  const int folder = ::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return fail_errno(errno, "cannot open " + directory);
  ::unlinkat(folder, kSocketName, 0);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = socket_path(folder);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  // Nobody connects before listen(): the right comes in time.
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::fchmodat(folder, kSocketName, 0600, 0) != 0 || ::listen(listener, 16) != 0) {
    const int error = errno;
    ::close(listener);
    ::close(folder);
    return fail_errno(error, "cannot listen on " + directory + "/" + kSocketName);
  }
  return std::unique_ptr<SocketServer>(new SocketServer(folder, listener, std::move(make_service)));
}

SocketServer::SocketServer(int folder, int listener, MakeService make_service)
    : folder_(folder), listener_(listener), make_service_(std::move(make_service)) {
  thread_ = std::thread([this] { accept_loop(); });
}

SocketServer::~SocketServer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const Connection& each : connections_) {
      if (each.fd >= 0) ::shutdown(each.fd, SHUT_RDWR);
    }
  }
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  for (Connection& each : connections_) each.thread.join();
  ::unlinkat(folder_, kSocketName, 0);
  ::close(listener_);
  ::close(folder_);
}

void SocketServer::accept_loop() {
  for (;;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    std::lock_guard lock(mutex_);
    if (stopping_) {
      if (fd >= 0) ::close(fd);
      return;
    }
    reap();
    if (fd < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EMFILE || errno == ENFILE) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        continue;
      }
      return;
    }
    Connection& connection = connections_.emplace_back();
    connection.fd = fd;
    connection.thread = std::thread([this, &connection] { serve(connection); });
  }
}

void SocketServer::reap() {
  for (auto at = connections_.begin(); at != connections_.end();) {
    if (!at->done) {
      ++at;
      continue;
    }
    at->thread.join();
    at = connections_.erase(at);
  }
}

void SocketServer::serve(Connection& connection) {
  {
    Wire wire(connection.fd);
    const std::unique_ptr<Service> service = make_service_();
    for (;;) {
      auto request = wire.receive();
      if (!request || !*request) break;
      ItemCallback item = [&wire](const nlohmann::json& each) {
        return wire.send({{"item", each}});
      };
      const auto answer = service->answer(**request, item);
      const Status sent = answer ? wire.send({{"end", *answer}})
                                 : wire.send({{"error", error_to_json(answer.error())}});
      if (!sent) break;
    }
    std::lock_guard lock(mutex_);
    connection.fd = -1;  // closed next: nobody may shut down another one's
  }
  std::lock_guard lock(mutex_);
  connection.done = true;
}

}  // namespace selvage::state
