// Any bytes as a server's answer. What is checked: no memory error, the same answer however the
// bytes are cut, a body within its announced length, and compressed bodies that unpack in bounded
// pieces.
//
// Input: one byte that says how the rest is cut and asked for, then the answer.
#include <cstdint>
#include <string>
#include <string_view>

#include "expect.h"
#include "http/decompress.h"
#include "http/response_parser.h"
#include "http/syntax.h"

namespace {

using selvage::fuzz::expect;
using selvage::http::Decompressor;
using selvage::http::ResponseParser;

struct Answer {
  int status = 0;
  std::string headers;
  std::string body;
  std::string left_over;
  bool failed = false;
  bool complete = false;
  bool keep_alive = false;

  bool operator==(const Answer&) const = default;
};

Answer parse(std::string_view wire, size_t step, uint8_t how) {
  ResponseParser parser;
  parser.begin((how & 1) != 0, (how & 2) != 0);
  Answer answer;
  while (!wire.empty() && !answer.failed) {
    std::string_view piece = wire.substr(0, step);
    wire.remove_prefix(piece.size());
    while (true) {
      const auto result = parser.advance(piece);
      if (!result) {
        answer.failed = true;
        break;
      }
      if (result->event == ResponseParser::Event::need_more) {
        expect(piece.empty(), "more is asked for only when all input is read");
        break;
      }
      if (result->event == ResponseParser::Event::complete) {
        answer.left_over.append(piece);
        break;
      }
      if (result->event == ResponseParser::Event::body) {
        expect(parser.head().has_body && !result->body.empty(), "only a body has bytes");
        answer.body.append(result->body);
      } else {
        answer.status = parser.head().status;
        answer.headers = parser.head().headers;
      }
    }
  }
  if (!answer.failed && !parser.finish()) answer.failed = true;
  answer.complete = parser.complete();
  answer.keep_alive = parser.keep_alive();
  expect(!(answer.failed && answer.complete), "what failed is not complete");
  const auto length = parser.head().body_length;
  if (length && answer.complete && parser.head().has_body) {
    expect(answer.body.size() == *length, "a complete body has its announced length");
  }
  return answer;
}

void decompress(std::string_view coding, std::string_view data, size_t step) {
  constexpr size_t kMost = 4096;
  constexpr size_t kEnough = 1 << 20;  // of a bomb
  const auto decompressor = Decompressor::create(coding);
  if (decompressor == nullptr) return;
  size_t total = 0;
  while (!data.empty()) {
    std::string_view piece = data.substr(0, step);
    data.remove_prefix(piece.size());
    std::string output;
    do {
      output.clear();
      if (!decompressor->decompress(piece, output, kMost)) return;
      expect(output.size() <= kMost, "output is bounded");
      expect(output.size() == kMost || piece.empty(), "input is left only when the room is full");
      total += output.size();
      if (total > kEnough) return;
    } while (output.size() == kMost || !piece.empty());
  }
  static_cast<void>(decompressor->finish());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const uint8_t how = data[0];
  const std::string_view wire(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t step = static_cast<size_t>(how >> 2) + 1;

  const Answer whole = parse(wire, wire.size() + 1, how);
  const Answer cut = parse(wire, step, how);
  // An error may come after more or fewer bytes of the body have been handed on.
  expect(whole.failed == cut.failed, "cuts do not decide what is valid");
  expect(whole.status == cut.status && whole.headers == cut.headers, "one head");
  expect(whole.failed || whole == cut, "one answer");

  decompress(selvage::http::find_field(whole.headers, "content-encoding"), whole.body, step);
  for (const char* coding : {"gzip", "deflate", "br"}) decompress(coding, wire, step);
  return 0;
}
