#include "http/request_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace selvage::http {
namespace {

using Status = RequestParser::Status;

std::string request(std::string_view line, std::string_view fields = "Host: a\r\n") {
  return std::string(line) + "\r\n" + std::string(fields) + "\r\n";
}

// What became of a message: its status code, 0 when it is complete, -1 when more is needed.
int verdict(std::string_view message, RequestParser::Limits limits = {}) {
  RequestParser parser(limits);
  switch (parser.parse(message)) {
    case Status::incomplete: return -1;
    case Status::complete: return 0;
    case Status::refused: return parser.refused_status();
  }
  return -2;
}

TEST(RequestParser, ReadsAnOrdinaryGet) {
  const std::string message =
      "GET /a/b?c=d&e HTTP/1.1\r\nHost: example.com:8080\r\nUser-Agent: curl/7\r\nAccept: */*\r\n"
      "\r\nrest";
  RequestParser parser({});
  ASSERT_EQ(parser.parse(message), Status::complete);
  const RequestHead& head = parser.head();
  EXPECT_EQ(head.method, "GET");
  EXPECT_EQ(head.target, "/a/b?c=d&e");
  EXPECT_EQ(head.host, "example.com:8080");
  EXPECT_EQ(head.header_block, "Host: example.com:8080\r\nUser-Agent: curl/7\r\nAccept: */*\r\n");
  EXPECT_EQ(head.minor_version, 1);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.has_body());
  EXPECT_FALSE(head.expect_continue);
  EXPECT_EQ(head.websocket, WebSocketHandshake::none);
  EXPECT_EQ(parser.head_size(), message.size() - 4);
}

TEST(RequestParser, ReadsTheNextMessageAfterReset) {
  RequestParser parser({});
  ASSERT_EQ(parser.parse(request("POST / HTTP/1.1", "Host: a\r\nContent-Length: 3\r\n")),
            Status::complete);
  EXPECT_EQ(parser.head().content_length, 3U);
  parser.reset();
  const std::string second = request("GET /2 HTTP/1.0", "");
  ASSERT_EQ(parser.parse(second), Status::complete);
  EXPECT_EQ(parser.head().content_length, std::nullopt);
  EXPECT_EQ(parser.head().target, "/2");
  EXPECT_EQ(parser.head().host, "");
  EXPECT_FALSE(parser.head().keep_alive);
}

TEST(RequestParser, GivesTheSameHeadWhenBytesComeOneByOneAndTheBufferMoves) {
  const std::string message =
      "\r\nPOST http://user.example:1/p?q HTTP/1.1\r\nHost: other\r\nCONNECTION: Keep-Alive , "
      "Close\r\n"
      "Transfer-Encoding: Chunked\r\nExpect: 100-Continue\r\nEmpty:\r\nX:  \t a\tb \t\r\n\r\n";
  RequestParser parser({});
  for (size_t size = 0; size < message.size(); ++size) {
    // A fresh copy each time: the parser may not keep pointers.
    ASSERT_EQ(parser.parse(std::string(message, 0, size)), Status::incomplete) << size;
  }
  ASSERT_EQ(parser.parse(message), Status::complete);
  const std::string moved = message;
  parser.rebase(moved.data());
  const RequestHead& head = parser.head();
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/p?q");
  EXPECT_EQ(head.host, "user.example:1");
  EXPECT_TRUE(head.chunked);
  EXPECT_TRUE(head.expect_continue);
  EXPECT_FALSE(head.keep_alive);
  EXPECT_GE(head.header_block.data(), moved.data());
  EXPECT_LE(head.header_block.data(), moved.data() + moved.size());
}

