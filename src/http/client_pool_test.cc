// Which connections are used again, and what happens when one turns out to be dead.
#include "http/client_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/client_fixture_for_test.h"

namespace selvage::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

constexpr const char* kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

class ClientPoolTest : public ClientFixture {
 protected:
  /// The first connection answers once, and closes at the second request without a word.
  static ScriptedPeer::Handler dead_at_second_request() {
    return [](ScriptedPeer& peer) {
      if (peer.received.find("\r\n\r\n") == std::string::npos) return;
      peer.received.clear();
      if (peer.number > 1 || peer.total < 200) {
        peer.send(kOk);
      } else {
        peer.end();
      }
    };
  }
  /// Two of them make the server above close.
  static std::string long_path() { return "/" + std::string(100, 'x'); }
};

TEST_F(ClientPoolTest, TriesAFreshConnectionWhenAKeptOneIsDead) {
  ScriptedServer server(loop_, dead_at_second_request());
  Client client(loop_, options());
  EXPECT_EQ(fetch(client, get(server.url(long_path()))).body, "ok");
  const Outcome again = fetch(client, get(server.url(long_path())));
  EXPECT_EQ(again.status(), 200);
  EXPECT_EQ(again.body, "ok");
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(ClientPoolTest, SendsAReplayedBodyWhole) {
  std::string second;
  ScriptedServer server(loop_, [&second](ScriptedPeer& peer) {
    if (peer.number == 1 && peer.total > 100'000) {
      peer.end();
    } else if (peer.number == 2) {
      second = peer.received;
      if (second.ends_with("END")) peer.send(kOk);
    } else if (peer.received.ends_with("\r\n\r\n")) {
      peer.send(kOk);
    }
  });
  Client client(loop_, options());
  EXPECT_EQ(fetch(client, get(server.url("/"))).body, "ok");
  Request put = post(server.url("/"), Body::of(std::string(300'000, 'x') + "END"));
  put.method = "PUT";
  EXPECT_EQ(fetch(client, std::move(put)).body, "ok");
  EXPECT_THAT(second, HasSubstr("Content-Length: 300003\r\n"));
  EXPECT_EQ(second.size() - second.find("\r\n\r\n") - 4, 300'003U);
}

TEST_F(ClientPoolTest, DoesNotSendTwiceWhatMayHaveBeenDone) {
  ScriptedServer server(loop_, dead_at_second_request());
  Client client(loop_, options());
  EXPECT_EQ(fetch(client, get(server.url(long_path()))).body, "ok");
  const Outcome again = fetch(client, post(server.url(long_path()), Body::of("x")));
  ASSERT_TRUE(again.refused());
  EXPECT_THAT(again.error().message, EndsWith("closed the connection without an answer"));
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(ClientPoolTest, TriesOnlyOnce) {
  ScriptedServer server(loop_, [](ScriptedPeer& peer) {
    if (peer.number == 1 && peer.total < 200) {
      peer.send(kOk);
    } else {
      peer.end();
    }
  });
  Client client(loop_, options());
  EXPECT_EQ(fetch(client, get(server.url(long_path()))).body, "ok");
  EXPECT_TRUE(fetch(client, get(server.url(long_path()))).refused());
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(ClientPoolTest, DoesNotTryAgainAfterTheFirstByteOfAnAnswer) {
  ScriptedServer server(loop_, [](ScriptedPeer& peer) {
    peer.send(peer.total < 200 ? kOk : "H");
    if (peer.total >= 200) peer.end();
  });
  Client client(loop_, options());
  EXPECT_EQ(fetch(client, get(server.url(long_path()))).body, "ok");
  EXPECT_TRUE(fetch(client, get(server.url(long_path()))).refused());
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(ClientPoolTest, NoticesThatAKeptConnectionWasClosed) {
  ScriptedServer server(loop_, always(kOk));
  Client client(loop_, options());
  EXPECT_EQ(fetch(client, get(server.url("/"))).body, "ok");
  server.drop(1);
  settle();
  // A POST is not sent twice: it must not meet the closed connection at all.
  EXPECT_EQ(fetch(client, post(server.url("/"), Body::none())).body, "ok");
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(ClientPoolTest, DoesNotTakeForAnAnswerWhatCameBeforeTheRequest) {
  ScriptedServer server(loop_, always(kOk));
  Client client(loop_, options());
  EXPECT_EQ(fetch(client, get(server.url("/"))).body, "ok");
  server.peer(1).send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
  settle();
  EXPECT_EQ(fetch(client, get(server.url("/"))).body, "ok");
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(ClientPoolTest, DoesNotTakeForAnAnswerWhatFollowedAnother) {
  ScriptedServer server(
      loop_, always(std::string(kOk) + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"));
  Client client(loop_, options());
  for (int i = 0; i < 2; ++i) EXPECT_EQ(fetch(client, get(server.url("/"))).body, "ok");
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(ClientPoolTest, KeepsNoConnectionThatTheServerCloses) {
  for (const std::string answer :
       {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok"}) {
    ScriptedServer server(loop_, always(answer));
    Client client(loop_, options());
    for (int i = 0; i < 2; ++i) EXPECT_EQ(fetch(client, get(server.url("/"))).body, "ok");
    EXPECT_EQ(server.connections(), 2U) << answer;
  }
}

TEST_F(ClientPoolTest, ClosesConnectionsThatWereIdleForLong) {
  ScriptedServer server(loop_, always(kOk));
  ClientOptions brief = options();
  brief.keep_idle_for = std::chrono::milliseconds(5);
  Client client(loop_, brief);
  EXPECT_EQ(fetch(client, get(server.url("/"))).body, "ok");
  EXPECT_TRUE(loop_.run_until([&] { return server.peer(1).gone; }));
}

TEST_F(ClientPoolTest, KeepsTheYoungestConnectionsOfAnOriginUpToItsLimit) {
  size_t waiting = 0;
  ScriptedServer server(loop_, [&](ScriptedPeer& peer) {
    // All three at once, so that each needs a connection.
    if (++waiting < 3) return;
    for (size_t i = 1; i <= 3; ++i) server.peer(i).send(kOk);
    peer.received.clear();
  });
  ClientOptions few = options();
  few.most_idle_for_origin = 2;
  Client client(loop_, few);
  Outcome outcomes[3];
  std::unique_ptr<ClientCall> calls[3];
  for (int i = 0; i < 3; ++i) calls[i] = begin(client, get(server.url("/")), outcomes[i]);
  ASSERT_TRUE(loop_.run_until(
      [&] { return outcomes[0].done() && outcomes[1].done() && outcomes[2].done(); }));
  settle();
  int gone = 0;
  for (size_t i = 1; i <= 3; ++i) gone += server.peer(i).gone ? 1 : 0;
  EXPECT_EQ(gone, 1);
}

TEST_F(ClientPoolTest, KeepsOriginsApart) {
  ScriptedServer one(loop_, always(kOk));
  ScriptedServer two(loop_, always("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo"));
  Client client(loop_, options());
  EXPECT_EQ(fetch(client, get(one.url("/"))).body, "ok");
  EXPECT_EQ(fetch(client, get(two.url("/"))).body, "two");
  EXPECT_EQ(fetch(client, get(one.url("/"))).body, "ok");
  EXPECT_EQ(one.connections() + two.connections(), 2U);
}

TEST_F(ClientPoolTest, LetsTheLoopEndWhileConnectionsAreIdle) {
  auto server = std::make_unique<ScriptedServer>(loop_, always(kOk));
  Client client(loop_, options());
  EXPECT_EQ(fetch(client, get(server->url("/"))).body, "ok");
  server.reset();
  loop_.run_until_idle();  // returns
}

}  // namespace
}  // namespace selvage::http
