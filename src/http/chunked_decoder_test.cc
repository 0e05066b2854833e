#include "http/chunked_decoder.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace selvage::http {
namespace {

using Status = ChunkedDecoder::Status;

struct Outcome {
  Status status = Status::more;
  std::string body;
  std::string rest;  // not consumed
  bool operator==(const Outcome&) const = default;
};

// Feeds `pieces` one after the other, as reads from a socket would.
Outcome decode(const std::vector<std::string>& pieces) {
  ChunkedDecoder decoder;
  Outcome outcome;
  for (const std::string& piece : pieces) {
    const std::string buffered = outcome.rest + piece;
    std::string_view input = buffered;
    while (true) {
      const ChunkedDecoder::Step step = decoder.next(input);
      input.remove_prefix(step.consumed);
      outcome.body += step.data;
      outcome.status = step.status;
      if (step.status != Status::data) break;
    }
    outcome.rest = input;
    EXPECT_EQ(decoder.decoded_bytes(), outcome.body.size());
  }
  return outcome;
}

const std::string kBody =
    "4\r\nWiki\r\n0a;name=\"a\\\"\\\\;b\" ; x\r\n0123456789\r\n1 ;a\r\n!\r\n000\r\n"
    "Trailer: \tx\r\nOther:\r\n\r\nGET /";

TEST(ChunkedDecoder, JoinsTheChunksAndLeavesWhatFollows) {
  EXPECT_EQ(decode({kBody}), (Outcome{Status::done, "Wiki0123456789!", "GET /"}));
  EXPECT_EQ(decode({"0\r\n\r\n"}), (Outcome{Status::done, "", ""}));
}

TEST(ChunkedDecoder, DoesNotCareWhereReadsEnd) {
  const Outcome whole = decode({kBody});
  std::vector<std::string> single_bytes;
  for (size_t at = 0; at <= kBody.size(); ++at) {
    EXPECT_EQ(decode({kBody.substr(0, at), kBody.substr(at)}), whole) << at;
    if (at < kBody.size()) single_bytes.push_back(kBody.substr(at, 1));
  }
  EXPECT_EQ(decode(single_bytes), whole);
}

class MalformedChunks : public ::testing::TestWithParam<std::string> {};
TEST_P(MalformedChunks, AreRefusedHoweverTheyArrive) {
  const std::string& input = GetParam();
  EXPECT_EQ(decode({input}).status, Status::malformed);
  for (size_t at = 0; at < input.size(); ++at) {
    EXPECT_EQ(decode({input.substr(0, at), input.substr(at)}).status, Status::malformed) << at;
  }
}
INSTANTIATE_TEST_SUITE_P(Table, MalformedChunks,
                         ::testing::Values("\r\n", "g\r\n", " 1\r\na\r\n", "1 \r\na\r\n", "+1\r\n",
                                           "-1\r\n", "0x1\r\n", "1\na\r\n0\r\n\r\n", "1\r\r\n",
                                           "1\ra", "1\r\nab\r\n", "1\r\na\n", "1\r\na\rb",
                                           "1\r\na0\r\n\r\n", "1;\x01\r\n", "1;a\n",
                                           "1;\"a\r\n\"\r\n", "1,\r\n", "1000000000000000\r\n",
                                           "0000000000000001\r\n", "ffffffffffffffff\r\n",
                                           "0\r\n: x\r\n", "0\r\nA b: c\r\n", "0\r\n folded: c\r\n",
                                           "0\r\nA\r\n", "0\r\nA: \x02\r\n", "0\r\nA: b\n\r\n",
                                           "0\r\n\n", "0\r\n\rx", "1\r\nab"));

TEST(ChunkedDecoder, BoundsExtensionsAndTrailersOfTheWholeBody) {
  std::string many_extensions;
  for (int i = 0; i < 20; ++i) many_extensions += "1;" + std::string(1000, 'x') + "\r\na\r\n";
  EXPECT_EQ(decode({many_extensions}).status, Status::malformed);
  const std::string trailer = "A: " + std::string(1000, 'x') + "\r\n";
  std::string many_trailers = "0\r\n";
  for (int i = 0; i < 20; ++i) many_trailers += trailer;
  EXPECT_EQ(decode({many_trailers}).status, Status::malformed);
  EXPECT_EQ(decode({"0\r\n" + trailer + "\r\n"}).status, Status::done);
}

TEST(ChunkedDecoder, SaysWhatIsWrong) {
  ChunkedDecoder decoder;
  EXPECT_EQ(decoder.next("zz\r\n").status, Status::malformed);
  EXPECT_EQ(decoder.problem(), "the chunk size is not a number");
  EXPECT_EQ(decoder.next("0\r\n\r\n").status, Status::malformed);
}

}  // namespace
}  // namespace selvage::http