TEST(RequestParser, LooksAtTheBytesOfASlowSenderOnce) {
  // Quadratic work would be 8 * 10^9 steps here, and run into the test's time limit.
  std::string message = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  RequestParser parser({});
  message.reserve(200'000);
  while (message.size() < 127 * 1024) {
    message += 'x';
    ASSERT_EQ(parser.parse(message), Status::incomplete);
  }
  message += "\r\n\r\n";
  EXPECT_EQ(parser.parse(message), Status::complete);
}

struct Case {
  std::string message;
  int verdict;
};
void PrintTo(const Case& c, std::ostream* out) { *out << ::testing::PrintToString(c.message); }

class RequestLine : public ::testing::TestWithParam<Case> {};
TEST_P(RequestLine, IsJudged) {
  EXPECT_EQ(verdict(request(GetParam().message)), GetParam().verdict);
}
INSTANTIATE_TEST_SUITE_P(
    Table, RequestLine,
    ::testing::Values(
        Case{"GET / HTTP/1.1", 0}, Case{"GET / HTTP/1.0", 0},
        Case{"GET / HTTP/1.9", 0},  // answered as 1.1 (RFC 9110, section 2.5)
        Case{"M-SEARCH * HTTP/1.1", 400}, Case{"OPTIONS * HTTP/1.1", 0},
        Case{"get / HTTP/1.1", 0},  // another method, not a mistake
        Case{"GET  / HTTP/1.1", 400}, Case{"GET /  HTTP/1.1", 400}, Case{" GET / HTTP/1.1", 400},
        Case{"GET\t/ HTTP/1.1", 400}, Case{"GET /\tHTTP/1.1", 400}, Case{"GET / HTTP/1.1 ", 400},
        Case{"GET /a b HTTP/1.1", 400}, Case{"GET", 400}, Case{"GET /", 400}, Case{"GET / ", 400},
        Case{"GET HTTP/1.1", 400}, Case{"GET  HTTP/1.1", 400}, Case{"G(T / HTTP/1.1", 400},
        Case{"GET / HTTP/2.0", 505}, Case{"PRI * HTTP/2.0", 505}, Case{"GET / HTTP/0.9", 505},
        Case{"GET / HTTP/1.10", 400}, Case{"GET / HTTP/1.x", 400}, Case{"GET / http/1.1", 400},
        Case{"GET / HTTP/11", 400}, Case{"GET / HTTPS/1.1", 400}, Case{"GET a HTTP/1.1", 400},
        Case{"GET ?a HTTP/1.1", 400}, Case{"GET /#a HTTP/1.1", 400},
        Case{"GET /\xc3\xa9 HTTP/1.1", 0}, Case{"GET /\x7f HTTP/1.1", 400},
        Case{std::string("GET /\0 HTTP/1.1", 15), 400}, Case{"GET /\r HTTP/1.1", 400},
        Case{"GET /\"<>\\^`{|} HTTP/1.1", 0}, Case{"GET http://a HTTP/1.1", 0},
        Case{"GET HTTPS://a.b/ HTTP/1.1", 0}, Case{"GET ftp://a/ HTTP/1.1", 400},
        Case{"GET http:///a HTTP/1.1", 400}, Case{"GET http://u@a/ HTTP/1.1", 400},
        Case{"GET http://:80/ HTTP/1.1", 400}, Case{"GET http://[::1]:80/ HTTP/1.1", 0},
        Case{"GET http://[::1/ HTTP/1.1", 400}, Case{"GET http://a:b/ HTTP/1.1", 400},
        Case{"CONNECT a:443 HTTP/1.1", 0}, Case{"CONNECT /a HTTP/1.1", 400},
        Case{"\x16\x03\x01", 400}));

class Fields : public ::testing::TestWithParam<Case> {};
TEST_P(Fields, AreJudged) {
  EXPECT_EQ(verdict(request("POST / HTTP/1.1", GetParam().message)), GetParam().verdict);
}
INSTANTIATE_TEST_SUITE_P(
    Host, Fields,
    ::testing::Values(
        Case{"", 400}, Case{"Host: a\r\nhost: a\r\n", 400}, Case{"Host:\r\n", 0},
        Case{"Host:a\r\n", 0}, Case{"Host: a:1\r\n", 0}, Case{"Host: a:\r\n", 0},
        Case{"Host: a:x\r\n", 400}, Case{"Host: a:123456\r\n", 400}, Case{"Host: :80\r\n", 400},
        Case{"Host: a:1:2\r\n", 400}, Case{"Host: [::1]:1\r\n", 0}, Case{"Host: [::1]\r\n", 0},
        Case{"Host: []\r\n", 400}, Case{"Host: [::1]x\r\n", 400}, Case{"Host: [g]\r\n", 400},
        Case{"Host: a]\r\n", 400}, Case{"Host: a b\r\n", 400}, Case{"Host: a/b\r\n", 400},
        Case{"Host: a@b\r\n", 400}, Case{"Host: a,b\r\n", 0}, Case{"Host: \xc3\xa9\r\n", 400},
        Case{"Host: a?b\r\n", 400}, Case{"Host: a\\b\r\n", 400}));
INSTANTIATE_TEST_SUITE_P(
    Lines, Fields,
    ::testing::Values(Case{"Host: a\r\nX:\r\n", 0}, Case{"Host: a\r\nX: \t b\x80 \r\n", 0},
                      Case{"Host: a\r\nX : b\r\n", 400}, Case{"Host: a\r\nX\t: b\r\n", 400},
                      Case{"Host: a\r\n: b\r\n", 400}, Case{"Host: a\r\nX\r\n", 400},
                      Case{"Host: a\r\n b: c\r\n", 400}, Case{"Host: a\r\nX: b\r\n c\r\n", 400},
                      Case{" Host: a\r\n", 400}, Case{"Host: a\r\nX(: b\r\n", 400},
                      Case{"Host: a\r\nX: b\rc\r\n", 400}, Case{"Host: a\r\nX: b\nY: c\r\n", 400},
                      Case{"Host: a\nX: b\r\n", 400}, Case{"Host: a\r\nX: b\r\r\n", 400},
                      Case{"Host: a\r\nX: 1234567\x01"
                           "89\r\n",
                           400},
                      Case{"Host: a\r\nX: 12345678\x7f\r\n", 400},
                      Case{"Host: a\r\nX: 12345\t78 tab\r\n", 0},
                      Case{std::string("Host: a\r\nX: a\0b\r\n", 17), 400},
                      Case{std::string("Host: a\r\nX\0: b\r\n", 16), 400},
                      Case{"Host: a\r\nX\xe9: b\r\n", 400}));
// Request smuggling lives on messages whose length two readers see differently.
INSTANTIATE_TEST_SUITE_P(
    BodyLength, Fields,
    ::testing::Values(
        Case{"Host: a\r\nContent-Length: 5\r\n", 0}, Case{"Host: a\r\nContent-Length: 005\r\n", 0},
        Case{"Host: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n", 0},
        Case{"Host: a\r\nContent-Length: 5, 5\r\n", 0},
        Case{"Host: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n", 400},
        Case{"Host: a\r\nContent-Length: 5, 6\r\n", 400},
        Case{"Host: a\r\nContent-Length: 5,\r\n", 400},
        Case{"Host: a\r\nContent-Length: ,5\r\n", 400}, Case{"Host: a\r\nContent-Length:\r\n", 400},
        Case{"Host: a\r\nContent-Length: +5\r\n", 400},
        Case{"Host: a\r\nContent-Length: -5\r\n", 400},
        Case{"Host: a\r\nContent-Length: 0x5\r\n", 400},
        Case{"Host: a\r\nContent-Length: 5 5\r\n", 400},
        Case{"Host: a\r\nContent-Length: 5.0\r\n", 400},
        Case{"Host: a\r\nContent-Length: 5;\r\n", 400},
        Case{"Host: a\r\nContent-Length: 5\x0b\r\n", 400},
        Case{"Host: a\r\nContent-Length : 5\r\n", 400},
        Case{"Host: a\r\nContent-Length: 99999999999999999999\r\n", 413},
        Case{"Host: a\r\nContent-Length: 18446744073709551617\r\n", 413},
        Case{"Host: a\r\nTransfer-Encoding: chunked\r\n", 0},
        Case{"Host: a\r\ntransfer-encoding:CHUNKED\r\n", 0},
        Case{"Host: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400},
        Case{"Host: a\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n", 400},
        Case{"Host: a\r\nContent-Length: 5\r\nTransfer-Encoding: identity\r\n", 400},
        Case{"Host: a\r\nTransfer-Encoding: gzip, chunked\r\n", 501},
        Case{"Host: a\r\nTransfer-Encoding: chunked, gzip\r\n", 501},
        Case{"Host: a\r\nTransfer-Encoding: chunked, chunked\r\n", 501},
        Case{"Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 501},
        Case{"Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", 501},
        Case{"Host: a\r\nTransfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n", 501},
        Case{"Host: a\r\nTransfer-Encoding: xchunked\r\n", 501},
        Case{"Host: a\r\nTransfer-Encoding: chunked;x=1\r\n", 501},
        Case{"Host: a\r\nTransfer-Encoding: \"chunked\"\r\n", 501},
        Case{"Host: a\r\nTransfer-Encoding: chunked,\r\n", 501},
        Case{"Host: a\r\nTransfer-Encoding:\r\n", 501},
        Case{"Host: a\r\nTransfer-Encoding: identity\r\n", 501},
        Case{"Host: a\r\nTransfer-Encoding:\x0b"
             "chunked\r\n",
             400},
        Case{"Host: a\r\nTransfer-Encoding : chunked\r\n", 400},
        Case{"Host: a\r\nTransfer-Encoding\r\n: chunked\r\n", 400},
        Case{"Host: a\r\nX: y\r\n\tTransfer-Encoding: chunked\r\n", 400},
        Case{"Host: a\r\nExpect: 100-continue\r\n", 0},
        Case{"Host: a\r\nExpect: 200-ok\r\n", 417}));

TEST(RequestParser, TransferEncodingHasNoPlaceInHttp10) {
  EXPECT_EQ(verdict(request("POST / HTTP/1.0", "Transfer-Encoding: chunked\r\n")), 400);
  EXPECT_EQ(verdict(request("GET / HTTP/1.0", "")), 0);
}

TEST(RequestParser, OneEmptyLineBeforeTheRequestIsForgiven) {
  EXPECT_EQ(verdict("\r\n" + request("GET / HTTP/1.1")), 0);
  EXPECT_EQ(verdict("\r\n\r\n" + request("GET / HTTP/1.1")), 400);
  EXPECT_EQ(verdict("\n" + request("GET / HTTP/1.1")), 400);
  EXPECT_EQ(verdict("\rG"), 400);
  EXPECT_EQ(verdict("\r"), -1);
}

TEST(RequestParser, SplitsTheAbsoluteForm) {
  const std::vector<std::pair<std::string, std::string>> cases = {{"http://h:1", "/"},
                                                                  {"http://h:1/", "/"},
                                                                  {"https://h:1/a?b", "/a?b"},
                                                                  {"http://h:1?b", "?b"}};
  for (const auto& [target, path] : cases) {
    RequestParser parser({});
    const std::string message = request("GET " + target + " HTTP/1.1", "Host: elsewhere\r\n");
    ASSERT_EQ(parser.parse(message), Status::complete) << target;
    EXPECT_EQ(parser.head().target, path) << target;
    EXPECT_EQ(parser.head().host, "h:1") << target;
  }
}

TEST(RequestParser, HoldsItsLimitsWhetherTheLineIsCompleteOrNot) {
  const RequestParser::Limits limits{.request_line = 20, .headers = 30, .fields = 2};
  EXPECT_EQ(verdict("GET /67890 HTTP/1.1\r\n", limits), -1);
  EXPECT_EQ(verdict("GET /678901 HTTP/1.1\r\n", limits), -1);
  EXPECT_EQ(verdict("GET /6789012 HTTP/1.1\r\n", limits), 414);
  EXPECT_EQ(verdict("GET /6789012345678901", limits), -1);
  EXPECT_EQ(verdict("GET /67890123456789012", limits), 414);
  // 9 + 19 + 2 = 30 bytes.
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nX: 34567890123456789\r\n\r\n", limits), 431);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nX: 3456789012345\r\n\r\n", limits), 0);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nX: 34567890123456789", limits), -1);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nX: 345678901234567890", limits), 431);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nA:\r\n\r\n", limits), 0);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nA:\r\nB:\r\n\r\n", limits), 431);
}

