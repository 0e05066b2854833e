#include "http/client_websocket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "http/client_fixture_for_test.h"
#include "http/syntax.h"
#include "http/websocket_handshake.h"

namespace selvage::http {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Listener final : public WebSocketListener {
 public:
  void on_message(bool text, std::string_view data) override {
    messages.push_back((text ? "text " : "binary ") + std::string(data));
  }
  void on_close(uint16_t code, std::string_view reason) override {
    closed = std::to_string(code) + " " + std::string(reason);
  }
  void on_failure(const Error& error) override { failure = error.message; }

  std::vector<std::string> messages;
  std::string closed;
  std::string failure;
};

/// The payload of one short masked frame, or "" when it has not come whole.
std::string unmasked(std::string_view frame) {
  if (frame.size() < 6 || (frame[1] & 0x80) == 0) return {};
  const auto size = static_cast<size_t>(frame[1] & 0x7f);
  if (frame.size() < 6 + size) return {};
  std::string text(frame.substr(6, size));
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>(text[i] ^ frame[2 + i % 4]);
  return text;
}

class ClientWebSocketTest : public ClientFixture {
 protected:
  /// Agrees to the handshake with `extra` header lines, and sends `frames` along with the answer.
  /// What comes after is left in `received`.
  static ScriptedPeer::Handler agree(std::string frames = {}, std::string extra = {}) {
    return [frames, extra, done = false](ScriptedPeer& peer) mutable {
      if (done || !peer.received.ends_with("\r\n\r\n")) return;
      done = true;
      const size_t line_end = peer.received.find("\r\n");
      const std::string_view fields = std::string_view(peer.received).substr(line_end + 2);
      peer.send(
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n"
          "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: " +
          websocket_accept_for(find_field(fields, "sec-websocket-key")) + "\r\n" + extra + "\r\n" +
          frames);
      peer.received.clear();
    };
  }

