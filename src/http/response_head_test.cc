#include "http/response_head.h"

#include <gtest/gtest.h>

#include <string>

#include "http/date_field.h"
#include "http/status.h"

namespace selvage::http {
namespace {

std::string written(ResponseHeadParts parts) {
  std::string out(response_head_bound(parts), '?');
  const char* const end = write_response_head(out.data(), parts);
  EXPECT_LE(end, out.data() + out.size());
  out.resize(static_cast<size_t>(end - out.data()));
  return out;
}

TEST(ResponseHead, HasStatusDateFieldsAndLength) {
  ResponseHeadParts parts;
  parts.headers = "A: b\r\n";
  parts.date_line = "Date: now\r\n";
  parts.length = 7;
  EXPECT_EQ(written(parts), "HTTP/1.1 200 OK\r\nDate: now\r\nA: b\r\nContent-Length: 7\r\n\r\n");
}

TEST(ResponseHead, FramesTheBody) {
  ResponseHeadParts parts;
  parts.headers = "Content-Length: 5\r\n";
  parts.length = 7;
  const std::string start = "HTTP/1.1 200 OK\r\n";
  EXPECT_EQ(written(parts), start + "Content-Length: 7\r\n\r\n");
  parts.framing = BodyFraming::chunked;
  EXPECT_EQ(written(parts), start + "Transfer-Encoding: chunked\r\n\r\n");
  parts.framing = BodyFraming::until_close;
  EXPECT_EQ(written(parts), start + "\r\n");
  parts.framing = BodyFraming::none;
  EXPECT_EQ(written(parts), start + "\r\n");
  parts.framing = BodyFraming::head_length;
  EXPECT_EQ(written(parts), start + "Content-Length: 5\r\n\r\n");
  parts.headers = {};
  EXPECT_EQ(written(parts), start + "Content-Length: 7\r\n\r\n");
  parts.framing = BodyFraming::head_unknown;
  EXPECT_EQ(written(parts), start + "\r\n");
}

TEST(ResponseHead, NeverExceedsItsBound) {
  ResponseHeadParts parts;
  parts.status = 431;  // the longest phrase
  parts.length = UINT64_MAX;
  parts.connection = ConnectionField::keep_alive;
  EXPECT_EQ(
      written(parts),
      "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 18446744073709551615\r\n"
      "Connection: keep-alive\r\n\r\n");
}

TEST(ResponseHead, AStatusTextCannotSmuggleAField) {
  ResponseHeadParts parts;
  parts.framing = BodyFraming::none;
  parts.status_text = "Fine\r\nX: y";
  EXPECT_EQ(written(parts), "HTTP/1.1 200 OK\r\n\r\n");
  parts.status_text = "Fine";
  EXPECT_EQ(written(parts), "HTTP/1.1 200 Fine\r\n\r\n");
}

TEST(ReasonPhrase, IsEmptyForUnknownCodes) {
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(299), "");
}

TEST(DateField, FollowsTheFormOfRfc9110) {
  DateField date;
  date.update(784111777);
  EXPECT_EQ(date.line(), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  date.update(951782400);
  EXPECT_EQ(date.line(), "Date: Tue, 29 Feb 2000 00:00:00 GMT\r\n");
}

}  // namespace
}  // namespace selvage::http
