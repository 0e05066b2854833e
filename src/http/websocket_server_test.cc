// WebSockets on connections of the server, over real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "http/server.h"
#include "http/server_for_test.h"
#include "http/websocket_codec.h"

namespace selvage::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kHandshake =
    "GET /chat HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

// Sends back what it gets; remembers how it ended.
class EchoSocket final : public WebSocketListener {
 public:
  void on_message(bool text, std::string_view data) override {
    if (data == "terminate") {
      endpoint->terminate();
    } else {
      endpoint->send(text, data);
    }
  }
  void on_close(uint16_t code, std::string_view reason) override {
    events.push_back("close " + std::to_string(code) + " " + std::string(reason));
    endpoint->close(code, reason);
  }
  void on_failure(const Error& error) override { events.push_back(error.message); }

  std::shared_ptr<WebSocketEndpoint> endpoint;
  std::vector<std::string> events;
};

class WebSocketServerTest : public ::testing::Test {
 protected:
  WebSocketServerTest()
      : server([this](Exchange& exchange) {
          if (!exchange.wants_websocket()) {
            exchange.respond_empty(200, {}, {});
            return;
          }
          sockets.push_back(std::make_unique<EchoSocket>());
          sockets.back()->endpoint =
              exchange.upgrade("X: y\r\nUpgrade: no\r\nContent-Length: 3\r\n");
          if (listens) sockets.back()->endpoint->set_listener(sockets.back().get());
        }) {}
  ~WebSocketServerTest() override {
    server.destroy_server();
    server.on_loop([this] { sockets.clear(); });
  }
  // Of the first socket, once there are some.
  std::vector<std::string> events() {
    EXPECT_TRUE(server.wait_until([&] { return !sockets.front()->events.empty(); }));
    std::vector<std::string> copy;
    server.on_loop([&] { copy = sockets.front()->events; });
    return copy;
  }
  static std::string frame(WebSocketOpcode opcode, std::string_view payload) {
    std::string out;
    append_websocket_frame(out, opcode, payload, WebSocketMask{9, 8, 7, 6});
    return out;
  }
  static std::string frame_from_server(WebSocketOpcode opcode, std::string_view payload) {
    std::string out;
    append_websocket_frame(out, opcode, payload, std::nullopt);
    return out;
  }
  // Sends the handshake and takes its answer.
  ReceivedResponse open(ClientForTest& client, const std::string& behind = {}) {
    client.send(kHandshake + behind);
    return client.receive();
  }

  bool listens = true;
  std::vector<std::unique_ptr<EchoSocket>> sockets;
  ServerForTest server;
};

