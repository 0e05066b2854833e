// WebSocket frames (RFC 6455, section 5): written, and taken apart into messages. Without I/O, for
// both roles.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/utf8_validator.h"

namespace selvage::http {

enum class WebSocketOpcode : uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

using WebSocketMask = std::array<uint8_t, 4>;

/// Appends one unfragmented frame to `out`; masked, as clients must, when `mask` is given.
/// `compressed`: the payload is that of a compressed message (RFC 7692, section 6).
void append_websocket_frame(std::string& out, WebSocketOpcode opcode, std::string_view payload,
                            const std::optional<WebSocketMask>& mask, bool compressed = false);

/// The payload of a close frame: `code` and as much of `reason` as fits (123 bytes, whole
/// characters); empty when `code` is 1005.
std::string websocket_close_payload(uint16_t code, std::string_view reason);

/// Whether a close frame may carry `code` (RFC 6455, section 7.4).
bool is_websocket_close_code(uint16_t code);

/// XORs `size` bytes with `mask`, the first with mask[offset % 4].
void apply_websocket_mask(char* bytes, size_t size, const WebSocketMask& mask, uint64_t offset);

/// Reads frames, joins fragments, and checks what there is to check: masking, reserved bits and
/// opcodes, the order of fragments, shortest lengths, UTF-8 of texts and reasons, close codes.
/// With permessage-deflate the payloads of compressed messages are joined and handed out as they
/// are: decompressing them, and the check for UTF-8, is up to the caller.
class WebSocketDecoder {
 public:
  enum class Event {
    more,     // the input is used up
    message,  // payload() is one, text() says which kind
    ping,     // to be answered with payload()
    pong,
    close,    // close_code(), and payload() is the reason; nothing is read after it
    refused,  // close_code() is what to close with, problem() says why; nothing is read after it
  };

  /// `masked`: frames must be (they come from a client), or must not be (from a server).
  /// `largest_message` in bytes: beyond, 1009.
  WebSocketDecoder(bool masked, size_t largest_message)
      : masked_(masked), largest_message_(largest_message) {}

  /// permessage-deflate was agreed on.
  void allow_compression() { compression_ = true; }
  /// Frames may be masked or not, each as it likes: for clients that are known to break the rule.
  void allow_any_masking() { any_masking_ = true; }

  /// Reads on to the next event; takes what it has read off the front of `input`.
  Event next(std::string_view& input);

  /// Valid until the next call, and as long as the input.
  [[nodiscard]] std::string_view payload() const { return payload_; }
  [[nodiscard]] bool text() const { return text_; }
  /// The message at hand is compressed.
  [[nodiscard]] bool compressed() const { return compressed_; }
  [[nodiscard]] uint16_t close_code() const { return close_code_; }
  [[nodiscard]] std::string_view problem() const { return problem_; }

 private:
  enum class State : uint8_t { header, payload, ended };

  // What is left of the frame at hand.
  bool take_header(std::string_view& input);
  bool begin_frame();
  std::optional<Event> take_payload(std::string_view& input);
  Event finish_control();
  Event refuse(uint16_t code, std::string_view problem);
  [[nodiscard]] bool is_control() const { return static_cast<uint8_t>(opcode_) >= 8; }

  bool masked_;  // of the frame at hand, when any will do
  bool any_masking_ = false;
  const size_t largest_message_;
  State state_ = State::header;
  std::array<uint8_t, 14> header_{};
  uint8_t header_size_ = 0;  // bytes of it that are here
  WebSocketOpcode opcode_ = WebSocketOpcode::continuation;
  bool final_ = false;
  WebSocketMask mask_{};
  uint64_t frame_size_ = 0;
  uint64_t frame_taken_ = 0;
  bool in_message_ = false;  // fragments came, the last did not
  bool text_ = false;
  bool compression_ = false;
  bool compressed_ = false;
  bool delivered_ = false;  // message_ was handed out, and can be cleared
  std::string message_;
  std::string control_;
  Utf8Validator utf8_;
  std::string_view payload_;
  uint16_t close_code_ = 0;
  std::string_view problem_;
};

}  // namespace selvage::http
