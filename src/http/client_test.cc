#include "http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "http/client_fixture_for_test.h"
#include "net/tls_server_for_test.h"

namespace selvage::http {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ClientTest : public ClientFixture {};

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

TEST_F(ClientTest, PassesOverInterimResponses) {
  ScriptedServer server(loop_, always("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n"
                                      "Content-Length: 2\r\n\r\nok"));
  Client client(loop_, options());
  const Outcome outcome = fetch(client, get(server.url("/")));
  EXPECT_EQ(outcome.status(), 200);
  EXPECT_EQ(outcome.body, "ok");
}

TEST_F(ClientTest, ExpectsNoBodyWhereThereIsNone) {
  ScriptedServer server(loop_, [](ScriptedPeer& peer) {
    if (!peer.received.ends_with("\r\n\r\n")) return;
    const bool head = peer.received.starts_with("HEAD");
    peer.received.clear();
    peer.send(head ? "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nContent-Encoding: gzip\r\n\r\n"
                   : "HTTP/1.1 304 Not Modified\r\n\r\n");
  });
  Client client(loop_, options());
  Request head = get(server.url("/"));
  head.method = "HEAD";
  const Outcome to_head = fetch(client, std::move(head));
  EXPECT_EQ(to_head.status(), 200);
  EXPECT_FALSE((*to_head.head)->body.present);
  const Outcome not_modified = fetch(client, get(server.url("/")));
  EXPECT_EQ(not_modified.status(), 304);
  EXPECT_FALSE((*not_modified.head)->body.present);
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(ClientTest, SaysWhatIsWrongWithAnAnswer) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "closed the connection without an answer"},
      {"HTTP/1.1 200 OK\r\nContent-Le", "closed the connection within the header of its answer"},
      {"SSH-2.0-OpenSSH_9.2\r\n", "is not valid HTTP/1.1: it does not begin with HTTP/"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
       "there are different Content-Lengths"},
  };
  for (const auto& [answer, complaint] : cases) {
    ScriptedServer server(loop_, [text = std::string(answer)](ScriptedPeer& peer) {
      if (!text.empty()) peer.send(text);
      peer.end();
    });
    Client client(loop_, options());
    const Outcome outcome = fetch(client, get(server.url("/")));
    ASSERT_TRUE(outcome.refused()) << answer;
    EXPECT_THAT(outcome.error().message,
                StartsWith("127.0.0.1:" + std::to_string(server.port()) + ": "));
    EXPECT_THAT(outcome.error().message, HasSubstr(complaint));
  }
}

TEST_F(ClientTest, RefusesRequestsThatCannotBeSent) {
  ScriptedServer server(loop_, nullptr);
  Client client(loop_, options());
  Request injection = get(server.url("/"));
  injection.headers = "X: a\rY: b\r\n";
  EXPECT_THAT(fetch(client, std::move(injection)).error().message, HasSubstr("\"X\""));
  Request connect = get(server.url("/"));
  connect.method = "CONNECT";
  EXPECT_THAT(fetch(client, std::move(connect)).error().message, HasSubstr("CONNECT"));
  EXPECT_THAT(fetch(client, get("ftp://example.com/")).error().message,
              HasSubstr("only http: and https:"));
  EXPECT_EQ(server.connections(), 0U);
}

TEST_F(ClientTest, CancelsTheBodyOfARequestThatCannotBeSent) {
  Client client(loop_, options());
  const auto pipe = loop::Pipe::create();
  EXPECT_TRUE(fetch(client, post("ftp://example.com/", Body::of(pipe))).refused());
  EXPECT_TRUE(pipe->canceled());
}

TEST_F(ClientTest, LimitsTheTimeUntilTheHead) {
  ScriptedServer server(loop_, nullptr);
  ClientOptions impatient = options();
  impatient.response_head_timeout = std::chrono::milliseconds(5);
  Client client(loop_, impatient);
  const Outcome outcome = fetch(client, get(server.url("/")));
  ASSERT_TRUE(outcome.refused());
  EXPECT_EQ(outcome.error().code, ErrorCode::timeout);
  EXPECT_EQ(outcome.error().message,
            "127.0.0.1:" + std::to_string(server.port()) + " did not answer within 5 ms");
}

