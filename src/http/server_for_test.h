// For tests: a Server on a thread of its own, and a client that speaks to it with blocking sockets,
// byte for byte as the test says.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "http/server.h"
#include "loop/loop.h"

namespace selvage::http {

/// Serves on 127.0.0.1 until it is destroyed. The handler runs on the loop's thread.
class ServerForTest {
 public:
  using Handler = std::function<void(Exchange&)>;

  explicit ServerForTest(Handler handler, ServerOptions options = {});
  ~ServerForTest();

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] loop::Loop& loop() { return loop_; }
  /// Only from within on_loop().
  [[nodiscard]] Server& server() { return *server_; }
  /// Runs `work` on the loop's thread and waits for it.
  void on_loop(const std::function<void()>& work);
  /// Waits until `condition`, looked at on the loop's thread, holds; false after ten seconds.
  bool wait_until(const std::function<bool()>& condition);
  /// As Server::drain(); returns when it is done.
  void drain();
  void destroy_server();

 private:
  class Adapter final : public RequestHandler {
   public:
    explicit Adapter(Handler handler) : handler_(std::move(handler)) {}
    void on_request(Exchange& exchange) override { handler_(exchange); }

   private:
    Handler handler_;
  };

  loop::Loop loop_{0};
  Adapter adapter_;
  std::unique_ptr<Server> server_;
  int port_ = 0;
  std::thread thread_;
};

/// A listening socket on `address` ("127.0.0.1", "::1"), any port.
int listen_for_test(const std::string& address, int& port);

/// Answers with `body`.
void answer(Exchange& exchange, std::string_view body, int status = 200,
            std::string_view headers = {});

/// Answers with what it sees of the request: "METHOD host/target body".
void echo(Exchange& exchange);

class CountingObserver final : public ExchangeObserver {
 public:
  void on_client_gone() override { ++gone; }
  int gone = 0;
};

struct ReceivedResponse {
  int status = 0;
  std::string head;  // status line and fields, without the empty line
  std::string body;  // decoded
  [[nodiscard]] std::optional<std::string> field(std::string_view lowercase_name) const;
};

class ClientForTest {
 public:
  explicit ClientForTest(int port, const std::string& address = "127.0.0.1",
                         int receive_buffer = 0);
  /// Takes over a connected socket.
  static ClientForTest of(int fd);
  ClientForTest(ClientForTest&& other) noexcept;
  ~ClientForTest();

  void send(std::string_view bytes);
  /// Whether all could be sent without blocking.
  bool try_send(std::string_view bytes);
  void finish_sending();
  void close();
  void close_with_reset();

  /// The next response; status 0 when the server closed instead.
  ReceivedResponse receive(bool to_head = false);
  /// All that comes until the server closes; "reset" is appended when it ends so.
  std::string receive_all();
  std::string receive_exactly(size_t size);
  /// Whether the server closes without sending another byte.
  bool sees_close();

 private:
  ClientForTest() = default;
  bool receive_more();
  std::string take_line();

  int fd_ = -1;
  bool reset_ = false;
  std::string buffered_;
};

}  // namespace selvage::http
