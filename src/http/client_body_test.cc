// Bodies in both directions: framing, back-pressure, cancellation, decompression.
#include "http/client_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "http/client_fixture_for_test.h"

namespace selvage::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

class ClientBodyTest : public ClientFixture {
 protected:
  static constexpr size_t kPiece = 64 * 1024;
};

TEST_F(ClientBodyTest, ReadsAChunkedBodyAsItComes) {
  ScriptedServer server(loop_, [](ScriptedPeer& peer) {
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
  });
  Client client(loop_, options());
  Outcome outcome;
  const auto call = begin(client, get(server.url("/")), outcome);
  ASSERT_TRUE(loop_.run_until([&] { return outcome.body == "first"; }));
  server.peer(1).send("7\r\n second\r\n");
  ASSERT_TRUE(loop_.run_until([&] { return outcome.body == "first second"; }));
  EXPECT_FALSE(outcome.body_ended);
  server.peer(1).send("0\r\n\r\n");
  ASSERT_TRUE(loop_.run_until([&] { return outcome.done(); }));
  EXPECT_TRUE(outcome.body_ended);
}

TEST_F(ClientBodyTest, ReadsABodyUntilTheConnectionEnds) {
  ScriptedServer server(loop_, [](ScriptedPeer& peer) {
    peer.send("HTTP/1.1 200 OK\r\n\r\nto the end");
    peer.end();
  });
  Client client(loop_, options());
  const Outcome outcome = fetch(client, get(server.url("/")));
  EXPECT_EQ(outcome.body, "to the end");
  EXPECT_TRUE(outcome.body_ended);
}

TEST_F(ClientBodyTest, FailsABodyThatIsCutShort) {
  for (const std::string answer :
       {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"}) {
    ScriptedServer server(loop_, [&answer](ScriptedPeer& peer) {
      peer.send(answer);
      peer.end();
    });
    Client client(loop_, options());
    const Outcome outcome = fetch(client, get(server.url("/")));
    EXPECT_EQ(outcome.body, "half");
    ASSERT_TRUE(outcome.body_error) << answer;
    EXPECT_THAT(outcome.body_error->message, EndsWith("before the end of its answer"));
  }
}

TEST_F(ClientBodyTest, LimitsTheTimeBetweenPieces) {
  ScriptedServer server(loop_, [](ScriptedPeer& peer) {
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  });
  ClientOptions impatient = options();
  impatient.body_idle_timeout = std::chrono::milliseconds(5);
  Client client(loop_, impatient);
  const Outcome outcome = fetch(client, get(server.url("/")));
  ASSERT_TRUE(outcome.body_error);
  EXPECT_EQ(outcome.body_error->code, ErrorCode::timeout);
}

TEST_F(ClientBodyTest, HoldsTheServerBackUntilTheBodyIsRead) {
  constexpr size_t kSize = 64 * 1024 * 1024;  // more than any socket buffer
  size_t sent = 0;
  const auto send_more = [&sent](ScriptedPeer& peer) {
    while (sent < kSize) {
      sent += kPiece;
      if (!peer.send(std::string(kPiece, 'x'))) return;
    }
  };
  ScriptedServer server(loop_, [&](ScriptedPeer& peer) {
    peer.on_room = send_more;
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kSize) + "\r\n\r\n");
    send_more(peer);
  });
  Client client(loop_, options());
  Outcome outcome;
  const auto call = begin_unread(client, get(server.url("/")), outcome);
  ASSERT_TRUE(loop_.run_until([&] {
    return outcome.answered() &&
           outcome.pipe()->buffered_bytes() >= loop::Pipe::kDefaultHighWaterMark;
  }));
  settle();
  EXPECT_LT(outcome.pipe()->buffered_bytes(), 4 * loop::Pipe::kDefaultHighWaterMark);
  EXPECT_LT(sent, kSize);
  const size_t stalled_at = sent;
  settle();
  EXPECT_EQ(sent, stalled_at);

  read_all(outcome);
  ASSERT_TRUE(loop_.run_until([&] { return outcome.done(); }));
  EXPECT_TRUE(outcome.body_ended);
  EXPECT_EQ(outcome.body.size(), kSize);
}

