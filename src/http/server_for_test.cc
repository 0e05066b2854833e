#include "http/server_for_test.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <future>

#include "http/syntax.h"

namespace selvage::http {
namespace {

sockaddr_storage socket_address(const std::string& address, int port, socklen_t& size) {
  sockaddr_storage storage{};
  if (address.find(':') != std::string::npos) {
    auto* six = reinterpret_cast<sockaddr_in6*>(&storage);
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(static_cast<uint16_t>(port));
    inet_pton(AF_INET6, address.c_str(), &six->sin6_addr);
    size = sizeof *six;
  } else {
    auto* four = reinterpret_cast<sockaddr_in*>(&storage);
    four->sin_family = AF_INET;
    four->sin_port = htons(static_cast<uint16_t>(port));
    inet_pton(AF_INET, address.c_str(), &four->sin_addr);
    size = sizeof *four;
  }
  return storage;
}

std::string describe(const Exchange& exchange, std::string_view body) {
  std::string text(exchange.method());
  text.append(" ").append(exchange.host()).append(exchange.target()).append(" ").append(body);
  return text;
}

void read_and_echo(Exchange& exchange, const std::shared_ptr<loop::Pipe>& pipe,
                   const std::shared_ptr<std::string>& body) {
  pipe->read([&exchange, pipe, body](Result<loop::Pipe::Chunk> chunk) {
    if (!chunk) return;
    if (!*chunk) {
      answer(exchange, describe(exchange, *body));
      return;
    }
    *body += **chunk;
    read_and_echo(exchange, pipe, body);
  });
}

}  // namespace

int listen_for_test(const std::string& address, int& port) {
  socklen_t size = 0;
  sockaddr_storage storage = socket_address(address, 0, size);
  const int fd = ::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&storage), size), 0) << std::strerror(errno);
  EXPECT_EQ(::listen(fd, 128), 0);
  size = sizeof storage;
  EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size), 0);
  port = ntohs(storage.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port
                                             : reinterpret_cast<sockaddr_in*>(&storage)->sin_port);
  return fd;
}

void answer(Exchange& exchange, std::string_view body, int status, std::string_view headers) {
  char* const out = exchange.respond(status, {}, headers, body.size());
  std::copy(body.begin(), body.end(), out);
}

void echo(Exchange& exchange) {
  if (exchange.has_body()) {
    read_and_echo(exchange, exchange.body(), std::make_shared<std::string>());
  } else {
    answer(exchange, describe(exchange, {}));
  }
}

ServerForTest::ServerForTest(Handler handler, ServerOptions options)
    : adapter_(std::move(handler)) {
  std::signal(SIGPIPE, SIG_IGN);
  server_ = std::make_unique<Server>(loop_, adapter_, options);
  const Status status = server_->adopt_listener(listen_for_test("127.0.0.1", port_));
  EXPECT_TRUE(status) << status.error().describe();
  thread_ = std::thread([this] { loop_.carry(); });
}

ServerForTest::~ServerForTest() {
  on_loop([this] {
    server_.reset();
    loop_.stop();
  });
  thread_.join();
}

void ServerForTest::on_loop(const std::function<void()>& work) {
  std::promise<void> done;
  loop_.post([&] {
    work();
    done.set_value();
  });
  done.get_future().get();
}

bool ServerForTest::wait_until(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < deadline) {
    bool holds = false;
    on_loop([&] { holds = condition(); });
    if (holds) return true;
    std::this_thread::yield();
  }
  return false;
}

void ServerForTest::drain() {
  std::promise<void> done;
  on_loop([&] { server_->drain([&done] { done.set_value(); }); });
  done.get_future().get();
}

void ServerForTest::destroy_server() {
  on_loop([this] { server_.reset(); });
}

std::optional<std::string> ReceivedResponse::field(std::string_view lowercase_name) const {
  std::string_view block = head;
  take_field_line(block);
  const std::string_view value = find_field(block, lowercase_name);
  if (value.data() == nullptr) return std::nullopt;
  return std::string(value);
}

ClientForTest::ClientForTest(int port, const std::string& address, int receive_buffer) {
  socklen_t size = 0;
  const sockaddr_storage storage = socket_address(address, port, size);
  fd_ = ::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer != 0) {
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const timeval patience{20, 0};  // a test that hangs is to fail
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&storage), size), 0)
      << std::strerror(errno);
}

ClientForTest ClientForTest::of(int fd) {
  ClientForTest client;
  client.fd_ = fd;
  return client;
}

ClientForTest::ClientForTest(ClientForTest&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), buffered_(std::move(other.buffered_)) {}

ClientForTest::~ClientForTest() { close(); }

void ClientForTest::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // what the server has to say about it is received
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

bool ClientForTest::try_send(std::string_view bytes) {
  return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
         static_cast<ssize_t>(bytes.size());
}

void ClientForTest::finish_sending() { ::shutdown(fd_, SHUT_WR); }

void ClientForTest::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void ClientForTest::close_with_reset() {
  const linger now{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

bool ClientForTest::receive_more() {
  char bytes[64 * 1024];
  const ssize_t size = ::recv(fd_, bytes, sizeof bytes, 0);
  EXPECT_FALSE(size < 0 && errno == EAGAIN) << "the server neither answers nor closes";
  reset_ = size < 0;
  if (size <= 0) return false;
  buffered_.append(bytes, static_cast<size_t>(size));
  return true;
}

std::string ClientForTest::take_line() {
  size_t end = 0;
  while ((end = buffered_.find("\r\n")) == std::string::npos) {
    if (!receive_more()) return {};
  }
  std::string line = buffered_.substr(0, end);
  buffered_.erase(0, end + 2);
  return line;
}

std::string ClientForTest::receive_exactly(size_t size) {
  while (buffered_.size() < size && receive_more()) {
  }
  std::string bytes = buffered_.substr(0, size);
  buffered_.erase(0, size);
  return bytes;
}

std::string ClientForTest::receive_all() {
  while (receive_more()) {
  }
  return std::exchange(buffered_, {}) + (reset_ ? "reset" : "");
}

bool ClientForTest::sees_close() { return receive_all().empty(); }

ReceivedResponse ClientForTest::receive(bool to_head) {
  ReceivedResponse response;
  std::string line;
  while (!(line = take_line()).empty()) response.head += line + "\r\n";
  if (response.head.size() < 12) return response;
  response.status = std::stoi(response.head.substr(9, 3));
  if (to_head || response.status < 200 || response.status == 204 || response.status == 304) {
    return response;
  }
  if (const auto length = response.field("content-length")) {
    response.body = receive_exactly(std::stoul(*length));
  } else if (response.field("transfer-encoding")) {
    while (true) {
      const std::string size_line = take_line();
      const size_t size = size_line.empty() ? 0 : std::stoul(size_line, nullptr, 16);
      response.body += receive_exactly(size);
      const std::string end = take_line();
      EXPECT_EQ(end, "");
      if (size == 0) break;
    }
  } else {
    response.body = receive_all();
  }
  return response;
}

}  // namespace selvage::http