  Outcome connect(Client& client, std::string url, std::string headers = {}) {
    Outcome outcome;
    Request request = get(std::move(url));
    request.headers = std::move(headers);
    const auto call = client.connect_websocket(
        std::move(request), [&](Result<Response> response) { outcome.head = std::move(response); });
    EXPECT_TRUE(loop_.run_until([&] { return outcome.head.has_value(); }));
    return outcome;
  }
};

TEST_F(ClientWebSocketTest, ExchangesMessagesAfterTheHandshake) {
  ScriptedServer server(loop_, agree("\x81\x05hello"));
  Client client(loop_, options());
  const Outcome outcome = connect(client, server.url("/chat"));
  ASSERT_EQ(outcome.status(), 101);
  const auto socket = (*outcome.head)->websocket;
  ASSERT_NE(socket, nullptr);
  settle();
  Listener listener;
  socket->set_listener(&listener);
  ASSERT_TRUE(loop_.run_until([&] { return !listener.messages.empty(); }));
  EXPECT_THAT(listener.messages, ElementsAre("text hello"));

  ScriptedPeer& peer = server.peer(1);
  socket->send(true, "and back");
  ASSERT_TRUE(loop_.run_until([&] { return unmasked(peer.received) == "and back"; }));
  peer.received.clear();
  peer.send(std::string("\x82\x02\x00\x01", 4));
  ASSERT_TRUE(loop_.run_until([&] { return listener.messages.size() == 2; }));
  EXPECT_EQ(listener.messages.back(), "binary " + std::string("\x00\x01", 2));

  socket->close(1000, "done");
  ASSERT_TRUE(loop_.run_until([&] {
    return unmasked(peer.received) ==
           "\x03\xe8"
           "done";
  }));
  peer.send("\x88\x02\x03\xe8");
  ASSERT_TRUE(loop_.run_until([&] { return !listener.closed.empty(); }));
  EXPECT_EQ(listener.closed, "1000 ");
  EXPECT_TRUE(loop_.run_until([&] { return peer.gone; }));
}

TEST_F(ClientWebSocketTest, SendsMoreThanTheSocketTakesAtOnce) {
  constexpr size_t kMessage = 1 << 20;
  ScriptedServer server(loop_, agree());
  Client client(loop_, options());
  const Outcome outcome = connect(client, server.url("/"));
  const auto socket = (*outcome.head)->websocket;
  const size_t handshake = server.peer(1).total;
  for (int i = 0; i < 8; ++i) socket->send(false, std::string(kMessage, 'x'));
  EXPECT_GE(socket->buffered_amount(), 8 * kMessage);
  ASSERT_TRUE(
      loop_.run_until([&] { return server.peer(1).total - handshake == 8 * (kMessage + 14); }));
  settle();
  EXPECT_EQ(socket->buffered_amount(), 0U);
}

TEST_F(ClientWebSocketTest, GivesAnotherAnswerAsAResponse) {
  ScriptedServer server(loop_, always("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"));
  Client client(loop_, options());
  const Outcome outcome = connect(client, server.url("/"));
  EXPECT_EQ(outcome.status(), 403);
  EXPECT_EQ((*outcome.head)->websocket, nullptr);
  EXPECT_EQ((*outcome.head)->body.bytes, "no");
}

TEST_F(ClientWebSocketTest, TakesASubprotocolThatItOffered) {
  ScriptedServer server(loop_, agree("", "Sec-WebSocket-Protocol: two\r\n"));
  Client client(loop_, options());
  const Outcome good = connect(client, server.url("/"), "Sec-WebSocket-Protocol: one, two\r\n");
  EXPECT_EQ(good.status(), 101);
  EXPECT_THAT((*good.head)->headers, HasSubstr("Sec-WebSocket-Protocol: two\r\n"));

  ScriptedServer pushy(loop_, agree("", "Sec-WebSocket-Protocol: two\r\n"));
  const Outcome bad = connect(client, pushy.url("/"));
  ASSERT_TRUE(bad.refused());
  EXPECT_THAT(bad.error().message, HasSubstr("subprotocol \"two\", which was not offered"));
}

TEST_F(ClientWebSocketTest, RefusesAnAnswerThatIsNotToItsQuestion) {
  const std::pair<const char*, const char*> cases[] = {
      {"Upgrade: h2c\r\nConnection: Upgrade\r\n", "no Upgrade: websocket"},
      {"Upgrade: websocket\r\n", "no Connection: Upgrade"},
      {"Upgrade: websocket\r\nConnection: Upgrade\r\n", "Sec-WebSocket-Accept"},
      {"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n",
       "Sec-WebSocket-Accept"},
  };
  for (const auto& [fields, complaint] : cases) {
    ScriptedServer server(
        loop_, always("HTTP/1.1 101 Switching Protocols\r\n" + std::string(fields) + "\r\n"));
    Client client(loop_, options());
    const Outcome outcome = connect(client, server.url("/"));
    ASSERT_TRUE(outcome.refused()) << fields;
    EXPECT_THAT(outcome.error().message, HasSubstr(complaint));
    EXPECT_TRUE(loop_.run_until([&] { return server.peer(1).gone; }));
  }
  ScriptedServer extended(loop_, agree("", "Sec-WebSocket-Extensions: x-other\r\n"));
  Client client(loop_, options());
  EXPECT_THAT(connect(client, extended.url("/")).error().message, HasSubstr("extension"));
}

TEST_F(ClientWebSocketTest, FailsWhenTheServerGoesWithoutClosing) {
  ScriptedServer server(loop_, agree());
  Client client(loop_, options());
  const Outcome outcome = connect(client, server.url("/"));
  Listener listener;
  (*outcome.head)->websocket->set_listener(&listener);
  server.drop(1);
  ASSERT_TRUE(loop_.run_until([&] { return !listener.failure.empty(); }));
}

TEST_F(ClientWebSocketTest, DropsTheConnectionWhenTerminated) {
  ScriptedServer server(loop_, agree());
  Client client(loop_, options());
  const Outcome outcome = connect(client, server.url("/"));
  (*outcome.head)->websocket->terminate();
  EXPECT_TRUE(loop_.run_until([&] { return server.peer(1).gone; }));
}

TEST_F(ClientWebSocketTest, MayOutliveItsClient) {
  ScriptedServer server(loop_, agree());
  auto client = std::make_unique<Client>(loop_, options());
  const Outcome outcome = connect(*client, server.url("/"));
  const auto socket = (*outcome.head)->websocket;
  client.reset();
  socket->send(true, "into the void");
  socket->close(1000, "");
  EXPECT_TRUE(loop_.run_until([&] { return server.peer(1).gone; }));
}

}  // namespace
}  // namespace selvage::http