TEST_F(ClientBodyTest, ClosesTheConnectionWhenTheBodyIsCanceled) {
  ScriptedServer server(loop_, [](ScriptedPeer& peer) {
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  });
  Client client(loop_, options());
  Outcome outcome;
  const auto call = begin(client, get(server.url("/")), outcome);
  ASSERT_TRUE(loop_.run_until([&] { return outcome.body == "half"; }));
  outcome.pipe()->cancel(Error{ErrorCode::aborted, "enough", {}});
  EXPECT_TRUE(loop_.run_until([&] { return server.peer(1).gone; }));
  EXPECT_FALSE(outcome.done());
}

TEST_F(ClientBodyTest, ClosesTheConnectionWhenTheBodyIsDropped) {
  ScriptedServer server(loop_, [](ScriptedPeer& peer) {
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + std::string(500'000, 'x'));
  });
  Client client(loop_, options());
  Outcome outcome;
  const auto call = begin_unread(client, get(server.url("/")), outcome);
  ASSERT_TRUE(loop_.run_until([&] { return outcome.answered(); }));
  outcome.head.reset();
  EXPECT_TRUE(loop_.run_until([&] { return server.peer(1).gone; }));
}

TEST_F(ClientBodyTest, FailsTheBodyOfACanceledCall) {
  ScriptedServer server(loop_, [](ScriptedPeer& peer) {
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  });
  Client client(loop_, options());
  Outcome outcome;
  const auto call = begin(client, get(server.url("/")), outcome);
  ASSERT_TRUE(loop_.run_until([&] { return outcome.body == "half"; }));
  call->cancel(Error{ErrorCode::aborted, "timed out by the caller", {}});
  ASSERT_TRUE(outcome.body_error);
  EXPECT_EQ(outcome.body_error->message, "timed out by the caller");
  EXPECT_TRUE(loop_.run_until([&] { return server.peer(1).gone; }));
}

TEST_F(ClientBodyTest, GoesOnWhenTheCallIsDroppedAfterTheHead) {
  ScriptedServer server(loop_, [](ScriptedPeer& peer) {
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf");
  });
  Client client(loop_, options());
  Outcome outcome;
  auto call = begin(client, get(server.url("/")), outcome);
  ASSERT_TRUE(loop_.run_until([&] { return outcome.body == "half"; }));
  call.reset();
  server.peer(1).send("more");
  ASSERT_TRUE(loop_.run_until([&] { return outcome.done(); }));
  EXPECT_EQ(outcome.body, "halfmore");
}

TEST_F(ClientBodyTest, SendsBytesWithTheirLength) {
  ScriptedServer server(loop_, [](ScriptedPeer& peer) {
    if (peer.received.ends_with("hello")) peer.send("HTTP/1.1 204 No Content\r\n\r\n");
  });
  Client client(loop_, options());
  EXPECT_EQ(fetch(client, post(server.url("/"), Body::of("hello"))).status(), 204);
  EXPECT_THAT(server.peer(1).received, EndsWith("Content-Length: 5\r\n\r\nhello"));
}

TEST_F(ClientBodyTest, SaysThatAPostHasNoBody) {
  ScriptedServer server(loop_, always("HTTP/1.1 204 No Content\r\n\r\n"));
  Client client(loop_, options());
  std::string received;
  ScriptedServer recorder(loop_, [&received](ScriptedPeer& peer) {
    received = peer.received;
    peer.send("HTTP/1.1 204 No Content\r\n\r\n");
  });
  EXPECT_EQ(fetch(client, post(recorder.url("/"), Body::none())).status(), 204);
  EXPECT_THAT(received, EndsWith("Content-Length: 0\r\n\r\n"));
}

TEST_F(ClientBodyTest, SendsAPipeInChunksAsItIsWritten) {
  ScriptedServer server(loop_, [](ScriptedPeer& peer) {
    if (peer.received.ends_with("0\r\n\r\n")) peer.send("HTTP/1.1 204 No Content\r\n\r\n");
  });
  Client client(loop_, options());
  const auto pipe = loop::Pipe::create();
  Outcome outcome;
  const auto call = begin(client, post(server.url("/"), Body::of(pipe)), outcome);
  pipe->write("hello");
  ASSERT_TRUE(loop_.run_until([&] {
    return server.connections() == 1 && server.peer(1).received.ends_with("5\r\nhello\r\n");
  }));
  EXPECT_THAT(server.peer(1).received, HasSubstr("Transfer-Encoding: chunked\r\n"));
  pipe->write(std::string(26, 'x'));
  pipe->end();
  ASSERT_TRUE(loop_.run_until([&] { return outcome.done(); }));
  EXPECT_THAT(server.peer(1).received, EndsWith("1a\r\n" + std::string(26, 'x') + "\r\n0\r\n\r\n"));
}

TEST_F(ClientBodyTest, SendsAPipeOfAnnouncedLengthAsItIs) {
  ScriptedServer server(loop_, [](ScriptedPeer& peer) {
    if (peer.received.ends_with("hello")) peer.send("HTTP/1.1 204 No Content\r\n\r\n");
  });
  Client client(loop_, options());
  const auto pipe = loop::Pipe::create();
  pipe->write("hel");
  Outcome outcome;
  const auto call = begin(client, post(server.url("/"), Body::of(pipe, 5)), outcome);
  pipe->write("lo");
  pipe->end();
  ASSERT_TRUE(loop_.run_until([&] { return outcome.done(); }));
  EXPECT_THAT(server.peer(1).received, EndsWith("Content-Length: 5\r\n\r\nhello"));
}

TEST_F(ClientBodyTest, BreaksARequestWhoseBodyIsNotAsLongAsAnnounced) {
  for (const auto& [text, complaint] : {std::pair("four", "ended after 4 of the 5 bytes announced"),
                                        std::pair("sixsix", "longer than the 5 bytes announced")}) {
    ScriptedServer server(loop_, nullptr);
    Client client(loop_, options());
    const auto pipe = loop::Pipe::create();
    pipe->write(text);
    pipe->end();
    const Outcome outcome = fetch(client, post(server.url("/"), Body::of(pipe, 5)));
    ASSERT_TRUE(outcome.refused());
    EXPECT_THAT(outcome.error().message, HasSubstr(complaint));
  }
}

TEST_F(ClientBodyTest, BreaksARequestWhoseBodyFails) {
  ScriptedServer server(loop_, nullptr);
  Client client(loop_, options());
  const auto pipe = loop::Pipe::create();
  Outcome outcome;
  const auto call = begin(client, post(server.url("/"), Body::of(pipe)), outcome);
  pipe->write("some");
  ASSERT_TRUE(loop_.run_until(
      [&] { return server.connections() == 1 && server.peer(1).received.ends_with("some\r\n"); }));
  pipe->fail(Error{ErrorCode::io, "the file went away", {}});
  ASSERT_TRUE(outcome.refused());
  EXPECT_EQ(outcome.error().message, "the request's body failed: the file went away");
  EXPECT_TRUE(loop_.run_until([&] { return server.peer(1).gone; }));
  EXPECT_THAT(server.peer(1).received, testing::Not(HasSubstr("\r\n0\r\n")));
}

TEST_F(ClientBodyTest, HoldsTheBodysWriterBackUntilTheServerReads) {
  ScriptedServer server(loop_, [](ScriptedPeer& peer) { peer.stream().stop_reading(); });
  Client client(loop_, options());
  const auto pipe = loop::Pipe::create();
  size_t written = 0;
  constexpr size_t kSize = 64 * 1024 * 1024;
  const auto write_more = [&] {
    while (written < kSize) {
      written += kPiece;
      if (!pipe->write(std::string(kPiece, 'x'))) return;
    }
    pipe->end();
  };
  pipe->on_drain(write_more);
  Outcome outcome;
  const auto call = begin(client, post(server.url("/"), Body::of(pipe, kSize)), outcome);
  write_more();
  ASSERT_TRUE(loop_.run_until([&] { return server.connections() == 1; }));
  settle();
  EXPECT_LT(written, kSize);
  const size_t stalled_at = written;
  settle();
  EXPECT_EQ(written, stalled_at);

  server.peer(1).stream().start_reading();
  // The handler stops reading again after each piece; this carries on.
  ASSERT_TRUE(loop_.run_until([&] {
    server.peer(1).received.clear();
    server.peer(1).stream().start_reading();
    return server.peer(1).total >= kSize;
  }));
  EXPECT_EQ(written, kSize);
}

TEST_F(ClientBodyTest, CancelsARequestBodyThatTheAnswerDidNotWaitFor) {
  ScriptedServer server(loop_, [](ScriptedPeer& peer) {
    if (peer.received.find("some") != std::string::npos) {
      peer.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
    }
  });
  Client client(loop_, options());
  const auto pipe = loop::Pipe::create();
  pipe->write("some");
  const Outcome outcome = fetch(client, post(server.url("/"), Body::of(pipe)));
  EXPECT_EQ(outcome.status(), 413);
  EXPECT_TRUE(pipe->canceled());
  EXPECT_TRUE(loop_.run_until([&] { return server.peer(1).gone; }));
}

TEST_F(ClientBodyTest, DecompressesAndLeavesTheHeadersAsTheyAre) {
  const std::string body = gzip("hello, hello, hello");
  ScriptedServer server(loop_, always("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
                                      "Content-Length: " +
                                      std::to_string(body.size()) + "\r\n\r\n" + body));
  Client client(loop_, options());
  const Outcome outcome = fetch(client, get(server.url("/")));
  EXPECT_EQ(outcome.body, "hello, hello, hello");
  EXPECT_EQ((*outcome.head)->headers,
            "Content-Encoding: gzip\r\nContent-Length: " + std::to_string(body.size()) + "\r\n");
  EXPECT_EQ((*outcome.head)->body.length, std::nullopt);

  const Outcome raw = fetch(client, get(server.url("/")), {.decompress = false});
  EXPECT_EQ(raw.body, body);
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(ClientBodyTest, AsksOnlyForWhatTheCallerWants) {
  std::string request;
  ScriptedServer server(loop_, [&request](ScriptedPeer& peer) {
    request = std::exchange(peer.received, {});
    peer.send("HTTP/1.1 204 No Content\r\n\r\n");
  });
  Client client(loop_, options());
  Request own = get(server.url("/"));
  own.headers = "accept-encoding: identity\r\n";
  fetch(client, std::move(own));
  EXPECT_THAT(request, testing::Not(HasSubstr("gzip")));
  fetch(client, get(server.url("/")), {.decompress = false});
  EXPECT_THAT(request, testing::Not(HasSubstr("ccept-")));
}

TEST_F(ClientBodyTest, FailsABodyThatIsNotWhatItSays) {
  ScriptedServer server(loop_,
                        always("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n"
                               "Content-Length: 20\r\n\r\n\xff\xff\xff\xff not brotli data"));
  Client client(loop_, options());
  const Outcome outcome = fetch(client, get(server.url("/")));
  ASSERT_TRUE(outcome.body_error);
  EXPECT_THAT(outcome.body_error->message, HasSubstr("not valid br data"));
}

TEST_F(ClientBodyTest, UnpacksABombOnlyAsFastAsItIsRead) {
  const std::string bomb = gzip(std::string(50'000'000, '\0'));
  ASSERT_LT(bomb.size(), 60'000U);
  ScriptedServer server(loop_, always("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
                                      "Content-Length: " +
                                      std::to_string(bomb.size()) + "\r\n\r\n" + bomb));
  Client client(loop_, options());
  Outcome outcome;
  const auto call = begin_unread(client, get(server.url("/")), outcome);
  ASSERT_TRUE(loop_.run_until([&] { return outcome.answered(); }));
  settle();
  EXPECT_LE(outcome.pipe()->buffered_bytes(), 2 * loop::Pipe::kDefaultHighWaterMark);
  read_all(outcome);
  ASSERT_TRUE(loop_.run_until([&] { return outcome.done(); }));
  EXPECT_TRUE(outcome.body_ended);
  EXPECT_EQ(outcome.body.size(), 50'000'000U);
}

}  // namespace
}  // namespace selvage::http
