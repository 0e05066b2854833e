#include "http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <list>
#include <string>

#include "http/server_for_test.h"

namespace selvage::http {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

void answer(Exchange& exchange, std::string_view body, int status = 200,
            std::string_view headers = {}) {
  char* const out = exchange.respond(status, {}, headers, body.size());
  std::memcpy(out, body.data(), body.size());
}

// Answers with what it sees of the request, and the body behind it.
class Echo {
 public:
  void operator()(Exchange& exchange) {
    if (!exchange.has_body()) {
      answer(exchange, describe(exchange, ""));
      return;
    }
    auto pipe = exchange.body();
    read(exchange, pipe, std::make_shared<std::string>());
  }

 private:
  static std::string describe(Exchange& exchange, const std::string& body) {
    return std::string(exchange.method()) + " " + std::string(exchange.host()) +
           std::string(exchange.target()) + " " + body;
  }
  static void read(Exchange& exchange, const std::shared_ptr<loop::Pipe>& pipe,
                   const std::shared_ptr<std::string>& body) {
    pipe->read([&exchange, pipe, body](Result<loop::Pipe::Chunk> chunk) {
      if (!chunk) return;
      if (!*chunk) {
        answer(exchange, describe(exchange, *body));
        return;
      }
      *body += **chunk;
      read(exchange, pipe, body);
    });
  }
};

TEST(Server, AnswersOneRequestAfterTheOtherOnOneConnection) {
  ServerForTest server(Echo{});
  ClientForTest client(server.port());
  for (int i = 0; i < 3; ++i) {
    client.send("GET /a?b HTTP/1.1\r\nHost: h:1\r\n\r\n");
    const ReceivedResponse response = client.receive();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "GET h:1/a?b ");
    EXPECT_EQ(response.field("content-length"), "12");
    EXPECT_EQ(response.field("connection"), std::nullopt);
    EXPECT_THAT(response.field("date").value_or(""), ::testing::EndsWith(" GMT"));
  }
}

TEST(Server, UnderstandsRequestsThatComeByteByByte) {
  ServerForTest server(Echo{});
  const std::vector<std::pair<std::string, std::string>> requests = {
      {"GET /1 HTTP/1.1\r\nHost: h\r\n\r\n", "GET h/1 "},
      {"POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello", "POST h/2 hello"},
      {"POST /3 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
       "3;x\r\nhel\r\n02\r\nlo\r\n0\r\nA: b\r\n\r\n",
       "POST h/3 hello"},
      {"GET http://x?y HTTP/1.1\r\nHost: h\r\n\r\n", "GET x/?y "},
  };
  ClientForTest client(server.port());
  for (const auto& [request, body] : requests) {
    for (char byte : request) {
      client.send({&byte, 1});
      server.on_loop([] {});
    }
    EXPECT_EQ(client.receive().body, body);
  }
}

TEST(Server, DoesNotCareWhereReadsOfABodyEnd) {
  ServerForTest server(Echo{});
  ClientForTest client(server.port());
  const std::string request =
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "4;x=\"y\"\r\nWiki\r\n006\r\npedia!\r\n0\r\nT: u\r\n\r\n";
  for (size_t at = 1; at < request.size(); ++at) {
    client.send(request.substr(0, at));
    server.on_loop([] {});
    client.send(request.substr(at));
    ASSERT_EQ(client.receive().body, "POST h/ Wikipedia!") << at;
  }
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  std::list<Exchange*> waiting;
  int most_at_once = 0;
  ServerForTest server([&](Exchange& exchange) {
    waiting.push_back(&exchange);
    most_at_once = std::max(most_at_once, static_cast<int>(waiting.size()));
  });
  ClientForTest client(server.port());
  client.send(
      "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: "
      "3\r\n\r\nabc"
      "GET /3 HTTP/1.1\r\nHost: h\r\n\r\n");
  for (const char* target : {"/1", "/2", "/3"}) {
    ASSERT_TRUE(server.wait_until([&] { return !waiting.empty(); }));
    server.on_loop([&] {
      EXPECT_EQ(waiting.front()->target(), target);
      answer(*waiting.front(), waiting.front()->target());
      waiting.pop_front();
    });
    EXPECT_EQ(client.receive().body, target);
  }
  EXPECT_EQ(most_at_once, 1);
}

TEST(Server, AnswersAThousandPipelinedRequestsThatAreAnsweredAtOnce) {
  int count = 0;
  ServerForTest server([&](Exchange& exchange) { answer(exchange, std::to_string(++count)); });
  ClientForTest client(server.port());
  std::string requests;
  for (int i = 0; i < 1000; ++i) requests += "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  client.send(requests);
  for (int i = 1; i <= 1000; ++i) ASSERT_EQ(client.receive().body, std::to_string(i));
}

TEST(Server, HandsOverABodyThatCameWithItsHead) {
  std::string seen;
  ServerForTest server([&](Exchange& exchange) {
    EXPECT_TRUE(exchange.has_body());
    seen = exchange.complete_body().value_or("(not here)");
    answer(exchange, seen);
  });
  ClientForTest client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(client.receive().body, "hello");
  client.send(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n"
      "0\r\n\r\n");
  EXPECT_EQ(client.receive().body, "hello");
}

