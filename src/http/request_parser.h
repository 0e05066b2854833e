// The head of an HTTP/1.x request, read in place (RFC 9112, sections 2, 3, 5 and 6; RFC 9110; the
// opening handshake of RFC 6455, section 4.2.1).
//
// Strict, because a proxy in front might read a doubtful message in another way than we do: CR LF
// only, no folded lines, no space before a colon, one Host, one way to tell the body's length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace selvage::http {

/// Whether a request opens a WebSocket. Only a GET of HTTP/1.1 whose Connection names "upgrade" and
/// whose Upgrade names "websocket" means to.
enum class WebSocketHandshake : uint8_t {
  none,
  valid,
  wrong_version,  // Sec-WebSocket-Version is not 13: to be answered with 426
  malformed,      // the key is missing, doubled, or not 16 bytes in base64; or there is a body
};

/// What a request's head says. The views point into the buffer that was parsed.
struct RequestHead {
  std::string_view method;
  /// Origin form ("/path?query"), or "*", or for CONNECT the authority. An absolute form is split:
  /// this is what follows its authority, "/" when nothing does; it then may also begin with '?'.
  std::string_view target;
  /// Authority of an absolute form, or else the Host field; "" when absent.
  std::string_view host;
  /// The field lines, each with its CR LF, without the empty line.
  std::string_view header_block;
  std::string_view websocket_key;          // when the handshake is valid
  std::optional<uint64_t> content_length;  // below 2^63
  int minor_version = 1;                   // 0 or 1; a later 1.x is answered as 1.1
  bool chunked = false;
  bool keep_alive = true;        // by version and Connection
  bool expect_continue = false;  // there is a body, and the client waits for "100 Continue"
  WebSocketHandshake websocket = WebSocketHandshake::none;

  [[nodiscard]] bool has_body() const { return chunked || content_length.value_or(0) != 0; }
};

/// Parses one head from a buffer that grows. Never allocates; never looks at a byte more than
/// twice, however slowly the bytes come.
class RequestParser {
 public:
  struct Limits {
    size_t request_line = 16 << 10;  // bytes, without CR LF: beyond, 414
    size_t headers = 128 << 10;      // bytes of all field lines and the empty line: beyond, 431
    uint32_t fields = 512;           // beyond, 431
  };
  enum class Status : uint8_t { incomplete, complete, refused };

  explicit RequestParser(const Limits& limits) : limits_(limits) {}

  /// `buffered` is all there is from the message's first byte; between calls it may grow and move,
  /// not change. After `complete` or `refused`, call reset() first.
  Status parse(std::string_view buffered);
  /// Forgets what was parsed, for the next message.
  void reset();

  /// After `complete`.
  [[nodiscard]] const RequestHead& head() const { return head_; }
  /// After `complete`: bytes of the head, with its empty line: where the body begins.
  [[nodiscard]] size_t head_size() const { return position_; }
  /// After `complete`: the message has moved to `message`; the views of head() follow it.
  void rebase(const char* message) { place_views(message); }

  /// After `refused`: the status to answer with, and a sentence that says what is wrong.
  [[nodiscard]] int refused_status() const { return refused_status_; }
  [[nodiscard]] std::string_view refused_because() const { return refused_because_; }

 private:
  // A part of the message, independent of where the buffer lies.
  struct Span {
    uint32_t offset = 0;
    uint32_t size = 0;
  };
  enum class Stage : uint8_t { start, request_line, fields };

  bool refuse(int status, std::string_view because);
  bool parse_request_line(const char* message, std::string_view line);
  bool parse_target(const char* message, std::string_view target);
  bool parse_absolute_form(const char* message, std::string_view target, size_t scheme_size);
  bool parse_field(const char* message, std::string_view line);
  bool note_host(const char* message, std::string_view value);
  bool note_content_length(std::string_view value);
  void note_transfer_encoding(std::string_view value);
  bool note_expect(std::string_view value);
  void note_connection(std::string_view value);
  bool finish(const char* message);
  [[nodiscard]] WebSocketHandshake judge_websocket(const char* message) const;
  void place_views(const char* message);

  // What the lines so far said; forgotten with each message.
  struct Seen {
    Stage stage = Stage::start;
    bool target_is_root = false;  // an absolute form without a path
    bool authority_in_target = false;
    bool connect = false;
    bool host = false;
    bool transfer_encoding = false;
    bool chunked = false;
    bool other_coding = false;
    bool expects_continue = false;
    bool close = false;
    bool keep_alive = false;
    bool upgrade = false;
    bool websocket = false;
    bool websocket_version_13 = false;
    uint8_t websocket_versions = 0;
    uint8_t websocket_keys = 0;
    uint32_t fields = 0;
    Span method, target, host_value, header_block, websocket_key;
  };

  Limits limits_;
  size_t position_ = 0;  // start of the line that is not parsed yet
  size_t scanned_ = 0;   // no line feed between position_ and here
  size_t fields_start_ = 0;
  Seen seen_;
  RequestHead head_;
  int refused_status_ = 0;
  std::string_view refused_because_;
};

}  // namespace selvage::http
