// Responses that come in pieces, or are large, and clients that take them slowly.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "http/server.h"
#include "http/server_for_test.h"

namespace selvage::http {
namespace {

using ::testing::EndsWith;
using ::testing::StartsWith;

TEST(Server, StreamsResponsesInChunks) {
  std::shared_ptr<loop::Pipe> pipe;
  ServerForTest server([&](Exchange& exchange) {
    pipe = loop::Pipe::create();
    exchange.respond_stream(200, {}, "X: y\r\n", pipe, std::nullopt);
  });
  ClientForTest client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(server.wait_until([&] { return pipe != nullptr; }));
  // The head is there before any of the body.
  EXPECT_THAT(client.receive_exactly(15), "HTTP/1.1 200 OK");
  server.on_loop([&] {
    pipe->write("one, ");
    pipe->write("two, ");
  });
  server.on_loop([&] {
    pipe->write("three");
    pipe->end();
  });
  EXPECT_EQ(client.receive_exactly(2), "\r\n");
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  std::string text =
      client.receive_exactly(strlen("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                                    "X: y\r\nTransfer-Encoding: chunked\r\n\r\n"));
  EXPECT_THAT(text, EndsWith("X: y\r\nTransfer-Encoding: chunked\r\n\r\n"));
  // Pieces of one step go out together.
  const std::string body = "a\r\none, two, \r\n5\r\nthree\r\n0\r\n\r\n";
  EXPECT_EQ(client.receive_exactly(body.size()), body);
}

TEST(Server, StreamsResponsesOfKnownLengthAndBreaksWhenTheyDiffer) {
  ServerForTest server([](Exchange& exchange) {
    auto pipe = loop::Pipe::create();
    pipe->write("12345");
    if (exchange.target() == "/open") {
      exchange.respond_stream(200, {}, {}, pipe, 5);
      pipe->end();
      return;
    }
    pipe->end();
    exchange.respond_stream(200, {}, {}, pipe,
                            std::stoul(std::string(exchange.target().substr(1))));
  });
  const auto request = [&](const std::string& target) {
    ClientForTest client(server.port());
    client.send("GET " + target + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    return client.receive().body;
  };
  EXPECT_EQ(request("/5"), "12345");
  EXPECT_EQ(request("/open"), "12345");
  EXPECT_EQ(request("/4"), "");  // the connection is closed instead
  EXPECT_EQ(request("/6"), "");
}

TEST(Server, StreamsToHttp10UntilItCloses) {
  bool fails = false;
  ServerForTest server([&](Exchange& exchange) {
    auto pipe = loop::Pipe::create();
    pipe->write("12345");
    if (fails) {
      exchange.respond_stream(200, {}, {}, pipe, std::nullopt);
      pipe->fail({ErrorCode::io, "broken", {}});
    } else {
      pipe->end();
      exchange.respond_stream(200, {}, {}, pipe, std::nullopt);
    }
  });
  ClientForTest client(server.port());
  client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const ReceivedResponse response = client.receive();
  EXPECT_EQ(response.body, "12345");
  EXPECT_EQ(response.field("connection"), "close");
  EXPECT_EQ(response.field("transfer-encoding"), std::nullopt);
  // An end that is none must not look like one.
  server.on_loop([&] { fails = true; });
  ClientForTest unlucky(server.port());
  unlucky.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_THAT(unlucky.receive_all(), EndsWith("reset"));
}

TEST(Server, AChunkedResponseThatFailsHasNoEnd) {
  std::shared_ptr<loop::Pipe> pipe;
  ServerForTest server([&](Exchange& exchange) {
    pipe = loop::Pipe::create();
    pipe->write("12345");
    exchange.respond_stream(200, {}, {}, pipe, std::nullopt);
  });
  ClientForTest client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  std::string received;
  while (!received.ends_with("5\r\n12345\r\n")) received += client.receive_exactly(1);
  server.on_loop([&] { pipe->fail({ErrorCode::io, "broken", {}}); });
  EXPECT_EQ(client.receive_all(), "");
}

TEST(Server, StopsReadingFromAResponseThatTheClientDoesNotTake) {
  constexpr size_t kChunk = 32 << 10;
  constexpr int kChunks = 1000;
  std::shared_ptr<loop::Pipe> pipe;
  int written = 0;
  const auto produce = [&] {
    while (written < kChunks) {
      ++written;
      if (!pipe->write(std::string(kChunk, static_cast<char>('a' + written % 26)))) return;
    }
    pipe->end();
  };
  ServerForTest server([&](Exchange& exchange) {
    pipe = loop::Pipe::create();
    pipe->on_drain(produce);
    exchange.respond_stream(200, {}, {}, pipe, uint64_t{kChunk} * kChunks);
    produce();
  });
  ClientForTest client(server.port(), "127.0.0.1", 4096);
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  // The producer comes to rest long before it has written all: once its last write found no room.
  int last = -1;
  int same = 0;
  ASSERT_TRUE(server.wait_until([&] {
    same = written == last && pipe != nullptr ? same + 1 : 0;
    last = written;
    return same > 200;
  }));
  EXPECT_LT(last, kChunks * 9 / 10);
  const ReceivedResponse response = client.receive();
  ASSERT_EQ(response.body.size(), kChunk * kChunks);
  for (int i = 0; i < kChunks; ++i) {
    ASSERT_EQ(response.body[static_cast<size_t>(i) * kChunk],
              static_cast<char>('a' + (i + 1) % 26));
  }
}

TEST(Server, AnEndlessFastStreamLeavesRoomForOtherConnections) {
  // The producer always has more at once, and the client takes all.
  ServerForTest server([&](Exchange& exchange) {
    if (exchange.target() == "/quick") {
      answer(exchange, "quick");
      return;
    }
    auto pipe = loop::Pipe::create();
    pipe->on_drain([weak = std::weak_ptr<loop::Pipe>(pipe)] {
      if (auto strong = weak.lock()) {
        while (strong->write(std::string(64 * 1024, 'x'))) {
        }
      }
    });
    exchange.respond_stream(200, {}, {}, pipe, std::nullopt);
    while (pipe->write(std::string(64 * 1024, 'x'))) {
    }
  });
  ClientForTest greedy(server.port());
  greedy.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  std::atomic<bool> enough{false};
  std::thread reader([&] {
    while (!enough) greedy.receive_exactly(256 * 1024);
  });
  ClientForTest client(server.port());
  for (int i = 0; i < 20; ++i) {
    client.send("GET /quick HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(client.receive().body, "quick");
  }
  enough = true;
  reader.join();
}

TEST(Server, SendsALargeResponseInOnePiece) {
  std::string large(10'000'000, '\0');
  for (size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>('a' + i * i % 26);
  ServerForTest server([&](Exchange& exchange) { answer(exchange, large); });
  ClientForTest client(server.port());
  for (int i = 0; i < 2; ++i) {
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_TRUE(client.receive().body == large);
  }
}

TEST(Server, MediumResponsesSurviveAFullSocket) {
  // Those that lie in the step's shared memory have to be copied when the socket takes only a part.
  int count = 0;
  ServerForTest server([&](Exchange& exchange) {
    answer(exchange, std::string(30'000, static_cast<char>('a' + count++ % 26)));
  });
  ClientForTest client(server.port(), "127.0.0.1", 4096);
  std::string requests;
  for (int i = 0; i < 300; ++i) requests += "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  client.send(requests);
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(client.receive().body == std::string(30'000, static_cast<char>('a' + i % 26))) << i;
  }
}

}  // namespace
}  // namespace selvage::http
