// Connections and the server itself: how they come to their end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <list>
#include <memory>
#include <string>

#include "http/server.h"
#include "http/server_for_test.h"

namespace selvage::http {
namespace {

TEST(Server, TellsTheObserverOnceThatTheClientIsGone) {
  for (const bool with_reset : {false, true}) {
    CountingObserver observer;
    int requests = 0;
    ServerOptions options;
    options.half_closed_timeout = 1;
    ServerForTest server(
        [&](Exchange& exchange) {
          ++requests;
          exchange.set_observer(&observer);
        },
        options);
    ClientForTest client(server.port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    ASSERT_TRUE(server.wait_until([&] { return requests == 1; }));
    if (with_reset) {
      client.close_with_reset();
    } else {
      client.close();
    }
    ASSERT_TRUE(
        server.wait_until([&] { return server.server().statistics().connections_open == 0; }));
    server.on_loop([&] {
      EXPECT_EQ(observer.gone, 1);
      EXPECT_EQ(server.server().statistics().clients_gone, 1U);
      EXPECT_EQ(server.server().statistics().requests_open, 0U);
    });
  }
}

TEST(Server, AClientThatGoesAwayFailsItsBodyAndCancelsItsResponse) {
  CountingObserver observer;
  std::shared_ptr<loop::Pipe> body;
  std::shared_ptr<loop::Pipe> response;
  bool canceled = false;
  ServerForTest server([&](Exchange& exchange) {
    exchange.set_observer(&observer);
    body = exchange.body();
    response = loop::Pipe::create();
    response->on_cancel([&](const Error&) { canceled = true; });
    exchange.respond_stream(200, {}, {}, response, std::nullopt);
  });
  ClientForTest client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  ASSERT_TRUE(server.wait_until([&] { return response != nullptr; }));
  client.close();
  ASSERT_TRUE(server.wait_until([&] { return observer.gone == 1; }));
  server.on_loop([&] {
    EXPECT_TRUE(canceled);
    EXPECT_TRUE(body->failed());
  });
}

TEST(Server, AnswersAClientThatHasStoppedSending) {
  Exchange* waiting = nullptr;
  ServerForTest server([&](Exchange& exchange) { waiting = &exchange; });
  ClientForTest client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  client.finish_sending();
  ASSERT_TRUE(server.wait_until([&] { return waiting != nullptr; }));
  server.on_loop([&] { answer(*waiting, "still here"); });
  EXPECT_EQ(client.receive().body, "still here");
  EXPECT_EQ(client.receive_all(), "");
}

TEST(Server, AnExchangeWithoutObserverOutlivesItsClient) {
  Exchange* waiting = nullptr;
  ServerForTest server([&](Exchange& exchange) { waiting = &exchange; });
  for (int round = 0; round < 3; ++round) {
    ClientForTest client(server.port());
    client.send("POST /kept HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
    ASSERT_TRUE(server.wait_until([&] { return waiting != nullptr; }));
    client.close_with_reset();
    ASSERT_TRUE(server.wait_until([&] {
      return server.server().statistics().clients_gone == static_cast<uint64_t>(round + 1);
    }));
    server.on_loop([&] { EXPECT_EQ(waiting->target(), "/kept"); });
    CountingObserver observer;
    switch (round) {
      case 0: server.on_loop([&] { answer(*waiting, "nobody hears this"); }); break;
      case 1: server.on_loop([&] { waiting->abort(); }); break;
      default:
        server.on_loop([&] { waiting->set_observer(&observer); });
        EXPECT_TRUE(server.wait_until([&] { return observer.gone == 1; }));
    }
    waiting = nullptr;
    EXPECT_TRUE(
        server.wait_until([&] { return server.server().statistics().connections_open == 0; }));
  }
}

TEST(Server, AbortClosesWithoutAResponse) {
  CountingObserver observer;
  ServerForTest server([&](Exchange& exchange) {
    exchange.set_observer(&observer);
    exchange.abort();
  });
  ClientForTest client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.receive().status, 0);
  server.on_loop([&] { EXPECT_EQ(observer.gone, 0); });
}

TEST(Server, DrainsWithoutDisturbingWhatIsInFlight) {
  std::list<Exchange*> waiting;
  ServerForTest server([&](Exchange& exchange) { waiting.push_back(&exchange); });
  ClientForTest idle(server.port());
  ClientForTest busy(server.port());
  busy.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(server.wait_until(
      [&] { return waiting.size() == 1 && server.server().statistics().connections_open == 2; }));
  bool drained = false;
  server.on_loop([&] {
    server.server().drain([&] { drained = true; });
    EXPECT_FALSE(drained);
  });
  EXPECT_EQ(idle.receive_all(), "");
  server.on_loop([&] {
    EXPECT_FALSE(drained);
    answer(*waiting.front(), "last words");
  });
  const ReceivedResponse response = busy.receive();
  EXPECT_EQ(response.body, "last words");
  EXPECT_EQ(response.field("connection"), "close");
  EXPECT_EQ(busy.receive_all(), "");
  EXPECT_TRUE(server.wait_until([&] { return drained; }));
}

TEST(Server, AnswersWhoConnectedBeforeTheDrain) {
  ServerForTest server(echo);
  ClientForTest client(server.port());
  ASSERT_TRUE(
      server.wait_until([&] { return server.server().statistics().connections_open == 1; }));
  bool drained = false;
  server.on_loop([&] { server.server().drain([&] { drained = true; }); });
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  const ReceivedResponse response = client.receive();
  EXPECT_EQ(response.body, "GET h/ ");
  EXPECT_EQ(response.field("connection"), "close");
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_TRUE(server.wait_until([&] { return drained; }));
}

TEST(Server, AnswersARequestThatCameBeforeTheDrainAndWasNotRead) {
  ServerForTest server(echo);
  ClientForTest client(server.port());
  client.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.receive().body, "GET h/1 ");
  bool drained = false;
  server.on_loop([&] {
    client.send("GET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
    server.server().drain([&] { drained = true; });
  });
  EXPECT_EQ(client.receive().body, "GET h/2 ");
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_TRUE(server.wait_until([&] { return drained; }));
}

TEST(Server, DrainingWithoutConnectionsIsDoneAtOnce) {
  ServerForTest server(echo);
  server.drain();
}

TEST(Server, AbortAllEndsWhatADrainWaitsFor) {
  CountingObserver observer;
  ServerForTest server([&](Exchange& exchange) { exchange.set_observer(&observer); });
  ClientForTest busy(server.port());
  busy.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(server.wait_until([&] { return server.server().statistics().requests == 1; }));
  bool drained = false;
  server.on_loop([&] {
    server.server().drain([&] { drained = true; });
    server.server().abort_all();
  });
  EXPECT_TRUE(server.wait_until([&] { return drained; }));
  EXPECT_EQ(observer.gone, 1);
}

TEST(Server, CanBeDestroyedWithConnectionsOpen) {
  auto body = std::make_shared<std::shared_ptr<loop::Pipe>>();
  int requests = 0;
  ServerForTest server([&](Exchange& exchange) {
    ++requests;
    if (exchange.has_body()) *body = exchange.body();
  });
  ClientForTest idle(server.port());
  ClientForTest busy(server.port());
  ClientForTest sending(server.port());
  busy.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  sending.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  ASSERT_TRUE(server.wait_until(
      [&] { return requests == 2 && server.server().statistics().connections_open == 3; }));
  server.destroy_server();
  idle.receive_all();
  busy.receive_all();
  sending.receive_all();
  EXPECT_TRUE((*body)->failed());
}

TEST(Server, ClientsBeyondTheLimitWaitForTheirTurn) {
  ServerOptions options;
  options.connections = 2;
  ServerForTest server(echo, options);
  auto first = std::make_unique<ClientForTest>(server.port());
  auto second = std::make_unique<ClientForTest>(server.port());
  ASSERT_TRUE(
      server.wait_until([&] { return server.server().statistics().connections_open == 2; }));
  ClientForTest third(server.port());
  ClientForTest fourth(server.port());
  third.send("GET / HTTP/1.1\r\nHost: 3\r\n\r\n");
  fourth.send("GET / HTTP/1.1\r\nHost: 4\r\n\r\n");
  first->send("GET / HTTP/1.1\r\nHost: 1\r\n\r\n");
  EXPECT_EQ(first->receive().body, "GET 1/ ");
  server.on_loop([&] { EXPECT_EQ(server.server().statistics().connections_accepted, 2U); });
  first->close();
  EXPECT_EQ(third.receive().body, "GET 3/ ");
  second->close();
  EXPECT_EQ(fourth.receive().body, "GET 4/ ");
}

TEST(Server, ListensOnIpv6AndUnixSockets) {
  ServerForTest server([](Exchange& exchange) { answer(exchange, exchange.client_address()); });
  {
    ClientForTest client(server.port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(client.receive().body, "127.0.0.1");
  }
  {
    int port = 0;
    const int fd = listen_for_test("::1", port);
    server.on_loop([&] { EXPECT_TRUE(server.server().adopt_listener(fd)); });
    ClientForTest client(port, "::1");
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(client.receive().body, "::1");
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = "selvage-server-test-" + std::to_string(::getpid());
  std::memcpy(address.sun_path + 1, name.data(), name.size());  // abstract: leaves no file
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 16), 0);
  server.on_loop([&] { EXPECT_TRUE(server.server().adopt_listener(listener)); });
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  ClientForTest client = ClientForTest::of(fd);
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.receive().status, 200);
}

TEST(Server, RefusesWhatIsNoListeningSocket) {
  ServerForTest server(echo);
  int fds[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
  server.on_loop([&] { EXPECT_FALSE(server.server().adopt_listener(fds[0])); });
  EXPECT_EQ(::close(fds[0]), 0);  // still ours
  EXPECT_EQ(::close(fds[1]), 0);
  server.on_loop([&] { EXPECT_FALSE(server.server().adopt_listener(fds[0])); });
}

}  // namespace
}  // namespace selvage::http
