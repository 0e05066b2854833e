#include "http/websocket_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "loop/loop.h"

namespace selvage::http {
namespace {

using ::testing::ElementsAre;

class Recorder final : public WebSocketListener {
 public:
  void on_message(bool text, std::string_view data) override {
    events.push_back((text ? "text " : "binary ") + std::string(data));
    if (then) then();
  }
  void on_close(uint16_t code, std::string_view reason) override {
    events.push_back("close " + std::to_string(code) + " " + std::string(reason));
    if (then) then();
  }
  void on_failure(const Error& error) override { events.push_back("failure " + error.message); }
  std::vector<std::string> events;
  std::function<void()> then;
};

// Keeps what is sent until the test carries it over.
class Wire final : public WebSocketTransport {
 public:
  void send_soon() override { wants_to_send = true; }
  void finish() override { finished = true; }
  void drop() override { dropped = true; }
  void set_reading(bool reading) override { reads = reading; }

  bool wants_to_send = false;
  bool finished = false;
  bool dropped = false;
  bool reads = true;
};

class WebSocketSessionTest : public ::testing::Test {
 protected:
  explicit WebSocketSessionTest(WebSocketOptions options = {}) {
    server = WebSocketSession::create(loop, WebSocketSession::Role::server, server_wire, options);
    client = WebSocketSession::create(loop, WebSocketSession::Role::client, client_wire, options);
  }
  // Until nobody has anything to say.
  void exchange() {
    while (server_wire.wants_to_send || client_wire.wants_to_send) {
      carry(*server, server_wire, *client);
      carry(*client, client_wire, *server);
    }
  }
  // Runs what was deferred; not while a timer waits.
  void exchange_and_deliver() {
    loop.run_until_idle();
    exchange();
  }
  static void carry(WebSocketSession& from, Wire& wire, WebSocketSession& to) {
    if (!std::exchange(wire.wants_to_send, false)) return;
    const std::string bytes = from.take_output();
    from.on_sent();
    to.feed(bytes);
  }