TEST(Server, KnowsWhichResponsesHaveNoBody) {
  ServerForTest server([](Exchange& exchange) {
    const std::string target(exchange.target().substr(1));
    if (target == "empty") {
      exchange.respond_empty(200, {}, {});
    } else if (target == "stream") {
      auto pipe = loop::Pipe::create();
      pipe->write("x");
      exchange.respond_stream(200, {}, {}, pipe, std::nullopt);
    } else {
      answer(exchange, "12345", std::stoi(target), "Content-Length: 7\r\nX: y\r\n");
    }
  });
  ClientForTest client(server.port());
  const auto request = [&](const std::string& method, const std::string& target) {
    client.send(method + " /" + target + " HTTP/1.1\r\nHost: h\r\n\r\n");
    return client.receive(method == "HEAD");
  };
  EXPECT_EQ(request("GET", "204").field("content-length"), std::nullopt);
  EXPECT_EQ(request("GET", "304").field("content-length"), std::nullopt);
  EXPECT_EQ(request("GET", "205").field("content-length"), "0");
  EXPECT_EQ(request("HEAD", "200").field("content-length"), "7");
  EXPECT_EQ(request("HEAD", "empty").field("content-length"), std::nullopt);
  EXPECT_EQ(request("GET", "empty").field("content-length"), "0");
  EXPECT_EQ(request("HEAD", "stream").status, 200);
  const ReceivedResponse last = request("GET", "201");
  EXPECT_EQ(last.body, "12345");
  EXPECT_EQ(last.field("x"), "y");
  EXPECT_THAT(last.head, StartsWith("HTTP/1.1 201 Created\r\n"));
}

TEST(Server, DropsFieldsThatBelongToTheConnection) {
  ServerForTest server([](Exchange& exchange) {
    answer(exchange, "ok", 299,
           "connection: x\r\nA: 1\r\nTransfer-Encoding: gzip\r\nkeep-alive: 5\r\n"
           "Content-Length: 99\r\ndate: never\r\nContent-Type: t\r\n");
  });
  ClientForTest client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  const ReceivedResponse response = client.receive();
  EXPECT_EQ(response.body, "ok");
  EXPECT_THAT(response.head, StartsWith("HTTP/1.1 299 \r\nDate: "));
  EXPECT_THAT(response.head, HasSubstr("GMT\r\nA: 1\r\nContent-Type: t\r\nContent-Length: 2\r\n"));
}

TEST(Server, ClosesWhenTheClientOrItsVersionAsksForIt) {
  ServerForTest server(Echo{});
  {
    ClientForTest client(server.port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(client.receive().field("connection"), "close");
    EXPECT_EQ(client.receive_all(), "");
  }
  {
    ClientForTest client(server.port());
    client.send("GET / HTTP/1.0\r\n\r\n");
    const ReceivedResponse response = client.receive();
    EXPECT_EQ(response.field("connection"), "close");
    EXPECT_EQ(response.body, "GET / ");
    EXPECT_EQ(client.receive_all(), "");
  }
  ClientForTest client(server.port());
  for (int i = 0; i < 2; ++i) {
    client.send("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
    EXPECT_EQ(client.receive().field("connection"), "keep-alive");
  }
}

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
  EXPECT_THAT(text, ::testing::EndsWith("X: y\r\nTransfer-Encoding: chunked\r\n\r\n"));
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
  EXPECT_THAT(unlucky.receive_all(), ::testing::EndsWith("reset"));
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
  constexpr size_t kChunk = 32 * 1024;
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
      Echo{}(exchange);
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

TEST(Server, AnswersOptionsForTheServerAsAWhole) {
  ServerForTest server([](Exchange&) { FAIL() << "not the handler's"; });
  ClientForTest client(server.port());
  for (int i = 0; i < 2; ++i) {
    client.send("OPTIONS * HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab");
    EXPECT_EQ(client.receive().status, 200);
  }
}

class Observer final : public ExchangeObserver {
 public:
  void on_client_gone() override { ++gone; }
  int gone = 0;
};

TEST(Server, TellsTheObserverOnceThatTheClientIsGone) {
  for (const bool with_reset : {false, true}) {
    Observer observer;
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
  Observer observer;
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
    Observer observer;
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
  Observer observer;
  ServerForTest server([&](Exchange& exchange) {
    exchange.set_observer(&observer);
    exchange.abort();
  });
  ClientForTest client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.receive().status, 0);
  server.on_loop([&] { EXPECT_EQ(observer.gone, 0); });
}

TEST(Server, ClosesConnectionsThatTakeTooLong) {
  ServerOptions options;
  options.head_timeout = options.body_timeout = options.keep_alive_timeout = 1;
  Observer observer;
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
  Observer observer;
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

TEST(Server, DrainingWithoutConnectionsIsDoneAtOnce) {
  ServerForTest server(Echo{});
  server.drain();
}

TEST(Server, AbortAllEndsWhatADrainWaitsFor) {
  Observer observer;
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
  ServerForTest server(Echo{}, options);
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
  ServerForTest server(Echo{});
  int fds[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
  server.on_loop([&] { EXPECT_FALSE(server.server().adopt_listener(fds[0])); });
  EXPECT_EQ(::close(fds[0]), 0);  // still ours
  EXPECT_EQ(::close(fds[1]), 0);
  server.on_loop([&] { EXPECT_FALSE(server.server().adopt_listener(fds[0])); });
}

}  // namespace
}  // namespace selvage::http
