// What the server refuses, and what it does not wait for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "http/server.h"
#include "http/server_for_test.h"

namespace selvage::http {
namespace {

using ::testing::HasSubstr;

struct Refusal {
  std::string request;
  int status;
  std::string text;
};

class RefusedRequests : public ::testing::TestWithParam<Refusal> {};
TEST_P(RefusedRequests, GetAPageThatSaysWhyAndAClosedConnection) {
  ServerOptions options;
  options.body_bytes = 10;
  ServerForTest server([](Exchange&) {}, options);
  ClientForTest client(server.port());
  client.send(GetParam().request + "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
  const ReceivedResponse response = client.receive();
  EXPECT_EQ(response.status, GetParam().status);
  EXPECT_THAT(response.body, HasSubstr(GetParam().text));
  EXPECT_EQ(response.field("connection"), "close");
  EXPECT_EQ(client.receive_all(), "");
}
INSTANTIATE_TEST_SUITE_P(
    Table, RefusedRequests,
    ::testing::Values(
        Refusal{"GET / HTTP/1.1\r\n\r\n", 400, "Host"},
        Refusal{"\x16\x03\x01\x02\r\n\r\n", 400, "TLS"},
        Refusal{"GET / HTTP/3.0\r\nHost: h\r\n\r\n", 505, "HTTP/1.1"},
        Refusal{"GET /" + std::string(17'000, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n", 414, "line"},
        Refusal{"GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(140'000, 'x') + "\r\n\r\n", 431,
                "header"},
        Refusal{
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            400, "contradict"},
        Refusal{"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501, "coding"},
        Refusal{"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n12345678901", 413,
                "11 bytes; the limit is 10"},
        Refusal{
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n",
            413, "10 bytes"},
        Refusal{"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400,
                "chunk size"},
        Refusal{"GET / HTTP/1.1\r\nHost: h\r\nExpect: a miracle\r\n\r\n", 417, "expectation"},
        Refusal{"CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", 501, "CONNECT"},
        Refusal{"TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", 405, "TRACE"},
        Refusal{"GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
                "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                426, "13"},
        Refusal{"GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
                "Sec-WebSocket-Version: 13\r\n\r\n",
                400, "Sec-WebSocket-Key"}));

TEST(Server, ClosesConnectionsThatTakeTooLong) {
  ServerOptions options;
  options.head_timeout = options.body_timeout = options.keep_alive_timeout = 1;
  CountingObserver observer;
  ServerForTest server(
      [&](Exchange& exchange) {
        exchange.set_observer(&observer);
        if (exchange.target() == "/answered") answer(exchange, "ok");
        if (exchange.target() == "/body") exchange.body();
      },
      options);
  ClientForTest silent(server.port());
  EXPECT_EQ(silent.receive_all(), "");
  ClientForTest slow_head(server.port());
  slow_head.send("GET / HTTP");
  EXPECT_EQ(slow_head.receive().status, 408);
  EXPECT_EQ(slow_head.receive_all(), "");
  ClientForTest idle(server.port());
  idle.send("GET /answered HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(idle.receive().body, "ok");
  EXPECT_EQ(idle.receive_all(), "");
  ClientForTest slow_body(server.port());
  slow_body.send("POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc");
  EXPECT_EQ(slow_body.receive().status, 408);
  EXPECT_EQ(slow_body.receive_all(), "");
  server.on_loop([&] { EXPECT_EQ(observer.gone, 1); });
}

TEST(Server, GivesUpOnAClientThatTakesNothing) {
  ServerOptions options;
  options.write_timeout = 1;
  CountingObserver observer;
  const std::string large(20'000'000, 'x');
  ServerForTest server(
      [&](Exchange& exchange) {
        auto pipe = loop::Pipe::create();
        pipe->write(large);
        exchange.set_observer(&observer);
        exchange.respond_stream(200, {}, {}, pipe, std::nullopt);
      },
      options);
  ClientForTest client(server.port(), "127.0.0.1", 4096);
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(server.wait_until([&] { return observer.gone == 1; }));
}

}  // namespace
}  // namespace selvage::http
