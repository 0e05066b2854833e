// The WebSocket decoder, in both roles: one answer however the bytes come, texts are UTF-8, and
// what the encoder writes is read back.
#include <string>
#include <vector>

#include "expect.h"
#include "http/utf8_validator.h"
#include "http/websocket_codec.h"
#include "http/websocket_deflate.h"
#include "pieces.h"

namespace {

using selvage::fuzz::expect;
using selvage::http::accept_deflate_offer;
using selvage::http::append_websocket_frame;
using selvage::http::is_utf8;
using selvage::http::is_websocket_close_code;
using selvage::http::MessageDeflater;
using selvage::http::MessageInflater;
using selvage::http::read_deflate_answer;
using selvage::http::WebSocketDecoder;
using selvage::http::WebSocketMask;
using selvage::http::WebSocketOpcode;
using Event = WebSocketDecoder::Event;

constexpr size_t kLargestMessage = 300;

std::string read(const std::vector<std::string_view>& pieces, bool masked, bool compression) {
  WebSocketDecoder decoder(masked, kLargestMessage);
  if (compression) decoder.allow_compression();
  MessageInflater inflater(false);
  std::string events;
  for (std::string_view piece : pieces) {
    const std::vector<char> exact(piece.begin(), piece.end());
    std::string_view input(exact.data(), exact.size());
    Event event = Event::more;
    while ((event = decoder.next(input)) != Event::more) {
      events += static_cast<char>('a' + static_cast<int>(event));
      events += std::to_string(decoder.payload().size());
      events += decoder.payload();
      if (event == Event::message) {
        events += decoder.text() ? 't' : 'b';
        expect(compression || !decoder.compressed(), "nothing is compressed unless agreed");
        expect(!decoder.text() || decoder.compressed() || is_utf8(decoder.payload()),
               "texts are UTF-8");
        expect(decoder.payload().size() <= kLargestMessage, "the limit holds");
        if (decoder.compressed()) {
          const auto outcome = inflater.decompress(decoder.payload(), kLargestMessage);
          events += std::to_string(static_cast<int>(outcome));
          if (outcome == MessageInflater::Outcome::whole) {
            expect(inflater.message().size() <= kLargestMessage, "the limit holds inflated");
            events += inflater.message();
          }
        }
      }
      if (event == Event::close || event == Event::refused) {
        events += std::to_string(decoder.close_code());
        events += decoder.problem();
      }
      if (event == Event::close && decoder.close_code() != 1005) {
        expect(is_websocket_close_code(decoder.close_code()), "the close code is valid");
      }
    }
    expect(input.empty(), "everything is consumed");
  }
  return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<std::string_view> pieces;
  const std::string_view whole = selvage::fuzz::cut(data, size, pieces);
  for (const bool masked : {false, true}) {
    for (const bool compression : {false, true}) {
      expect(read(pieces, masked, compression) == read({whole}, masked, compression),
             "pieces make no difference");
    }
    std::string frame;
    const std::string_view payload = whole.substr(0, kLargestMessage);
    append_websocket_frame(frame, WebSocketOpcode::binary, payload,
                           masked ? std::optional(WebSocketMask{1, 2, 3, 4}) : std::nullopt);
    WebSocketDecoder decoder(masked, kLargestMessage);
    std::string_view input = frame;
    expect(decoder.next(input) == Event::message && decoder.payload() == payload && input.empty(),
           "what is written is read back");
  }
  (void)accept_deflate_offer(whole);
  (void)read_deflate_answer(whole);
  MessageDeflater deflater;
  MessageInflater inflater(false);
  if (const auto compressed = deflater.compress(whole, 9 + static_cast<int>(size % 7))) {
    expect(inflater.decompress(*compressed, whole.size()) == MessageInflater::Outcome::whole &&
               inflater.message() == whole,
           "what is compressed is decompressed");
  }
  return 0;
}
