#include "cli/listen.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace selvage::cli {
namespace {

constexpr int kBacklog = 4096;

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
  std::string text;  // without port, an IPv6 address in brackets

  [[nodiscard]] bool is_v6() const { return storage.ss_family == AF_INET6; }
  void set_port(uint16_t port) {
    if (is_v6()) {
      reinterpret_cast<sockaddr_in6&>(storage).sin6_port = htons(port);
    } else {
      reinterpret_cast<sockaddr_in&>(storage).sin_port = htons(port);
    }
  }
};

Result<Address> numeric_address(const std::string& host) {
  Address address;
  auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    address.length = sizeof v4;
    address.text = host;
    return address;
  }
  address.storage = {};
  auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
  if (inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    address.length = sizeof v6;
    address.text = "[" + host + "]";
    return address;
  }
  return fail(ErrorCode::invalid_argument, "\"" + host + "\" is not an address to listen on",
              "Use localhost, 0.0.0.0 or :: (all interfaces), or the address of an interface");
}

uint16_t port_of(int fd) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length);
  return ntohs(storage.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(storage).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(storage).sin_port);
}

// 0 or errno.
int bind_socket(const Address& address, bool shared, Descriptor& into) {
  Descriptor socket_fd(
      socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket_fd.valid()) return errno;
  const int on = 1;
  setsockopt(socket_fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.is_v6()) setsockopt(socket_fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (shared) setsockopt(socket_fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (bind(socket_fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.length) !=
      0) {
    return errno;
  }
  into = std::move(socket_fd);
  return 0;
}

tl::unexpected<Error> cannot_listen(const Address& address, uint16_t port, int error) {
  const std::string where = address.text + ":" + std::to_string(port);
  if (error == EADDRINUSE) {
    return fail(ErrorCode::already_exists,
                "port " + std::to_string(port) +
                    " is taken: something "
                    "else listens on " +
                    where,
                "Stop it (`ss -ltnp 'sport = :" + std::to_string(port) +
                    "'` shows who it is), or choose another port with --port");
  }
  if (error == EACCES) {
    return fail(ErrorCode::permission_denied, "not allowed to listen on " + where,
                "Ports below 1024 need root; choose one above with --port");
  }
  if (error == EADDRNOTAVAIL) {
    return fail(ErrorCode::invalid_argument, address.text + " is no address of this machine",
                "Use localhost, 0.0.0.0 or :: with --host");
  }
  return fail_errno(error, "cannot listen on " + where);
}

}  // namespace

Result<ListeningSockets> listen_on(const std::string& host, uint16_t port, int threads) {
  const bool localhost = host == "localhost";
  std::vector<Address> addresses;
  SELVAGE_TRY(Address first, numeric_address(localhost ? "127.0.0.1" : host));
  addresses.push_back(std::move(first));
  if (localhost) addresses.push_back(*numeric_address("::1"));

  ListeningSockets sockets;
  sockets.port = port;
  for (Address& address : addresses) {
    address.set_port(sockets.port);
    // SO_REUSEPORT alone would let two servers of the same user share a port unnoticed: a socket
    // without it finds out.
    Descriptor probe;
    if (const int error = bind_socket(address, false, probe); error != 0) {
      const bool no_ipv6 = error == EADDRNOTAVAIL || error == EAFNOSUPPORT;
      if (localhost && address.is_v6() && no_ipv6) continue;
      return cannot_listen(address, sockets.port, error);
    }
    if (sockets.port == 0) sockets.port = port_of(probe.get());
    address.set_port(sockets.port);
    probe.reset();
    for (int loop = 0; loop < threads; ++loop) {
      Descriptor socket_fd;
      if (const int error = bind_socket(address, true, socket_fd); error != 0) {
        return cannot_listen(address, sockets.port, error);
      }
      if (listen(socket_fd.get(), kBacklog) != 0) {
        return cannot_listen(address, sockets.port, errno);
      }
      sockets.listeners.push_back(
          {socket_fd.get(), loop, address.text + ":" + std::to_string(sockets.port)});
      sockets.descriptors.push_back(std::move(socket_fd));
    }
  }
  return sockets;
}

}  // namespace selvage::cli
