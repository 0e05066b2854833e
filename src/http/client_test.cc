#include "http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "http/scripted_server_for_test.h"
#include "http/syntax.h"

namespace selvage::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// What became of one fetch: its head, then its body collected to the end.
struct Outcome {
  std::optional<Result<Response>> head;
  std::string body;
  bool body_ended = false;
  std::optional<Error> body_error;

  [[nodiscard]] bool answered() const { return head && head->has_value(); }
  [[nodiscard]] bool refused() const { return head && !head->has_value(); }
  [[nodiscard]] int status() const { return answered() ? (*head)->status : 0; }
  [[nodiscard]] const Error& error() const { return (*head).error(); }
  [[nodiscard]] bool done() const { return refused() || body_ended || body_error; }
};

class ClientTest : public testing::Test {
 protected:
  static ClientOptions options() {
    ClientOptions options;
    options.allow_private = true;
    return options;
  }

  static Request get(std::string url) { return {"GET", std::move(url), {}, {}}; }

  /// Starts a fetch that reads its body to the end.
  std::unique_ptr<ClientCall> begin(Client& client, Request request, Outcome& outcome,
                                    FetchOptions fetch_options = {}) {
    return client.fetch(std::move(request), fetch_options, [&outcome](Result<Response> response) {
      outcome.head = std::move(response);
      if (!outcome.answered()) return;
      Body& body = (*outcome.head)->body;
      if (body.pipe != nullptr) {
        read_all(body.pipe, outcome);
      } else {
        outcome.body = body.bytes;
        outcome.body_ended = true;
      }
    });
  }

  static void read_all(const std::shared_ptr<loop::Pipe>& pipe, Outcome& outcome) {
    pipe->read([&outcome, weak = std::weak_ptr(pipe)](Result<loop::Pipe::Chunk> chunk) {
      if (!chunk) {
        outcome.body_error = chunk.error();
      } else if (!chunk->has_value()) {
        outcome.body_ended = true;
      } else {
        outcome.body += **chunk;
        read_all(weak.lock(), outcome);
      }
    });
  }

  Outcome fetch(Client& client, Request request, FetchOptions fetch_options = {}) {
    Outcome outcome;
    const auto call = begin(client, std::move(request), outcome, fetch_options);
    EXPECT_FALSE(outcome.head) << "the callback came from within fetch()";
    EXPECT_TRUE(loop_.run_until([&] { return outcome.done(); }));
    return outcome;
  }

  /// Answers every complete request head with `response`.
  static ScriptedPeer::Handler always(std::string response) {
    return [response = std::move(response)](ScriptedPeer& peer) {
      if (!peer.received.ends_with("\r\n\r\n")) return;
      peer.received.clear();
      peer.send(response);
    };
  }

  loop::Loop loop_{0};
};

TEST_F(ClientTest, AsksForTheUrlAndGivesTheAnswer) {
  std::string request;
  ScriptedServer server(loop_, [&](ScriptedPeer& peer) {
    request = peer.received;
    peer.send("HTTP/1.1 201 Made\r\nX-Kind:  good \r\nContent-Length: 5\r\n\r\nhello");
  });
  Client client(loop_, options());
  Request asked = get(server.url("/path?query=1"));
  asked.headers = "X-Own: 1\r\nConnection: close\r\nHost: elsewhere\r\nTransfer-Encoding: x\r\n";
  const Outcome outcome = fetch(client, std::move(asked));
  EXPECT_EQ(request,
            "GET /path?query=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                "\r\nX-Own: 1\r\nAccept-Encoding: gzip, br\r\n\r\n");
  ASSERT_EQ(outcome.status(), 201);
  EXPECT_EQ((*outcome.head)->status_text, "Made");
  EXPECT_EQ((*outcome.head)->headers, "X-Kind: good\r\nContent-Length: 5\r\n");
  EXPECT_EQ(outcome.body, "hello");
}

TEST_F(ClientTest, UsesOneConnectionForExchangesInTurn) {
  ScriptedServer server(loop_, always("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  Client client(loop_, options());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(fetch(client, get(server.url("/"))).body, "ok");
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(ClientTest, OpensAConnectionForEachExchangeAtTheSameTime) {
  ScriptedServer server(loop_, [&](ScriptedPeer& peer) {
    if (server.connections() < 2) return;
    for (size_t i : {1, 2}) server.peer(i).send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
    peer.received.clear();
  });
  Client client(loop_, options());
  Outcome one;
  Outcome two;
  const auto first = begin(client, get(server.url("/1")), one);
  const auto second = begin(client, get(server.url("/2")), two);
  EXPECT_TRUE(loop_.run_until([&] { return one.done() && two.done(); }));
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(ClientTest, SaysWhyItCannotConnect) {
  uint16_t port = 0;
  {
    port = ScriptedServer(loop_, nullptr).port();
  }
  loop_.run_until_idle();
  Client client(loop_, options());
  const Outcome outcome = fetch(client, get("http://127.0.0.1:" + std::to_string(port) + "/"));
  ASSERT_TRUE(outcome.refused());
  EXPECT_EQ(outcome.error().message,
            "cannot connect to 127.0.0.1:" + std::to_string(port) + ": connection refused");
}

TEST_F(ClientTest, RefusesAddressesThatAreNotPublic) {
  ScriptedServer server(loop_, nullptr);
  ClientOptions restricted;
  restricted.private_remedy = "set allow_private_network";
  Client client(loop_, restricted);
  for (const std::string host : {"127.0.0.1", "[::1]", "localhost", "10.0.0.1", "a.localhost",
                                 "[::ffff:127.0.0.1]", "169.254.169.254"}) {
    const Outcome outcome =
        fetch(client, get("http://" + host + ":" + std::to_string(server.port()) + "/"));
    ASSERT_TRUE(outcome.refused()) << host;
    EXPECT_EQ(outcome.error().code, ErrorCode::permission_denied) << host;
    EXPECT_EQ(outcome.error().remedy, "set allow_private_network");
  }
  EXPECT_EQ(server.connections(), 0U);
}

}  // namespace
}  // namespace selvage::http
