// The decoder of chunked bodies: one answer however the bytes come.
#include <string>
#include <vector>

#include "expect.h"
#include "http/chunked_decoder.h"
#include "pieces.h"

namespace {

using selvage::fuzz::expect;
using selvage::http::ChunkedDecoder;

struct Outcome {
  ChunkedDecoder::Status status = ChunkedDecoder::Status::more;
  std::string body;
  size_t consumed = 0;
  std::string_view problem;
  bool operator==(const Outcome&) const = default;
};

Outcome decode(const std::vector<std::string_view>& pieces) {
  ChunkedDecoder decoder;
  Outcome outcome;
  for (std::string_view piece : pieces) {
    const std::vector<char> exact(piece.begin(), piece.end());
    std::string_view input(exact.data(), exact.size());
    while (true) {
      const ChunkedDecoder::Step step = decoder.next(input);
      expect(step.consumed <= input.size(), "no more is consumed than there is");
      outcome.consumed += step.consumed;
      outcome.body += step.data;
      outcome.status = step.status;
      input.remove_prefix(step.consumed);
      if (step.status != ChunkedDecoder::Status::data) break;
      expect(step.consumed != 0, "data is progress");
    }
    if (outcome.status != ChunkedDecoder::Status::more) break;
    expect(input.empty(), "all is consumed until the end");
  }
  expect(decoder.decoded_bytes() == outcome.body.size(), "bytes are counted");
  outcome.problem = decoder.problem();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<std::string_view> pieces;
  const std::string_view whole = selvage::fuzz::cut(data, size, pieces);
  expect(decode(pieces) == decode({whole}), "pieces make no difference");
  return 0;
}