TEST(RequestParser, ConnectionOptionsDecideAboutKeepAlive) {
  const std::vector<std::tuple<std::string, std::string, bool>> cases = {
      {"1.1", "", true},
      {"1.1", "Connection: close\r\n", false},
      {"1.1", "Connection: x, Close\r\n", false},
      {"1.1", "Connection: x\r\nConnection: close\r\n", false},
      {"1.1", "Connection: closed\r\n", true},
      {"1.0", "", false},
      {"1.0", "Connection: Keep-Alive\r\n", true},
      {"1.0", "Connection: keep-alive, close\r\n", false},
  };
  for (const auto& [version, field, keep_alive] : cases) {
    RequestParser parser({});
    ASSERT_EQ(parser.parse(request("GET / HTTP/" + version, "Host: a\r\n" + field)),
              Status::complete);
    EXPECT_EQ(parser.head().keep_alive, keep_alive) << version << " " << field;
  }
}

TEST(RequestParser, ExpectationsMatterOnlyWithABody) {
  RequestParser parser({});
  const auto expects = [&parser](const std::string& message) {
    parser.reset();
    EXPECT_EQ(parser.parse(message), Status::complete);
    return parser.head().expect_continue;
  };
  const std::string fields = "Host: a\r\nExpect: 100-continue\r\n";
  EXPECT_TRUE(expects(request("POST / HTTP/1.1", fields + "Content-Length: 1\r\n")));
  EXPECT_TRUE(expects(request("POST / HTTP/1.1", fields + "Transfer-Encoding: chunked\r\n")));
  EXPECT_FALSE(expects(request("POST / HTTP/1.1", fields + "Content-Length: 0\r\n")));
  EXPECT_FALSE(expects(request("POST / HTTP/1.1", fields)));
  EXPECT_FALSE(expects(request("POST / HTTP/1.0", fields + "Content-Length: 1\r\n")));
}

