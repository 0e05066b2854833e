// The client's side of HTTP/1.1 message parsing (RFC 9112): bytes of a connection to heads and
// bodies of responses, however the bytes are cut.
//
// Strict where leniency lets one server smuggle a response to another's request: bare CR or LF,
// folded lines, blanks before the colon, Transfer-Encoding beside Content-Length, unequal
// Content-Lengths and codings other than chunked are errors, and an error is final.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/chunked_decoder.h"
#include "http/message.h"

namespace selvage::http {

struct ResponseHead {
  int status = 0;  // 100-999
  std::string reason;
  /// Every line is "name: value\r\n", blanks around the value removed.
  HeaderBlock headers;
  /// From Content-Length; 0 when this response has no body, nullopt when only its end will tell.
  std::optional<uint64_t> body_length;
  bool has_body = false;
};

/// A value, without I/O.
class ResponseParser {
 public:
  /// What one head may take on the wire.
  static constexpr size_t kMostHeaderBytes = 128 * 1024;
  static constexpr int kMostInterimResponses = 32;

  enum class Event {
    need_more,  // all input is consumed
    head,       // head() is filled
    body,       // `body` is a piece of it, within the input
    complete,   // the response has ended; input may be left over
  };
  struct Step {
    Event event = Event::need_more;
    std::string_view body;
  };

  /// Starts on the next response of the connection. `to_head`: the request was a HEAD.
  /// `may_upgrade`: 101 is an answer, after which the bytes are another protocol's.
  void begin(bool to_head, bool may_upgrade = false);

  /// Consumes some of `input` from its front, up to the next event. 1xx responses other than an
  /// expected 101 are passed over.
  Result<Step> advance(std::string_view& input);
  /// The connection has ended. Says whether the response ended properly with it; where it did,
  /// complete() is true.
  Status finish();

  [[nodiscard]] ResponseHead& head() { return head_; }
  [[nodiscard]] bool complete() const { return state_ == State::complete; }
  /// Whether any byte of the response has come.
  [[nodiscard]] bool started() const { return started_; }
  /// Whether the connection may carry another exchange, once complete.
  [[nodiscard]] bool keep_alive() const { return keep_alive_; }
  /// Seconds after which the server closes an idle connection, from "Keep-Alive: timeout=".
  [[nodiscard]] std::optional<uint32_t> keep_alive_seconds() const { return keep_alive_seconds_; }

 private:
  enum class State {
    status_line,
    header_line,
    body_of_length,
    body_until_end,
    chunked_body,
    complete,
    broken,
  };

  void begin_head();
  Result<Step> advance_in_state(std::string_view& input);
  Result<bool> take_line(std::string_view& input);
  Status read_status_line(std::string_view line);
  Status read_header_line(std::string_view line);
  Status note_field(std::string_view name, std::string_view value);
  Status note_content_length(std::string_view value);
  void note_connection(std::string_view value);
  void note_keep_alive(std::string_view value);
  Result<Step> head_finished();
  Status decide_framing();
  Result<Step> take_chunked_body(std::string_view& input);

  State state_ = State::complete;
  bool to_head_ = false;
  bool may_upgrade_ = false;
  bool started_ = false;
  bool keep_alive_ = false;
  bool http_1_0_ = false;
  bool has_transfer_encoding_ = false;
  int interim_responses_ = 0;
  size_t header_bytes_ = 0;
  uint64_t remaining_ = 0;
  std::optional<uint64_t> content_length_;
  std::optional<uint32_t> keep_alive_seconds_;
  bool connection_close_ = false;
  bool connection_keep_alive_ = false;
  std::string line_;  // as much of the current line as has come, with its CR
  ChunkedDecoder chunks_;
  ResponseHead head_;
};

}  // namespace selvage::http