TEST_F(ClientTest, LimitsTheTimeUntilAConnectionStands) {
  ScriptedServer silent(loop_, nullptr);  // takes the TCP connection and says nothing of TLS
  ClientOptions impatient = options();
  impatient.connect_timeout = std::chrono::milliseconds(20);
  Client client(loop_, impatient);
  const std::string host = "127.0.0.1:" + std::to_string(silent.port());
  const Outcome outcome = fetch(client, get("https://" + host + "/"));
  ASSERT_TRUE(outcome.refused());
  EXPECT_EQ(outcome.error().code, ErrorCode::timeout);
  EXPECT_EQ(outcome.error().message, "cannot connect to " + host + ": no answer within 20 ms");
}

TEST_F(ClientTest, DoesNotCallBackAfterTheCallIsDropped) {
  ScriptedServer server(loop_, always("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  Client client(loop_, options());
  Outcome outcome;
  const auto pipe = loop::Pipe::create();
  begin(client, post(server.url("/"), Body::of(pipe)), outcome).reset();
  settle();
  EXPECT_FALSE(outcome.head);
  EXPECT_TRUE(pipe->canceled());
}

TEST_F(ClientTest, GivesACanceledCallItsReason) {
  ScriptedServer server(loop_, nullptr);
  Client client(loop_, options());
  Outcome outcome;
  const auto call = begin(client, get(server.url("/")), outcome);
  ASSERT_TRUE(loop_.run_until(
      [&] { return server.connections() == 1 && server.peer(1).received.ends_with("\r\n\r\n"); }));
  call->cancel(Error{ErrorCode::aborted, "no longer wanted", {}});
  ASSERT_TRUE(outcome.refused());
  EXPECT_EQ(outcome.error().message, "no longer wanted");
  EXPECT_TRUE(loop_.run_until([&] { return server.peer(1).gone; }));
}

TEST_F(ClientTest, MayBeDestroyedWithExchangesInFlight) {
  ScriptedServer server(loop_, [](ScriptedPeer& peer) {
    if (peer.received.starts_with("GET /body")) {
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
    }
  });
  auto client = std::make_unique<Client>(loop_, options());
  Outcome waiting;
  Outcome reading;
  Outcome fresh;
  const auto one = begin(*client, get(server.url("/")), waiting);
  const auto two = begin(*client, get(server.url("/body")), reading);
  ASSERT_TRUE(loop_.run_until([&] { return reading.body == "half"; }));
  const auto three = begin(*client, get(server.url("/")), fresh);
  client.reset();
  EXPECT_FALSE(waiting.head);
  EXPECT_FALSE(fresh.head);
  ASSERT_TRUE(reading.body_error);
  EXPECT_EQ(reading.body_error->code, ErrorCode::aborted);
  settle();
  EXPECT_FALSE(fresh.head);
}

TEST_F(ClientTest, MayBeDestroyedByACallback) {
  ScriptedServer server(loop_, always("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  auto client = std::make_unique<Client>(loop_, options());
  const auto call =
      client->fetch(get(server.url("/")), {}, [&](const Result<Response>&) { client.reset(); });
  EXPECT_TRUE(loop_.run_until([&] { return client == nullptr; }));
}

TEST_F(ClientTest, SpeaksTlsAndKeepsTheConnection) {
  const net::TestAuthority authority("Test Authority");
  std::atomic<int> handshakes{0};
  net::TlsTestServer server(authority.issue("DNS:localhost"), [&handshakes](SSL* ssl) {
    ++handshakes;
    while (!net::read_until(ssl, "\r\n\r\n").empty()) {
      net::write_all(ssl, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret");
    }
  });
  ClientOptions trusting = options();
  trusting.issuers_file = authority.file();
  {
    Client client(loop_, trusting);
    const std::string url = "https://localhost:" + std::to_string(server.port()) + "/";
    for (int i = 0; i < 3; ++i) {
      const Outcome outcome = fetch(client, get(url));
      ASSERT_TRUE(outcome.answered()) << outcome.error().describe();
      EXPECT_EQ(outcome.body, "secret");
      settle();  // the session tickets of TLS 1.3 may come after the answer
    }
  }
  settle();
  EXPECT_EQ(handshakes, 1);
}

TEST_F(ClientTest, DoesNotTrustStrangers) {
  const net::TestAuthority authority("Test Authority");
  const net::TestAuthority unknown("Unknown Authority");
  net::TlsTestServer server(unknown.issue("DNS:localhost"), [](SSL*) {});
  ClientOptions trusting = options();
  trusting.issuers_file = authority.file();
  Client client(loop_, trusting);
  const Outcome outcome =
      fetch(client, get("https://localhost:" + std::to_string(server.port()) + "/"));
  ASSERT_TRUE(outcome.refused());
  EXPECT_THAT(outcome.error().message, HasSubstr("certificate is not trusted"));
}

}  // namespace
}  // namespace selvage::http