TEST(RequestParser, JudgesTheWebSocketHandshake) {
  constexpr std::string_view key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  constexpr std::string_view version = "Sec-WebSocket-Version: 13\r\n";
  constexpr std::string_view upgrade = "Host: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: ";
  const auto judge = [&](std::string_view line, std::initializer_list<std::string_view> parts) {
    std::string fields;
    for (std::string_view part : parts) fields += part;
    RequestParser parser({});
    const std::string message = request(line, fields);
    EXPECT_EQ(parser.parse(message), Status::complete);
    const RequestHead& head = parser.head();
    EXPECT_EQ(head.websocket == WebSocketHandshake::valid,
              head.websocket_key == "dGhlIHNhbXBsZSBub25jZQ==");
    return head.websocket;
  };
  const std::string_view get = "GET / HTTP/1.1";
  EXPECT_EQ(judge(get, {upgrade, "WebSocket\r\n", key, version}), WebSocketHandshake::valid);
  EXPECT_EQ(judge(get, {upgrade, "h2c, websocket\r\n", key, version}), WebSocketHandshake::valid);
  EXPECT_EQ(judge("POST / HTTP/1.1", {upgrade, "websocket\r\n", key, version}),
            WebSocketHandshake::none);
  EXPECT_EQ(judge("GET / HTTP/1.0", {upgrade, "websocket\r\n", key, version}),
            WebSocketHandshake::none);
  EXPECT_EQ(judge(get, {upgrade, "h2c\r\n", key, version}), WebSocketHandshake::none);
  EXPECT_EQ(judge(get, {"Host: a\r\nUpgrade: websocket\r\n", key, version}),
            WebSocketHandshake::none);
  EXPECT_EQ(judge(get, {upgrade, "websocket\r\n", key}), WebSocketHandshake::wrong_version);
  EXPECT_EQ(judge(get, {upgrade, "websocket\r\n", key, "Sec-WebSocket-Version: 8\r\n"}),
            WebSocketHandshake::wrong_version);
  EXPECT_EQ(judge(get, {upgrade, "websocket\r\n", version}), WebSocketHandshake::malformed);
  EXPECT_EQ(judge(get, {upgrade, "websocket\r\n", version, "Sec-WebSocket-Key: abc\r\n"}),
            WebSocketHandshake::malformed);
  EXPECT_EQ(judge(get, {upgrade, "websocket\r\n", version, key, key}),
            WebSocketHandshake::malformed);
  EXPECT_EQ(judge(get, {upgrade, "websocket\r\n", version, key, "Content-Length: 1\r\n"}),
            WebSocketHandshake::malformed);
}

}  // namespace
}  // namespace selvage::http
