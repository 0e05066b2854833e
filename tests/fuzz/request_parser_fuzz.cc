// The parser of request heads: it must give one answer however the bytes come, and what it accepts
// must be safe to hand on.
#include <cstring>
#include <string>
#include <vector>

#include "expect.h"
#include "http/request_parser.h"
#include "http/syntax.h"
#include "pieces.h"

namespace {

using selvage::fuzz::expect;
using selvage::http::equals_ignoring_case;
using selvage::http::FieldLine;
using selvage::http::has_class;
using selvage::http::is_field_value;
using selvage::http::is_token;
using selvage::http::kTargetCharacter;
using selvage::http::RequestHead;
using selvage::http::RequestParser;
using selvage::http::take_field_line;
using Status = RequestParser::Status;

std::string describe(const RequestParser& parser, Status status) {
  if (status == Status::incomplete) return "incomplete";
  if (status == Status::refused) {
    return std::to_string(parser.refused_status()) + std::string(parser.refused_because());
  }
  const RequestHead& head = parser.head();
  std::string text = std::to_string(parser.head_size());
  for (std::string_view part :
       {head.method, head.target, head.host, head.header_block, head.websocket_key}) {
    text.append("|").append(part);
  }
  text += std::to_string(head.content_length.value_or(~uint64_t{0}));
  for (int number : {head.minor_version, int{head.chunked}, int{head.keep_alive},
                     int{head.expect_continue}, static_cast<int>(head.websocket)}) {
    text += "," + std::to_string(number);
  }
  return text;
}

void check_accepted(const RequestHead& head) {
  expect(is_token(head.method), "the method is a token");
  expect(!head.target.empty(), "there is a target");
  for (char c : head.target) expect(has_class(c, kTargetCharacter), "the target is clean");
  if (head.method != "CONNECT" && head.target != "*") {
    expect(head.target[0] == '/' || head.target[0] == '?', "the target is in origin form");
  }
  expect(head.host.find_first_of("/?#@\\ ") == std::string_view::npos, "the host is only a host");
  expect(!head.chunked || !head.content_length, "there is one way to tell the body's length");
  int hosts = 0;
  std::string_view block = head.header_block;
  expect(block.empty() || block.ends_with("\r\n"), "the block ends with a line");
  while (!block.empty()) {
    const FieldLine line = take_field_line(block);
    expect(is_token(line.name), "a field's name is a token");
    expect(is_field_value(line.value), "a field's value is clean");
    if (equals_ignoring_case(line.name, "host")) ++hosts;
    if (equals_ignoring_case(line.name, "transfer-encoding")) {
      expect(head.chunked && equals_ignoring_case(line.value, "chunked"), "chunked, or nothing");
    }
    if (equals_ignoring_case(line.name, "content-length")) {
      expect(head.content_length.has_value(), "the length is known");
    }
  }
  expect(hosts == 1 || (hosts == 0 && head.minor_version == 0), "there is one host");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<std::string_view> pieces;
  const std::string_view message = selvage::fuzz::cut(data, size, pieces);
  // Small limits, so that short inputs reach them.
  RequestParser::Limits limits;
  limits.request_line = 200;
  limits.headers = 600;
  limits.fields = 20;

  RequestParser parser(limits);
  const Status status = parser.parse(message);
  const std::string whole = describe(parser, status);
  if (status == Status::complete) check_accepted(parser.head());

  parser.reset();
  std::string arrived;
  Status in_pieces = Status::incomplete;
  for (std::string_view piece : pieces) {
    arrived.append(piece);
    // A copy of its own size: a byte too far is found. And one that is gone afterwards.
    const std::vector<char> exact(arrived.begin(), arrived.end());
    in_pieces = parser.parse({exact.data(), exact.size()});
    if (in_pieces == Status::complete) parser.rebase(message.data());
    if (in_pieces != Status::incomplete) break;
  }
  expect(describe(parser, in_pieces) == whole, "pieces make no difference");
  return 0;
}
