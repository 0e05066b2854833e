// A whole server behind a socket, with handlers that answer in every way: whatever a client sends,
// it gets proper responses or a closed connection.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "expect.h"
#include "http/server.h"
#include "loop/loop.h"
#include "pieces.h"

namespace {

namespace http = selvage::http;
namespace loop = selvage::loop;
using selvage::fuzz::expect;

class EchoSocket final : public http::WebSocketListener {
 public:
  void on_message(bool text, std::string_view data) override { endpoint->send(text, data); }
  void on_close(uint16_t code, std::string_view reason) override { endpoint->close(code, reason); }
  void on_failure(const selvage::Error&) override {}
  http::WebSocketEndpoint* endpoint = nullptr;
};

// The target chooses how the request is answered.
class Handler final : public http::RequestHandler {
 public:
  explicit Handler(loop::Loop& loop) : loop_(loop) {}

  void on_request(http::Exchange& exchange) override {
    expect(exchange.header_block().size() < 200'000, "the block is bounded");
    const char kind = exchange.target().size() > 1 ? exchange.target()[1] : ' ';
    if (exchange.wants_websocket()) {
      const auto endpoint = exchange.upgrade("X: y\r\n");
      socket_.endpoint = endpoint.get();
      endpoint->set_listener(&socket_);
    } else if (kind == 's') {  // the body comes back as a stream
      exchange.respond_stream(200, {}, {}, exchange.body(), exchange.body_length());
    } else if (kind == 'c') {  // the same in chunks
      exchange.respond_stream(200, {}, {}, exchange.body(), std::nullopt);
    } else if (kind == 'd') {  // the body is not wanted half-way
      exchange.body()->cancel({selvage::ErrorCode::aborted, "enough", {}});
      exchange.respond_empty(204, {}, {});
    } else if (kind == 'l') {  // later
      loop_.defer([&exchange] { answer(exchange); });
    } else if (kind == 'a') {
      exchange.abort();
    } else {
      answer(exchange);
    }
  }

 private:
  static void answer(http::Exchange& exchange) {
    const auto body = exchange.complete_body();
    const std::string text(body ? *body : "(not here)");
    std::memcpy(exchange.respond(200, {}, {}, text.size()), text.data(), text.size());
  }

  loop::Loop& loop_;
  EchoSocket socket_;
};

// Carried by a thread of its own until the process ends.
class Target {
 public:
  Target() {
    std::signal(SIGPIPE, SIG_IGN);
    address_.sun_family = AF_UNIX;
    const std::string name = "selvage-server-fuzz-" + std::to_string(::getpid());
    std::memcpy(address_.sun_path + 1, name.data(), name.size());
    size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    expect(fd >= 0, "socket");
    expect(::bind(fd, reinterpret_cast<sockaddr*>(&address_), size_) == 0, "bind");
    expect(::listen(fd, 16) == 0, "listen");
    http::ServerOptions options;
    options.half_closed_timeout = 0;
    options.body_bytes = 1'000;
    server_ = std::make_unique<http::Server>(loop_, handler_, options);
    expect(server_->adopt_listener(fd).has_value(), "adopt");
    std::thread([this] { loop_.carry(); }).detach();
  }

  [[nodiscard]] int connect() const {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    expect(fd >= 0, "socket");
    expect(::connect(fd, reinterpret_cast<const sockaddr*>(&address_), size_) == 0, "connect");
    return fd;
  }

 private:
  sockaddr_un address_{};
  socklen_t size_ = 0;
  loop::Loop loop_{0};
  Handler handler_{loop_};
  std::unique_ptr<http::Server> server_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Target* const target = new Target;
  std::vector<std::string_view> pieces;
  selvage::fuzz::cut(data, size, pieces);
  const int fd = target->connect();
  for (std::string_view piece : pieces) ::send(fd, piece.data(), piece.size(), MSG_NOSIGNAL);
  ::shutdown(fd, SHUT_WR);
  std::string answer;
  char bytes[16 * 1024];
  ssize_t received = 0;
  while ((received = ::recv(fd, bytes, sizeof bytes, 0)) > 0) {
    answer.append(bytes, static_cast<size_t>(received));
  }
  ::close(fd);
  constexpr std::string_view kStart = "HTTP/1.1 ";
  expect(answer.empty() || answer.starts_with(kStart), "an answer is a response");
  return 0;
}
