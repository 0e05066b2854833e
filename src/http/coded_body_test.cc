#include "http/coded_body.h"

#include <gtest/gtest.h>

namespace selvage::http {
namespace {

std::string read_all(Body body) {
  if (!body.pipe) return body.bytes;
  std::string all;
  bool over = false;
  while (!over) {
    bool answered = false;
    body.pipe->read([&](Result<loop::Pipe::Chunk> chunk) {
      answered = true;
      if (!chunk) {
        all += "(" + chunk.error().message + ")";
        over = true;
      } else if (!*chunk) {
        over = true;
      } else {
        all += **chunk;
      }
    });
    if (!answered) break;
  }
  return all;
}

std::string long_text() {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += "line " + std::to_string(i * 7919) + "\n";
  return text;
}

class CodedBody : public testing::TestWithParam<const char*> {};

TEST_P(CodedBody, ComesBackAsItWas) {
  const std::string text = long_text();
  const Body coded = encoded(Body::of(text), GetParam());
  EXPECT_LT(coded.bytes.size(), text.size() / 2);
  EXPECT_EQ(read_all(decoded(coded, GetParam())), text);
}

TEST_P(CodedBody, OfNothingIsStillCoded) {
  const Body coded = encoded(Body::of(""), GetParam());
  EXPECT_FALSE(coded.bytes.empty());
  EXPECT_EQ(read_all(decoded(coded, GetParam())), "");
}

TEST_P(CodedBody, StreamsWhatIsWrittenWithoutWaitingForMore) {
  auto source = loop::Pipe::create();
  Body both = decoded(encoded(Body::of(source), GetParam()), GetParam());
  source->write("first");
  std::string seen;
  both.pipe->read([&](Result<loop::Pipe::Chunk> chunk) { seen = **chunk; });
  EXPECT_EQ(seen, "first");
  source->write(long_text());
  source->end();
  EXPECT_EQ(read_all(std::move(both)), long_text());
}

TEST_P(CodedBody, TellsItsSourceThatNobodyReads) {
  auto source = loop::Pipe::create();
  bool canceled = false;
  source->on_cancel([&](const Error&) { canceled = true; });
  Body body = decoded(encoded(Body::of(source), GetParam()), GetParam());
  body.pipe->cancel(Error{ErrorCode::aborted, "enough", ""});
  source->write("more");
  EXPECT_TRUE(canceled);
}

TEST_P(CodedBody, FailsWhenCutShort) {
  std::string bytes = encoded(Body::of(long_text()), GetParam()).bytes;
  bytes.resize(bytes.size() / 2);
  EXPECT_TRUE(read_all(decoded(Body::of(bytes), GetParam())).ends_with(")"));
}

INSTANTIATE_TEST_SUITE_P(Codings, CodedBody, testing::Values("gzip", "br"));

TEST(CodedBodyOfAnother, StaysAsItIs) {
  EXPECT_FALSE(can_code("zstd"));
  EXPECT_FALSE(can_code("deflate"));
  EXPECT_EQ(read_all(decoded(Body::of("text"), "")), "text");
}

}  // namespace
}  // namespace selvage::http
