#include "http/response_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace selvage::http {
namespace {

using testing::HasSubstr;

struct Parsed {
  int status = 0;
  std::string reason;
  std::string headers;
  std::string body;
  bool has_body = false;
  bool complete = false;
  bool keep_alive = false;
  std::string rest;
  std::string error;

  bool operator==(const Parsed&) const = default;
};

struct Asked {
  bool head = false;
  bool upgrade = false;
};

/// Parses `wire`, handed over in pieces of `step` bytes, then the connection's end.
Parsed parse(std::string_view wire, size_t step, Asked asked = {}) {
  ResponseParser parser;
  parser.begin(asked.head, asked.upgrade);
  Parsed parsed;
  while (!wire.empty()) {
    std::string_view piece = wire.substr(0, step);
    wire.remove_prefix(piece.size());
    while (true) {
      const auto result = parser.advance(piece);
      if (!result) {
        parsed.error = result.error().message;
        return parsed;
      }
      if (result->event == ResponseParser::Event::need_more) break;
      if (result->event == ResponseParser::Event::complete) {
        parsed.rest.append(piece);
        break;
      }
      if (result->event == ResponseParser::Event::body) {
        parsed.body.append(result->body);
        continue;
      }
      parsed.status = parser.head().status;
      parsed.reason = parser.head().reason;
      parsed.headers = parser.head().headers;
      parsed.has_body = parser.head().has_body;
    }
  }
  if (const auto end = parser.finish(); !end) parsed.error = end.error().message;
  parsed.complete = parser.complete();
  parsed.keep_alive = parser.keep_alive();
  return parsed;
}

/// The same however the bytes are cut.
Parsed parse_all_ways(std::string_view wire, Asked asked = {}) {
  const Parsed whole = parse(wire, wire.size(), asked);
  for (size_t step = 1; step < wire.size(); ++step) {
    EXPECT_EQ(parse(wire, step, asked), whole) << "in pieces of " << step << " bytes: " << wire;
  }
  return whole;
}

TEST(ResponseParserTest, ReadsABodyOfKnownLength) {
  const Parsed parsed = parse_all_ways(
      "HTTP/1.1 200 All right\r\nContent-Length: 5\r\nX-A:\t b c \r\nx-empty:\r\n\r\nhello");
  EXPECT_EQ(parsed.error, "");
  EXPECT_EQ(parsed.status, 200);
  EXPECT_EQ(parsed.reason, "All right");
  EXPECT_EQ(parsed.headers, "Content-Length: 5\r\nX-A: b c\r\nx-empty: \r\n");
  EXPECT_EQ(parsed.body, "hello");
  EXPECT_TRUE(parsed.complete);
  EXPECT_TRUE(parsed.keep_alive);
}

TEST(ResponseParserTest, ReadsAChunkedBodyWithExtensionsAndTrailers) {
  const Parsed parsed = parse_all_ways(
      "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n"
      "5\r\nhello\r\nA;name=\"v;\\\"\"\r\n, big worl\r\n1\r\nd\r\n0\r\nX-Sum: 1\r\n\r\n");
  EXPECT_EQ(parsed.error, "");
  EXPECT_EQ(parsed.body, "hello, big world");
  EXPECT_TRUE(parsed.keep_alive);
}

TEST(ResponseParserTest, ReadsABodyUntilTheConnectionEnds) {
  const Parsed parsed = parse_all_ways("HTTP/1.1 200 OK\r\n\r\nuntil the end");
  EXPECT_EQ(parsed.error, "");
  EXPECT_EQ(parsed.body, "until the end");
  EXPECT_TRUE(parsed.complete);
  EXPECT_FALSE(parsed.keep_alive);
}

TEST(ResponseParserTest, PassesOverInterimResponses) {
  const Parsed parsed = parse_all_ways(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 9\r\n"
      "\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
  EXPECT_EQ(parsed.error, "");
  EXPECT_EQ(parsed.status, 200);
  EXPECT_EQ(parsed.headers, "Content-Length: 1\r\n");
  EXPECT_EQ(parsed.body, "x");
}

TEST(ResponseParserTest, KnowsWhichResponsesHaveNoBody) {
  const struct {
    const char* wire;
    bool to_head;
  } cases[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true},
      {"HTTP/1.1 204 No Content\r\n\r\n", false},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", false},
  };
  for (const auto& [wire, to_head] : cases) {
    const Parsed parsed = parse_all_ways(wire, {.head = to_head});
    EXPECT_EQ(parsed.error, "") << wire;
    EXPECT_FALSE(parsed.has_body) << wire;
    EXPECT_TRUE(parsed.complete) << wire;
    EXPECT_TRUE(parsed.keep_alive) << wire;
  }
}

TEST(ResponseParserTest, HandsBackWhatFollowsTheResponse) {
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1", 1000).rest, "HTTP/1.1");
  EXPECT_EQ(parse("HTTP/1.1 204 No Content\r\n\r\nsurplus", 1000).rest, "surplus");
}

TEST(ResponseParserTest, AcceptsASwitchOfProtocolsOnlyWhenAsked) {
  const char* wire = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x01x";
  const Parsed upgraded = parse(wire, 1000, {.upgrade = true});
  EXPECT_EQ(upgraded.status, 101);
  EXPECT_EQ(upgraded.rest, "\x81\x01x");
  EXPECT_FALSE(upgraded.keep_alive);
  EXPECT_THAT(parse(wire, 1000).error, HasSubstr("was not asked for"));
}

TEST(ResponseParserTest, KeepsConnectionsAsTheServerSays) {
  const struct {
    const char* wire;
    bool keep;
  } cases[] = {
      {"HTTP/1.1 204 x\r\n\r\n", true},
      {"HTTP/1.1 204 x\r\nConnection: close\r\n\r\n", false},
      {"HTTP/1.1 204 x\r\nConnection: a, Close\r\n\r\n", false},
      {"HTTP/1.1 204 x\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", false},
      {"HTTP/1.0 204 x\r\n\r\n", false},
      {"HTTP/1.0 204 x\r\nConnection: Keep-Alive\r\n\r\n", true},
  };
  for (const auto& [wire, keep] : cases) EXPECT_EQ(parse(wire, 1000).keep_alive, keep) << wire;

  ResponseParser parser;
  parser.begin(false);
  std::string_view wire = "HTTP/1.1 204 x\r\nKeep-Alive: max=3, timeout=7\r\n\r\n";
  ASSERT_TRUE(parser.advance(wire));
  EXPECT_EQ(parser.keep_alive_seconds(), 7U);
}

// Each could be read in two ways, or makes a reader wait for what never comes.
constexpr const char* kMalformed[] = {
    "\r\nHTTP/1.1 200 OK\r\n\r\n",
    "ICY 200 OK\r\n\r\n",
    "HTTP/2 200 OK\r\n\r\n",
    "HTTP/2.0 200 OK\r\n\r\n",
    "HTTP/1.1  200 OK\r\n\r\n",
    "HTTP/1.1 20 OK\r\n\r\n",
    "HTTP/1.1 2000 OK\r\n\r\n",
    "HTTP/1.1 099 OK\r\n\r\n",
    "HTTP/1.1 200 O\x01K\r\n\r\n",
    "HTTP/1.1 200 OK\n\n",
    "HTTP/1.1 200 OK\r\nA: b\nC: d\r\n\r\n",
    "HTTP/1.1 200 OK\r\nA: b\rC: d\r\n\r\n",
    "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
    "HTTP/1.1 200 OK\r\n A: b\r\n\r\n",
    "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
    "HTTP/1.1 200 OK\r\n: b\r\n\r\n",
    "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\r\n",
    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 5,\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 5 5\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloo\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTrailer\r\n\r\n",
};

TEST(ResponseParserTest, RefusesWhatCouldBeReadInTwoWays) {
  for (const char* wire : kMalformed) {
    const Parsed parsed = parse_all_ways(wire);
    EXPECT_NE(parsed.error, "") << wire;
    EXPECT_FALSE(parsed.complete) << wire;
  }
}

TEST(ResponseParserTest, TakesEqualContentLengthsForOne) {
  const Parsed parsed =
      parse("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2, 2\r\n\r\nok", 1000);
  EXPECT_EQ(parsed.error, "");
  EXPECT_EQ(parsed.body, "ok");
}

TEST(ResponseParserTest, NoticesEveryTruncation) {
  const std::string_view length = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  const std::string_view chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  for (const std::string_view wire : {length, chunked}) {
    for (size_t size = 0; size < wire.size(); ++size) {
      EXPECT_THAT(parse(wire.substr(0, size), 1000).error, HasSubstr("closed the connection"))
          << wire.substr(0, size);
    }
  }
}

TEST(ResponseParserTest, LimitsTheHeader) {
  const std::string field = "X: " + std::string(1000, 'x') + "\r\n";
  std::string wire = "HTTP/1.1 200 OK\r\n";
  while (wire.size() <= ResponseParser::kMostHeaderBytes) wire += field;
  EXPECT_THAT(parse(wire, 4096).error, HasSubstr("larger than 128 KiB"));
  EXPECT_THAT(parse("HTTP/1.1 200 " + std::string(200'000, 'x'), 4096).error,
              HasSubstr("larger than 128 KiB"));
}

TEST(ResponseParserTest, LimitsInterimResponses) {
  std::string wire;
  for (int i = 0; i <= ResponseParser::kMostInterimResponses; ++i) wire += "HTTP/1.1 102 x\r\n\r\n";
  EXPECT_THAT(parse(wire, 4096).error, HasSubstr("too many"));
}

}  // namespace
}  // namespace selvage::http
