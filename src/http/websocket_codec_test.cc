#include "http/websocket_codec.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/websocket_endpoint.h"
#include "http/websocket_handshake.h"

namespace selvage::http {
namespace {

using Event = WebSocketDecoder::Event;

constexpr WebSocketMask kMask = {0x37, 0xfa, 0x21, 0x3d};

// A frame in every detail, right or wrong.
struct Frame {
  uint8_t first;  // FIN, reserved bits, opcode
  std::string payload;
  bool masked = true;

  [[nodiscard]] std::string bytes() const {
    std::string out;
    append_websocket_frame(out, WebSocketOpcode::text, payload,
                           masked ? std::optional(kMask) : std::nullopt);
    out[0] = static_cast<char>(first);
    return out;
  }
};

std::string join(const std::vector<Frame>& frames) {
  std::string bytes;
  for (const Frame& frame : frames) bytes += frame.bytes();
  return bytes;
}

// What is read of `pieces`, as lines.
std::string read(const std::vector<std::string>& pieces, bool masked = true,
                 size_t largest = 1'000'000) {
  WebSocketDecoder decoder(masked, largest);
  std::string events;
  for (const std::string& piece : pieces) {
    std::string_view input = piece;
    while (true) {
      const Event event = decoder.next(input);
      if (event == Event::more) break;
      switch (event) {
        case Event::message: events += decoder.text() ? "text " : "binary "; break;
        case Event::ping: events += "ping "; break;
        case Event::pong: events += "pong "; break;
        case Event::close: events += "close " + std::to_string(decoder.close_code()) + " "; break;
        default: events += "refused " + std::to_string(decoder.close_code()); break;
      }
      events += decoder.payload();
      events += "\n";
    }
    EXPECT_EQ(input, "");
  }
  return events;
}

TEST(WebSocketDecoder, ReadsTheExamplesOfTheSpecification) {
  // RFC 6455, section 5.7.
  EXPECT_EQ(read({"\x81\x05Hello"}, false), "text Hello\n");
  EXPECT_EQ(read({"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"}), "text Hello\n");
  EXPECT_EQ(read({"\x01\x03Hel\x80\x02lo"}, false), "text Hello\n");
  EXPECT_EQ(read({"\x89\x05Hello"}, false), "ping Hello\n");
}

TEST(WebSocketDecoder, JoinsFragmentsAroundControlFrames) {
  const std::string bytes = join({{0x01, "a"},
                                  {0x89, "p"},
                                  {0x00, ""},
                                  {0x8a, ""},
                                  {0x80, "\xc3\xa9"},
                                  {0x82, std::string("\0\xff", 2)},
                                  {0x81, ""},
                                  {0x88,
                                   "\x03\xe8"
                                   "bye"}});
  const std::string events = "ping p\npong \ntext a\xc3\xa9\nbinary " + std::string("\0\xff", 2) +
                             "\ntext \nclose 1000 bye\n";
  EXPECT_EQ(read({bytes}), events);
  std::vector<std::string> single;
  for (size_t at = 1; at < bytes.size(); ++at) {
    EXPECT_EQ(read({bytes.substr(0, at), bytes.substr(at)}), events) << at;
  }
  for (char byte : bytes) single.emplace_back(1, byte);
  EXPECT_EQ(read(single), events);
}

TEST(WebSocketDecoder, ReadsAllThreeFormsOfLength) {
  for (const bool masked : {true, false}) {
    for (const size_t size : {0, 1, 7, 8, 9, 125, 126, 127, 65535, 65536, 200'000}) {
      std::string payload(size, '\0');
      for (size_t i = 0; i < size; ++i) payload[i] = static_cast<char>('a' + i % 23);
      const std::string bytes = Frame{0x82, payload, masked}.bytes();
      EXPECT_TRUE(read({bytes}, masked) == "binary " + payload + "\n") << size;
      const size_t half = bytes.size() / 2;
      EXPECT_TRUE(read({bytes.substr(0, half), bytes.substr(half)}, masked) ==
                  "binary " + payload + "\n")
          << size;
    }
  }
}

struct Violation {
  std::string bytes;
  int code;
};
class ProtocolViolations : public ::testing::TestWithParam<Violation> {};
TEST_P(ProtocolViolations, AreRefusedWithTheirCode) {
  const std::string& bytes = GetParam().bytes;
  const std::string expected = "refused " + std::to_string(GetParam().code) + "\n";
  EXPECT_EQ(read({bytes}, true, 1'000), expected);
  for (size_t at = 1; at < bytes.size(); ++at) {
    EXPECT_EQ(read({bytes.substr(0, at), bytes.substr(at)}, true, 1'000), expected) << at;
  }
}
INSTANTIATE_TEST_SUITE_P(
    Table, ProtocolViolations,
    ::testing::Values(
        Violation{join({{0x81, "a", false}}), 1002},  // not masked
        Violation{join({{0xc1, "a"}}), 1002},         // RSV1
        Violation{join({{0xa1, "a"}}), 1002},         // RSV2
        Violation{join({{0x91, "a"}}), 1002},         // RSV3
        Violation{join({{0x83, "a"}}), 1002},         // reserved opcodes
        Violation{join({{0x8b, "a"}}), 1002},
        Violation{join({{0x09, "a"}}), 1002},                    // fragmented control frame
        Violation{join({{0x89, std::string(126, 'a')}}), 1002},  // long control frame
        Violation{join({{0x80, "a"}}), 1002},                    // continues nothing
        Violation{join({{0x01, "a"}, {0x81, "b"}}), 1002},       // a message within a message
        Violation{std::string("\x81\xfe\x00\x7d"
                              "abcd",
                              8),
                  1002},  // not the shortest length
        Violation{std::string("\x81\xff\0\0\0\0\0\0\xff\xff"
                              "abcd",
                              14),
                  1002},
        Violation{std::string("\x81\xff\x80\0\0\0\0\0\0\0"
                              "abcd",
                              14),
                  1002},
        Violation{join({{0x88, "a"}}), 1002},             // half a close code
        Violation{join({{0x88, "\x03\xed"}}), 1002},      // 1005
        Violation{join({{0x88, "\x03\xe7"}}), 1002},      // 999
        Violation{join({{0x88, "\x0b\xb7"}}), 1002},      // 2999
        Violation{join({{0x88, "\x13\x88"}}), 1002},      // 5000
        Violation{join({{0x88, "\x03\xe8\xff"}}), 1007},  // reason is not UTF-8
        Violation{join({{0x81, "a\xff"}}), 1007},
        Violation{join({{0x81, "\xc3"}}), 1007},  // ends within a character
        Violation{join({{0x01, "\xc3"}, {0x80, "a"}}), 1007},
        Violation{join({{0x82, std::string(1'001, 'a')}}), 1009},
        Violation{join({{0x02, std::string(900, 'a')}, {0x80, std::string(101, 'a')}}), 1009}));

TEST(WebSocketDecoder, AServersFrameMustNotBeMasked) {
  EXPECT_EQ(read({Frame{0x81, "a", true}.bytes()}, false), "refused 1002\n");
}

TEST(WebSocketDecoder, ReadsMaskedAndUnmaskedFramesWhereBothAreAllowed) {
  WebSocketDecoder decoder(true, 100);
  decoder.allow_any_masking();
  for (const bool masked : {false, true, false}) {
    const std::string bytes = Frame{0x81, "hello", masked}.bytes();
    std::string_view input = bytes;
    ASSERT_EQ(decoder.next(input), Event::message);
    EXPECT_EQ(decoder.payload(), "hello");
  }
}

TEST(WebSocketDecoder, ReadsNothingAfterClose) {
  EXPECT_EQ(read({join({{0x88, ""}, {0x81, "a"}})}), "close 1005 \n");
}

TEST(Utf8Validator, KnowsTheBoundsOfUtf8) {
  const std::vector<std::string> valid = {"",
                                          "abcdefghijklmnop",
                                          "abcdefgh\xc2\x80",
                                          "\xdf\xbf",
                                          "\xe0\xa0\x80",
                                          "\xed\x9f\xbf",
                                          "\xee\x80\x80",
                                          "\xef\xbf\xbf",
                                          "\xf0\x90\x80\x80",
                                          "\xf4\x8f\xbf\xbf"};
  const std::vector<std::string> invalid = {"\x80",
                                            "\xc0\x80",
                                            "\xc1\xbf",
                                            "\xc2",
                                            "\xc2 ",
                                            "\xe0\x9f\xbf",
                                            "\xed\xa0\x80",
                                            "\xf0\x8f\xbf\xbf",
                                            "\xf4\x90\x80\x80",
                                            "\xf5\x80\x80\x80",
                                            "\xff",
                                            "abcdefgh\xe2\x82",
                                            "\xe2\x28\xa1"};
  for (const std::string& text : valid) EXPECT_TRUE(is_utf8(text)) << text;
  for (const std::string& text : invalid) EXPECT_FALSE(is_utf8(text)) << text;
}

TEST(WebSocketClosePayload, CutsAReasonBetweenCharacters) {
  EXPECT_EQ(websocket_close_payload(1005, "x"), "");
  EXPECT_EQ(websocket_close_payload(1000, "x"), "\x03\xe8x");
  const std::string payload = websocket_close_payload(1000, std::string(122, 'a') + "\xc3\xa9");
  EXPECT_EQ(payload.size(), 124U);
  EXPECT_TRUE(is_utf8(std::string_view(payload).substr(2)));
}

TEST(WebSocketHandshakeKeys, FollowTheSpecification) {
  EXPECT_EQ(websocket_accept_for("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(new_websocket_key().size(), 24U);
  EXPECT_NE(new_websocket_key(), new_websocket_key());
}

}  // namespace
}  // namespace selvage::http
