#include "http/client_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace selvage::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

TEST(ClientUrlTest, SplitsUrls) {
  const struct {
    const char* url;
    const char* host;
    int port;
    bool tls;
    const char* authority;
    const char* target;
  } cases[] = {
      {"http://a.example/", "a.example", 80, false, "a.example", "/"},
      {"https://a.example/p/q?r=s/t", "a.example", 443, true, "a.example", "/p/q?r=s/t"},
      {"http://a.example:8080/p#fragment", "a.example", 8080, false, "a.example:8080", "/p"},
      {"http://a.example", "a.example", 80, false, "a.example", "/"},
      {"http://a.example?q", "a.example", 80, false, "a.example", "/?q"},
      {"http://[::1]:81/", "[::1]", 81, false, "[::1]:81", "/"},
      {"http://[2001:db8::1]/x", "[2001:db8::1]", 80, false, "[2001:db8::1]", "/x"},
      {"http://a.example/@b", "a.example", 80, false, "a.example", "/@b"},
  };
  for (const auto& expected : cases) {
    const auto url = parse_client_url(expected.url);
    ASSERT_TRUE(url) << expected.url;
    EXPECT_EQ(url->destination.host, expected.host);
    EXPECT_EQ(url->destination.port, expected.port);
    EXPECT_EQ(url->destination.tls, expected.tls);
    EXPECT_EQ(url->authority, expected.authority);
    EXPECT_EQ(url->target, expected.target);
  }
  EXPECT_EQ(parse_client_url("https://[::1]/")->origin(), "https://[::1]:443");
}

TEST(ClientUrlTest, RefusesWhatItCannotFetch) {
  for (const char* url : {"",
                          "/path",
                          "ftp://a/",
                          "http:/a/",
                          "http:///",
                          "http://:80/",
                          "http://a:0/",
                          "http://a:/",
                          "http://a:65536/",
                          "http://a:80x/",
                          "http://user@a/",
                          "http://user:password@a/",
                          "http://[::1/",
                          "http://[::1]x/",
                          "http://[nonsense]/",
                          "http://a b/",
                          "http://a/b c",
                          "http://a/\r\nX: y",
                          "http://a]/",
                          "http://a\\b/"}) {
    EXPECT_FALSE(parse_client_url(url)) << url;
  }
  EXPECT_THAT(parse_client_url("http://u:p@a/").error().message, HasSubstr("user name"));
}

Request request(std::string method, std::string headers, Body body = {}) {
  return {std::move(method), "http://a.example/p", std::move(headers), std::move(body)};
}

Result<std::string> head_of(const Request& request, const RequestHeadOptions& options = {}) {
  return serialize_request_head(request, *parse_client_url(request.url), framing_of(request),
                                options);
}

TEST(ClientRequestTest, SetsTheFieldsOfTheConnectionItself) {
  const auto head = head_of(
      request("GET",
              "Connection: upgrade\r\nKEEP-ALIVE: 1\r\nTE: trailers\r\nTrailer: x\r\n"
              "Upgrade: h2c\r\nHost: b.example\r\nContent-Length: 7\r\nExpect: 100-continue\r\n"
              "Transfer-Encoding: chunked\r\nProxy-Connection: x\r\nX-Kept: 1\r\n"),
      {.accept_compressed = false, .websocket_key = {}});
  ASSERT_TRUE(head);
  EXPECT_EQ(*head, "GET /p HTTP/1.1\r\nHost: a.example\r\nX-Kept: 1\r\n\r\n");
}

TEST(ClientRequestTest, DelimitsBodies) {
  const auto pipe = loop::Pipe::create();
  const struct {
    Request asked;
    const char* end;
  } cases[] = {
      {request("POST", "", Body::of("four")), "\r\nContent-Length: 4\r\n\r\n"},
      {request("POST", "", Body::of("")), "\r\nContent-Length: 0\r\n\r\n"},
      {request("POST", ""), "\r\nContent-Length: 0\r\n\r\n"},
      {request("DELETE", ""), "\r\nAccept-Encoding: gzip, br\r\n\r\n"},
      {request("PUT", "", Body::of(pipe)), "\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {request("PUT", "", Body::of(pipe, 9)), "\r\nContent-Length: 9\r\n\r\n"},
  };
  for (const auto& [asked, end] : cases) EXPECT_THAT(*head_of(asked), EndsWith(end));
}

TEST(ClientRequestTest, RefusesToBreakOutOfALine) {
  for (const char* headers :
       {"X: a\rb\r\n", "X: a\x01\r\n", "X y: a\r\n", "X\r\n y: a\r\n", ": a\r\n", "\r\nX: a\r\n"}) {
    EXPECT_FALSE(head_of(request("GET", headers))) << headers;
  }
  for (const char* method : {"", "GET /x", "GE\rT", "CONNECT"}) {
    EXPECT_FALSE(head_of(request(method, ""))) << method;
  }
}

TEST(ClientRequestTest, SendsFieldsAsLinesOfTheirOwn) {
  // A bare line feed separates lines in the block, too; it must not reach the wire.
  const auto head = head_of(request("GET", "X: a\nY: b"));
  ASSERT_TRUE(head);
  EXPECT_THAT(*head, HasSubstr("\r\nX: a\r\nY: b\r\n"));
}

TEST(ClientRequestTest, AsksForAWebSocket) {
  const auto head =
      head_of(request("GET",
                      "Upgrade: websocket\r\nSec-WebSocket-Key: mine\r\n"
                      "Sec-WebSocket-Extensions: x\r\nSec-WebSocket-Protocol: chat\r\n"),
              {.accept_compressed = true, .websocket_key = "dGVzdA=="});
  ASSERT_TRUE(head);
  EXPECT_EQ(*head,
            "GET /p HTTP/1.1\r\nHost: a.example\r\nSec-WebSocket-Protocol: chat\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGVzdA==\r\n"
            "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; "
            "server_no_context_takeover\r\n\r\n");
}

TEST(ClientRequestTest, KnowsWhatMayBeSentTwice) {
  for (const char* method : {"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"}) {
    EXPECT_TRUE(is_idempotent(method)) << method;
  }
  for (const char* method : {"POST", "PATCH", "get", "BREW"}) {
    EXPECT_FALSE(is_idempotent(method)) << method;
  }
}

}  // namespace
}  // namespace selvage::http
