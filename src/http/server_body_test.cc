// Bodies of requests: how they reach a program, and what becomes of those it does not want.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "http/server.h"
#include "http/server_for_test.h"

namespace selvage::http {
namespace {

TEST(Server, StopsReadingABodyThatNobodyTakes) {
  Exchange* waiting = nullptr;
  ServerForTest server([&](Exchange& exchange) { waiting = &exchange; });
  ClientForTest client(server.port());
  const std::string body(32 << 20, 'x');
  std::thread sender([&] {
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n");
    client.send(body);
  });
  uint64_t last = 0;
  int same = 0;
  const auto at_rest = [&] {
    const uint64_t now = server.server().statistics().bytes_received;
    same = now == last && waiting != nullptr ? same + 1 : 0;
    last = now;
    return same > 200;
  };
  ASSERT_TRUE(server.wait_until(at_rest));
  EXPECT_LT(last, 20'000U);
  std::shared_ptr<loop::Pipe> pipe;
  server.on_loop([&] {
    EXPECT_EQ(waiting->complete_body(), std::nullopt);
    pipe = waiting->body();
  });
  ASSERT_TRUE(server.wait_until(at_rest));
  EXPECT_LT(last, 300'000U);
  size_t received = 0;
  std::function<void()> read = [&] {
    pipe->read([&](Result<loop::Pipe::Chunk> chunk) {
      ASSERT_TRUE(chunk);
      if (*chunk) {
        received += (*chunk)->size();
        read();
      } else {
        answer(*waiting, std::to_string(received));
      }
    });
  };
  server.on_loop(read);
  EXPECT_EQ(client.receive().body, std::to_string(body.size()));
  sender.join();
}

TEST(Server, SendsContinueOnlyWhenTheBodyIsWanted) {
  ServerForTest server([](Exchange& exchange) {
    if (exchange.target() == "/refuse") {
      answer(exchange, "no", 403);
    } else {
      echo(exchange);
    }
  });
  const std::string fields =
      " HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
  ClientForTest client(server.port());
  client.send("POST /" + fields);
  EXPECT_EQ(client.receive().status, 100);
  client.send("hello");
  EXPECT_EQ(client.receive().body, "POST h/ hello");
  // A body that comes without waiting needs no invitation.
  client.send("POST /" + fields + "hello");
  EXPECT_EQ(client.receive().status, 200);
  // After another answer nobody knows whether the body will come.
  client.send("POST /refuse" + fields);
  const ReceivedResponse refusal = client.receive();
  EXPECT_EQ(refusal.status, 403);
  EXPECT_EQ(refusal.field("connection"), "close");
  EXPECT_EQ(client.receive_all(), "");
}

TEST(Server, PassesOverASmallBodyThatNobodyRead) {
  ServerForTest server([](Exchange& exchange) { answer(exchange, exchange.target()); });
  ClientForTest client(server.port());
  const std::string body(100'000, 'x');
  client.send("POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
  EXPECT_EQ(client.receive().body, "/1");
  client.send(body + "POST /2 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(client.receive().body, "/2");
  client.send("186A0\r\n" + body + "\r\n0\r\n\r\nGET /3 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.receive().body, "/3");
}

TEST(Server, LetsTheClientSeeTheResponseWhenItStillSendsALargeBody) {
  ServerForTest server([](Exchange& exchange) { answer(exchange, "enough"); });
  ClientForTest client(server.port());
  client.send("POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n");
  client.send(std::string(3'000'000, 'x'));
  const ReceivedResponse response = client.receive();
  EXPECT_EQ(response.body, "enough");
  EXPECT_EQ(response.field("connection"), "close");
  EXPECT_EQ(client.receive_all(), "");
}

TEST(Server, GoesOnDeliveringABodyAfterTheResponse) {
  std::string received;
  bool ended = false;
  ServerForTest server([&](Exchange& exchange) {
    if (exchange.has_body()) {
      auto pipe = exchange.body();
      auto read = std::make_shared<std::function<void()>>();
      *read = [&, pipe, read] {
        pipe->read([&, read](Result<loop::Pipe::Chunk> chunk) {
          if (chunk && *chunk) {
            received += **chunk;
            (*read)();
          } else {
            ended = chunk.has_value();
            loop::Loop::Callback forget = [read] { *read = nullptr; };
            server.loop().defer(std::move(forget));
          }
        });
      };
      (*read)();
    }
    answer(exchange, exchange.target());
  });
  ClientForTest client(server.port());
  client.send("POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345");
  EXPECT_EQ(client.receive().body, "/1");
  client.send("67890GET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.receive().body, "/2");
  server.on_loop([&] {
    EXPECT_EQ(received, "1234567890");
    EXPECT_TRUE(ended);
  });
}

TEST(Server, ABodyFindsRoomBesideALargeHead) {
  ServerForTest server([](Exchange& exchange) {
    // At the time of the request its head has come; the body may have.
    EXPECT_GT(exchange.header_block().size(), 10'000U);
    echo(exchange);
  });
  ClientForTest client(server.port());
  for (const size_t head : {16'000, 16'384, 16'500, 40'000, 100'000}) {
    for (const size_t body : {1, 5'000, 60'000}) {
      const std::string text(body, 'b');
      const std::string request = "POST / HTTP/1.1\r\nHost: h\r\nX: " + std::string(head, 'x') +
                                  "\r\nContent-Length: " + std::to_string(body) + "\r\n\r\n" + text;
      client.send(request + request);
      for (int i = 0; i < 2; ++i) ASSERT_TRUE(client.receive().body == "POST h/ " + text);
    }
  }
}

TEST(Server, PipelinedBodiesDoNotRunIntoEachOther) {
  ServerForTest server(echo);
  ClientForTest client(server.port());
  std::string requests;
  for (int i = 0; i < 200; ++i) {
    const std::string body(static_cast<size_t>(i) * 37, static_cast<char>('a' + i % 26));
    requests += "POST / HTTP/1.1\r\nHost: h\r\n";
    if (i % 2 == 0) {
      requests += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    } else {
      char size[20];
      std::snprintf(size, sizeof size, "%zx\r\n", body.size());
      requests += std::string("Transfer-Encoding: chunked\r\n\r\n") + size + body + "\r\n0\r\n\r\n";
    }
  }
  std::thread sender([&] { client.send(requests); });
  for (int i = 0; i < 200; ++i) {
    const std::string body(static_cast<size_t>(i) * 37, static_cast<char>('a' + i % 26));
    EXPECT_TRUE(client.receive().body == "POST h/ " + body) << i;
  }
  sender.join();
}

}  // namespace
}  // namespace selvage::http