  loop::Loop loop{0};
  Wire server_wire;
  Wire client_wire;
  std::shared_ptr<WebSocketSession> server;
  std::shared_ptr<WebSocketSession> client;
  Recorder at_server;
  Recorder at_client;
};

TEST_F(WebSocketSessionTest, CarriesMessagesBothWays) {
  server->set_listener(&at_server);
  client->set_listener(&at_client);
  client->send(true, "hello");
  client->send(false, std::string(70'000, 'x'));
  server->send(true, "h\xc3\xa9");
  exchange();
  EXPECT_THAT(at_server.events, ElementsAre("text hello", "binary " + std::string(70'000, 'x')));
  EXPECT_THAT(at_client.events, ElementsAre("text h\xc3\xa9"));
}

TEST_F(WebSocketSessionTest, KeepsWhatComesBeforeTheListener) {
  client->send(true, "1");
  exchange();
  client->send(true, "2");
  client->close(1000, "done");
  exchange();
  client->terminate();
  server->terminate();
  server->set_listener(&at_server);
  EXPECT_TRUE(at_server.events.empty());  // not from within the call
  exchange_and_deliver();
  EXPECT_THAT(at_server.events, ElementsAre("text 1", "text 2", "close 1000 done"));
}

TEST_F(WebSocketSessionTest, AListenerCanStopInTheMiddle) {
  for (const char* text : {"1", "2", "3"}) client->send(true, text);
  at_server.then = [&] { server->set_listener(nullptr); };
  server->set_listener(&at_server);
  exchange();
  exchange_and_deliver();
  EXPECT_THAT(at_server.events, ElementsAre("text 1"));
  server->set_listener(&at_server);
  exchange();
  exchange_and_deliver();
  EXPECT_THAT(at_server.events, ElementsAre("text 1", "text 2"));
  at_server.then = nullptr;
  client->send(true, "4");
  server->set_listener(&at_server);
  exchange();
  exchange_and_deliver();
  EXPECT_THAT(at_server.events, ElementsAre("text 1", "text 2", "text 3", "text 4"));
}

TEST_F(WebSocketSessionTest, StopsReadingWhenNobodyListens) {
  client->send(false, std::string(300'000, 'x'));
  exchange();
  exchange_and_deliver();
  EXPECT_FALSE(server_wire.reads);
  server->set_listener(&at_server);
  exchange();
  exchange_and_deliver();
  EXPECT_TRUE(server_wire.reads);
  EXPECT_EQ(at_server.events.size(), 1U);
}

TEST_F(WebSocketSessionTest, ClosesWhenBothSidesHaveSaidSo) {
  server->set_listener(&at_server);
  client->set_listener(&at_client);
  client->close(3000, "enough");
  client->send(true, "too late");
  exchange();
  EXPECT_THAT(at_server.events, ElementsAre("close 3000 enough"));
  EXPECT_TRUE(at_client.events.empty());
  EXPECT_FALSE(server_wire.finished);
  server->send(true, "one more");  // allowed until it closes, too
  server->close(1000, "bye");
  EXPECT_TRUE(server_wire.finished);
  exchange();
  EXPECT_THAT(at_client.events, ElementsAre("text one more", "close 1000 bye"));
  EXPECT_TRUE(client_wire.finished);
  server->on_transport_closed("gone");
  client->on_transport_closed("gone");
  EXPECT_EQ(at_server.events.size(), 1U);  // that was a proper end
  EXPECT_EQ(at_client.events.size(), 2U);
}

TEST_F(WebSocketSessionTest, AnswersPings) {
  std::string ping;
  append_websocket_frame(ping, WebSocketOpcode::ping, "x", WebSocketMask{1, 2, 3, 4});
  server->feed(ping);
  EXPECT_EQ(server->take_output(), "\x8a\x01x");
}

TEST_F(WebSocketSessionTest, DoesNotHoardPongsForAPeerThatDoesNotRead) {
  std::string ping;
  append_websocket_frame(ping, WebSocketOpcode::ping, std::string(125, 'x'),
                         WebSocketMask{1, 2, 3, 4});
  for (int i = 0; i < 10'000; ++i) server->feed(ping);
  EXPECT_LT(server->buffered_amount(), 300'000U);
}

TEST_F(WebSocketSessionTest, FailsOnAProtocolViolationAndSaysWhy) {
  server->set_listener(&at_server);
  server->feed(std::string_view("\x81\x01x", 3));
  EXPECT_THAT(at_server.events,
              ElementsAre("failure the WebSocket failed: a client's frame is not masked"));
  EXPECT_TRUE(server_wire.finished);
  EXPECT_EQ(server->take_output().substr(0, 4), "\x88\x20\x03\xea");
  server->feed("anything");
  server->send(true, "nothing");
  EXPECT_FALSE(server->has_output());
}

TEST_F(WebSocketSessionTest, FailsOnceWhenTheConnectionBreaks) {
  server->set_listener(&at_server);
  server->on_transport_closed("the cable was cut");
  server->on_transport_closed("again");
  EXPECT_THAT(at_server.events, ElementsAre("failure the WebSocket failed: the cable was cut"));
  server->send(true, "x");
  server->close(1000, "");
  server->terminate();
  EXPECT_FALSE(server_wire.dropped);
  EXPECT_EQ(server->buffered_amount(), 0U);
}

TEST_F(WebSocketSessionTest, TerminateDropsTheConnectionSilently) {
  server->set_listener(&at_server);
  server->send(true, "lost");
  server->terminate();
  EXPECT_TRUE(server_wire.dropped);
  server->on_transport_closed("dropped");
  EXPECT_TRUE(at_server.events.empty());
}

TEST_F(WebSocketSessionTest, TellsWhenThereIsRoomAgain) {
  server->set_listener(&at_server);
  server->send(false, std::string(1'000'000, 'x'));
  EXPECT_GE(server->buffered_amount(), 1'000'000U);
  server->when_drained([this] { at_server.events.emplace_back("drain"); });
  const std::string taken = server->take_output();
  EXPECT_GE(server->buffered_amount(), 1'000'000U);
  server->on_sent();
  EXPECT_EQ(server->buffered_amount(), 0U);
  loop.run_until_idle();
  EXPECT_THAT(at_server.events, ElementsAre("drain"));
  server->send(false, "little");
  server->take_output();
  server->on_sent();
  EXPECT_EQ(at_server.events.size(), 1U);
}

TEST_F(WebSocketSessionTest, TheListenerMayDropEverything) {
  server->set_listener(&at_server);
  at_server.then = [&] {
    server->terminate();
    server.reset();
  };
  client->send(true, "1");
  client->send(true, "2");
  const std::string bytes = client->take_output();
  server->feed(bytes);
  EXPECT_THAT(at_server.events, ElementsAre("text 1"));
}

class CompressingSessionTest : public WebSocketSessionTest {
 protected:
  CompressingSessionTest() : WebSocketSessionTest(options()) {
    server->compress({}, contexts);
    client->compress({}, contexts);
    server->set_listener(&at_server);
  }
  static WebSocketOptions options() {
    WebSocketOptions options;
    options.largest_message = 20'000;
    return options;
  }
  DeflateContexts contexts;
};

TEST_F(CompressingSessionTest, CompressesMessagesThatAreWorthIt) {
  client->set_listener(&at_client);
  const std::string text(10'000, 'x');
  client->send(true, text);
  EXPECT_LT(client->buffered_amount(), 100U);
  client->send(false, "short");
  server->send(true, text);
  exchange();
  EXPECT_THAT(at_server.events, ElementsAre("text " + text, "binary short"));
  EXPECT_THAT(at_client.events, ElementsAre("text " + text));
}

TEST_F(CompressingSessionTest, JoinsTheFragmentsOfACompressedMessage) {
  // "Hello", with a ping in between.
  const std::string payload("\xf2\x48\xcd\xc9\xc9\x07\x00", 7);
  const std::string mask("\0\0\0\0", 4);
  server->feed("\x41\x83" + mask + payload.substr(0, 3));
  server->feed("\x89\x80" + mask);
  server->feed("\x80\x84" + mask + payload.substr(3));
  EXPECT_THAT(at_server.events, ElementsAre("text Hello"));
}

TEST_F(CompressingSessionTest, ClosesWhenAMessageIsTooLargeDecompressed) {
  const std::string large(20'001, 'x');
  client->send(true, large);
  EXPECT_LT(client->buffered_amount(), 200U);
  exchange();
  EXPECT_THAT(at_server.events, ElementsAre("failure the WebSocket failed: "
                                            "a message is larger than the limit"));
  EXPECT_TRUE(server_wire.finished);
}

TEST_F(CompressingSessionTest, ChecksTheTextThatComesOut) {
  MessageDeflater deflater;
  std::string frame;
  append_websocket_frame(frame, WebSocketOpcode::text,
                         *deflater.compress(std::string(5'000, '\xff'), 15),
                         WebSocketMask{1, 2, 3, 4}, true);
  server->feed(frame);
  EXPECT_THAT(at_server.events,
              ElementsAre("failure the WebSocket failed: a text message is not UTF-8"));
}

TEST_F(CompressingSessionTest, RefusesTheBitWhereItMayNotStand) {
  server->feed(std::string_view("\xc9\x80\0\0\0\0", 6));  // a compressed ping
  EXPECT_THAT(at_server.events, ElementsAre("failure the WebSocket failed: "
                                            "a frame uses a reserved bit that it may not"));
}

class ImpatientSessionTest : public WebSocketSessionTest {
 protected:
  ImpatientSessionTest() : WebSocketSessionTest(options()) {}
  static WebSocketOptions options() {
    WebSocketOptions options;
    options.close_timeout = 1;
    return options;
  }
};

TEST_F(ImpatientSessionTest, DropsAPeerThatDoesNotAnswerItsClose) {
  server->set_listener(&at_server);
  server->close(1000, "");
  loop.run_until_idle();
  EXPECT_TRUE(server_wire.dropped);
  EXPECT_EQ(at_server.events.size(), 1U);
}

TEST_F(ImpatientSessionTest, AnswersACloseForAProgramThatDoesNot) {
  client->close(3001, "");
  exchange();
  loop.run_until_idle();  // until the time is over
  EXPECT_TRUE(server_wire.finished);
  EXPECT_EQ(server->take_output(), "\x88\x02\x0b\xb9");
}

class PingingSessionTest : public WebSocketSessionTest {
 protected:
  PingingSessionTest() : WebSocketSessionTest(options()) {}
  static WebSocketOptions options() {
    WebSocketOptions options;
    options.ping_interval = 1;
    return options;
  }
};

TEST_F(PingingSessionTest, PingsAndGivesUpOnSilence) {
  client->terminate();
  server->set_listener(&at_server);
  loop.run_until_idle();
  EXPECT_EQ(server->take_output(), "");
  EXPECT_TRUE(server_wire.wants_to_send);
  EXPECT_TRUE(server_wire.dropped);
  EXPECT_THAT(at_server.events,
              ElementsAre("failure the WebSocket failed: the other side does not answer"));
}

}  // namespace
}  // namespace selvage::http
