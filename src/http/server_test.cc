// Requests and their answers, over real sockets.
#include "http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <string>
#include <utility>
#include <vector>

#include "http/server_for_test.h"

namespace selvage::http {
namespace {

using ::testing::EndsWith;

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Server, AnswersOneRequestAfterTheOtherOnOneConnection) {
  ServerForTest server(echo);
  ClientForTest client(server.port());
  for (int i = 0; i < 3; ++i) {
    client.send("GET /a?b HTTP/1.1\r\nHost: h:1\r\n\r\n");
    const ReceivedResponse response = client.receive();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "GET h:1/a?b ");
    EXPECT_EQ(response.field("content-length"), "12");
    EXPECT_EQ(response.field("connection"), std::nullopt);
    EXPECT_THAT(response.field("date").value_or(""), EndsWith(" GMT"));
  }
}

TEST(Server, UnderstandsRequestsThatComeByteByByte) {
  ServerForTest server(echo);
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
  ServerForTest server(echo);
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
  ServerForTest server(echo);
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

TEST(Server, AnswersOptionsForTheServerAsAWhole) {
  ServerForTest server([](Exchange&) { FAIL() << "not the handler's"; });
  ClientForTest client(server.port());
  for (int i = 0; i < 2; ++i) {
    client.send("OPTIONS * HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab");
    EXPECT_EQ(client.receive().status, 200);
  }
}

}  // namespace
}  // namespace selvage::http