TEST_F(WebSocketServerTest, AcceptsTheHandshakeAndEchoes) {
  ClientForTest client(server.port());
  const ReceivedResponse response = open(client);
  EXPECT_EQ(response.status, 101);
  EXPECT_EQ(response.field("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(response.field("upgrade"), "websocket");
  EXPECT_EQ(response.field("connection"), "Upgrade");
  EXPECT_EQ(response.field("x"), "y");
  EXPECT_EQ(response.field("content-length"), std::nullopt);
  for (const size_t size : {0, 5, 300, 100'000}) {
    const std::string text(size, 'x');
    client.send(frame(WebSocketOpcode::text, text));
    const std::string expected = frame_from_server(WebSocketOpcode::text, text);
    EXPECT_TRUE(client.receive_exactly(expected.size()) == expected);
  }
  client.send(frame(WebSocketOpcode::close,
                    "\x03\xe8"
                    "bye"));
  EXPECT_EQ(client.receive_all(), frame_from_server(WebSocketOpcode::close,
                                                    "\x03\xe8"
                                                    "bye"));
  EXPECT_THAT(events(), ElementsAre("close 1000 bye"));
}

TEST_F(WebSocketServerTest, TakesFramesThatComeRightBehindTheHandshake) {
  ClientForTest client(server.port());
  open(client, frame(WebSocketOpcode::text, "early") + frame(WebSocketOpcode::text, "bird"));
  const std::string expected = frame_from_server(WebSocketOpcode::text, "early") +
                               frame_from_server(WebSocketOpcode::text, "bird");
  EXPECT_EQ(client.receive_exactly(expected.size()), expected);
}

TEST_F(WebSocketServerTest, FramesMayComeByteByByte) {
  ClientForTest client(server.port());
  open(client);
  for (char byte : frame(WebSocketOpcode::text, "slow")) {
    client.send({&byte, 1});
    server.on_loop([] {});
  }
  EXPECT_EQ(client.receive_exactly(6), frame_from_server(WebSocketOpcode::text, "slow"));
}

TEST_F(WebSocketServerTest, SendsMuchToASlowReader) {
  ClientForTest client(server.port(), "127.0.0.1", 4096);
  open(client);
  const std::string large(10'000'000, 'x');
  server.on_loop([&] {
    for (int i = 0; i < 3; ++i) sockets.front()->endpoint->send(false, large);
    EXPECT_GE(sockets.front()->endpoint->buffered_amount(), 3 * large.size());
    sockets.front()->endpoint->when_drained(
        [this] { sockets.front()->events.emplace_back("drain"); });
  });
  const std::string expected = frame_from_server(WebSocketOpcode::binary, large);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(client.receive_exactly(expected.size()) == expected);
  EXPECT_THAT(events(), ElementsAre("drain"));
  server.on_loop([&] { EXPECT_EQ(sockets.front()->endpoint->buffered_amount(), 0U); });
}

TEST_F(WebSocketServerTest, ClosesWithTheRightCodeOnAViolation) {
  ClientForTest client(server.port());
  open(client);
  client.send(frame(WebSocketOpcode::text, "\xff"));
  EXPECT_THAT(client.receive_all(), HasSubstr("\x03\xef"));
  EXPECT_THAT(events(), ElementsAre(HasSubstr("not UTF-8")));
}

TEST_F(WebSocketServerTest, TellsTheProgramWhenTheClientVanishes) {
  ClientForTest client(server.port());
  open(client);
  client.close();
  EXPECT_THAT(events(), ElementsAre(HasSubstr("without a close frame")));
  EXPECT_TRUE(server.wait_until([&] {
    return server.server().statistics().connections_open == 0 &&
           server.server().statistics().websockets_open == 0;
  }));
}

TEST_F(WebSocketServerTest, TheProgramCanDropTheConnection) {
  ClientForTest client(server.port());
  open(client);
  client.send(frame(WebSocketOpcode::text, "terminate"));
  EXPECT_TRUE(client.sees_close());
  EXPECT_TRUE(
      server.wait_until([&] { return server.server().statistics().connections_open == 0; }));
  server.on_loop([&] { EXPECT_TRUE(sockets.front()->events.empty()); });
}

TEST_F(WebSocketServerTest, StopsReadingWhileNobodyListens) {
  listens = false;
  ClientForTest client(server.port());
  open(client);
  std::thread sender([&] {
    const std::string message = frame(WebSocketOpcode::binary, std::string(50'000, 'x'));
    for (int i = 0; i < 400; ++i) client.send(message);
  });
  uint64_t last = 0;
  int same = 0;
  ASSERT_TRUE(server.wait_until([&] {
    const uint64_t now = server.server().statistics().bytes_received;
    same = now == last ? same + 1 : 0;
    last = now;
    return same > 200;
  }));
  EXPECT_LT(last, 1'000'000U);
  server.on_loop([&] { sockets.front()->endpoint->set_listener(sockets.front().get()); });
  const std::string expected = frame_from_server(WebSocketOpcode::binary, std::string(50'000, 'x'));
  for (int i = 0; i < 400; ++i) ASSERT_TRUE(client.receive_exactly(expected.size()) == expected);
  sender.join();
}

TEST_F(WebSocketServerTest, DrainAsksTheClientToClose) {
  ClientForTest client(server.port());
  open(client);
  bool drained = false;
  server.on_loop([&] { server.server().drain([&] { drained = true; }); });
  EXPECT_THAT(client.receive_exactly(4), ::testing::StartsWith("\x88"));
  client.send(frame(WebSocketOpcode::close, "\x03\xe9"));
  client.receive_all();
  client.close();
  EXPECT_TRUE(server.wait_until([&] { return drained; }));
}

}  // namespace
}  // namespace selvage::http
