#include "http/websocket_codec.h"

#include <algorithm>
#include <cstring>

#include "http/websocket_endpoint.h"

namespace selvage::http {
namespace {

constexpr uint16_t kProtocolError = 1002;
constexpr size_t kLongestControlPayload = 125;
// Bytes of a frame from which on there is room for the rest of it.
constexpr uint64_t kRoomFrom = 1 << 20;
// Memory that a connection keeps between its messages.
constexpr size_t kKeptCapacity = 4 << 10;

}  // namespace

void append_websocket_frame(std::string& out, WebSocketOpcode opcode, std::string_view payload,
                            const std::optional<WebSocketMask>& mask, bool compressed) {
  std::array<char, 14> header;
  size_t size = 0;
  header[size++] = static_cast<char>(0x80 | (compressed ? 0x40 : 0) | static_cast<uint8_t>(opcode));
  const char mask_bit = mask ? '\x80' : '\0';
  int length_bytes = 0;
  if (payload.size() < 126) {
    header[size++] = static_cast<char>(mask_bit | static_cast<char>(payload.size()));
  } else if (payload.size() <= 0xffff) {
    header[size++] = static_cast<char>(mask_bit | 126);
    length_bytes = 2;
  } else {
    header[size++] = static_cast<char>(mask_bit | 127);
    length_bytes = 8;
  }
  for (int shift = 8 * (length_bytes - 1); shift >= 0; shift -= 8) {
    header[size++] = static_cast<char>(static_cast<uint64_t>(payload.size()) >> shift);
  }
  if (mask) {
    std::memcpy(header.data() + size, mask->data(), mask->size());
    size += mask->size();
  }
  out.append(header.data(), size);
  out.append(payload);
  if (mask) {
    apply_websocket_mask(out.data() + out.size() - payload.size(), payload.size(), *mask, 0);
  }
}

std::string websocket_close_payload(uint16_t code, std::string_view reason) {
  if (!is_websocket_close_code(code)) return {};
  if (reason.size() > kLongestControlPayload - 2) {
    reason = reason.substr(0, kLongestControlPayload - 2);
    // Not in the middle of a character.
    while (!reason.empty() && !is_utf8(reason)) reason.remove_suffix(1);
  }
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  payload += reason;
  return payload;
}

bool is_websocket_close_code(uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

void apply_websocket_mask(char* bytes, size_t size, const WebSocketMask& mask, uint64_t offset) {
  std::array<uint8_t, 8> rotated;
  for (size_t i = 0; i < rotated.size(); ++i) rotated[i] = mask[(offset + i) % 4];
  uint64_t word_mask = 0;
  std::memcpy(&word_mask, rotated.data(), sizeof word_mask);
  size_t at = 0;
  for (; size - at >= 8; at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, bytes + at, sizeof word);
    word ^= word_mask;
    std::memcpy(bytes + at, &word, sizeof word);
  }
  for (; at < size; ++at) bytes[at] = static_cast<char>(bytes[at] ^ rotated[at % 8]);
}

WebSocketDecoder::Event WebSocketDecoder::next(std::string_view& input) {
  if (delivered_) {
    delivered_ = false;
    message_.clear();
    if (message_.capacity() > kKeptCapacity) message_.shrink_to_fit();
  }
  while (state_ != State::ended) {
    if (state_ == State::header) {
      if (!take_header(input)) return Event::more;
      if (!begin_frame()) return Event::refused;
      state_ = State::payload;
    }
    if (const std::optional<Event> event = take_payload(input)) return *event;
    if (input.empty() && frame_taken_ != frame_size_) return Event::more;
  }
  input = {};
  return Event::more;
}

// Collects the header, which may come in pieces. True when it is whole.
bool WebSocketDecoder::take_header(std::string_view& input) {
  while (true) {
    size_t needed = 2;
    if (header_size_ >= 2) {
      const uint8_t length = header_[1] & 0x7f;
      needed += (length == 126 ? 2 : length == 127 ? 8 : 0) + ((header_[1] & 0x80) != 0 ? 4 : 0);
    }
    if (header_size_ == needed) return true;
    if (input.empty()) return false;
    const size_t size = std::min(needed - header_size_, input.size());
    std::memcpy(header_.data() + header_size_, input.data(), size);
    header_size_ = static_cast<uint8_t>(header_size_ + size);
    input.remove_prefix(size);
    if (header_size_ == 2 && any_masking_) masked_ = (header_[1] & 0x80) != 0;
    // A header that is wrong from its second byte on need not be waited for.
    if (header_size_ == 2 && ((header_[1] & 0x80) != 0) != masked_) return true;
  }
}

bool WebSocketDecoder::begin_frame() {
  const auto refused = [this](uint16_t code, std::string_view problem) {
    refuse(code, problem);
    return false;
  };
  const uint8_t first = header_[0];
  const uint8_t second = header_[1];
  // Only the first frame of a message says that it is compressed.
  const bool begins_message = (first & 0x0f) == 1 || (first & 0x0f) == 2;
  if ((first & (compression_ && begins_message ? 0x30 : 0x70)) != 0) {
    return refused(kProtocolError,
                   compression_ ? "a frame uses a reserved bit that it may not"
                                : "a frame uses a reserved bit, and no extension was agreed on");
  }
  if (((second & 0x80) != 0) != masked_) {
    return refused(kProtocolError,
                   masked_ ? "a client's frame is not masked" : "a server's frame is masked");
  }
  final_ = (first & 0x80) != 0;
  opcode_ = static_cast<WebSocketOpcode>(first & 0x0f);

  frame_size_ = second & 0x7f;
  const size_t length_bytes = frame_size_ == 126 ? 2 : frame_size_ == 127 ? 8 : 0;
  if (length_bytes != 0) {
    frame_size_ = 0;
    for (size_t i = 0; i < length_bytes; ++i) frame_size_ = frame_size_ << 8 | header_[2 + i];
    if (frame_size_ < 126 || (length_bytes == 8 && frame_size_ <= 0xffff) || frame_size_ >> 63) {
      return refused(kProtocolError, "a frame's length is not in its shortest form");
    }
  }
  if (masked_) std::memcpy(mask_.data(), header_.data() + 2 + length_bytes, mask_.size());
  frame_taken_ = 0;
  header_size_ = 0;

  switch (opcode_) {
    case WebSocketOpcode::close:
    case WebSocketOpcode::ping:
    case WebSocketOpcode::pong:
      if (!final_) return refused(kProtocolError, "a control frame is fragmented");
      if (frame_size_ > kLongestControlPayload) {
        return refused(kProtocolError, "a control frame has more than 125 bytes");
      }
      control_.clear();
      return true;
    case WebSocketOpcode::continuation:
      if (!in_message_) return refused(kProtocolError, "a fragment continues no message");
      break;
    case WebSocketOpcode::text:
    case WebSocketOpcode::binary:
      if (in_message_) return refused(kProtocolError, "a message begins within another one");
      in_message_ = true;
      text_ = opcode_ == WebSocketOpcode::text;
      compressed_ = (first & 0x40) != 0;
      utf8_.reset();
      break;
    default: return refused(kProtocolError, "a frame has a reserved opcode");
  }
  if (frame_size_ > largest_message_ - message_.size()) {
    return refused(kCloseMessageTooBig, "a message is larger than the limit");
  }
  return true;
}

// Takes what is here of the payload; an event when that completes something.
std::optional<WebSocketDecoder::Event> WebSocketDecoder::take_payload(std::string_view& input) {
  const auto size =
      static_cast<size_t>(std::min<uint64_t>(frame_size_ - frame_taken_, input.size()));
  std::string_view piece = input.substr(0, size);
  input.remove_prefix(size);
  const bool whole_message =
      !masked_ && !is_control() && final_ && size == frame_size_ && message_.empty();
  if (!whole_message) {
    std::string& into = is_control() ? control_ : message_;
    // Growing by and by would copy a large message several times. Room for all of it is for those
    // who have sent a good deal of it, so that announcing costs nobody else memory.
    if (frame_taken_ >= kRoomFrom) into.reserve(into.size() + (frame_size_ - frame_taken_));
    into.append(piece);
    if (masked_) {
      apply_websocket_mask(into.data() + into.size() - size, size, mask_, frame_taken_);
    }
    piece = std::string_view(into).substr(into.size() - size);
  }
  frame_taken_ += size;
  if (!is_control() && text_ && !compressed_ && !utf8_.feed(piece)) {
    return refuse(kCloseInvalidData, "a text message is not UTF-8");
  }
  if (frame_taken_ != frame_size_) return std::nullopt;

  state_ = State::header;
  if (is_control()) return finish_control();
  if (!final_) return std::nullopt;
  if (text_ && !compressed_ && !utf8_.complete())
    return refuse(kCloseInvalidData, "a text message is not UTF-8");
  in_message_ = false;
  payload_ = whole_message ? piece : std::string_view(message_);
  delivered_ = true;
  return Event::message;
}

WebSocketDecoder::Event WebSocketDecoder::finish_control() {
  payload_ = control_;
  if (opcode_ == WebSocketOpcode::ping) return Event::ping;
  if (opcode_ == WebSocketOpcode::pong) return Event::pong;
  close_code_ = kCloseNoStatus;
  if (!control_.empty()) {
    if (control_.size() == 1) return refuse(kProtocolError, "a close code has one byte");
    close_code_ = static_cast<uint16_t>(static_cast<uint8_t>(control_[0]) << 8 |
                                        static_cast<uint8_t>(control_[1]));
    if (!is_websocket_close_code(close_code_)) {
      return refuse(kProtocolError, "a close code is not one that may be sent");
    }
    payload_.remove_prefix(2);
    if (!is_utf8(payload_)) return refuse(kCloseInvalidData, "a close reason is not UTF-8");
  }
  state_ = State::ended;
  return Event::close;
}

WebSocketDecoder::Event WebSocketDecoder::refuse(uint16_t code, std::string_view problem) {
  state_ = State::ended;
  close_code_ = code;
  problem_ = problem;
  payload_ = {};
  return Event::refused;
}

}  // namespace selvage::http
