#include "http/response_parser.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "http/syntax.h"

namespace selvage::http {
namespace {

tl::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorCode::corrupt,
              "the server's answer is not valid HTTP/1.1: " + std::string(what));
}

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

void ResponseParser::begin(bool to_head, bool may_upgrade) {
  to_head_ = to_head;
  may_upgrade_ = may_upgrade;
  started_ = false;
  interim_responses_ = 0;
  keep_alive_seconds_.reset();
  begin_head();
}

void ResponseParser::begin_head() {
  state_ = State::status_line;
  keep_alive_ = false;
  http_1_0_ = false;
  has_transfer_encoding_ = false;
  header_bytes_ = 0;
  remaining_ = 0;
  content_length_.reset();
  connection_close_ = false;
  connection_keep_alive_ = false;
  line_.clear();
  head_ = {};
}

Result<ResponseParser::Step> ResponseParser::advance(std::string_view& input) {
  Result<Step> step = advance_in_state(input);
  if (!step) state_ = State::broken;
  return step;
}

Result<ResponseParser::Step> ResponseParser::advance_in_state(std::string_view& input) {
  while (true) {
    if (state_ == State::complete) return Step{Event::complete, {}};
    if (state_ == State::broken) return malformed("there was an error before");
    if (input.empty()) return Step{};
    started_ = true;
    switch (state_) {
      case State::status_line:
      case State::header_line: {
        SELVAGE_TRY(const bool whole, take_line(input));
        if (!whole) return Step{};
        const std::string line = std::exchange(line_, {});
        if (state_ == State::status_line) {
          SELVAGE_CHECK_STATUS(read_status_line(line));
          state_ = State::header_line;
        } else if (!line.empty()) {
          SELVAGE_CHECK_STATUS(read_header_line(line));
        } else {
          SELVAGE_TRY(const Step step, head_finished());
          if (step.event == Event::head) return step;
        }
        break;
      }
      case State::body_of_length: {
        const auto size = static_cast<size_t>(std::min<uint64_t>(remaining_, input.size()));
        const Step step{Event::body, input.substr(0, size)};
        input.remove_prefix(size);
        remaining_ -= size;
        if (remaining_ == 0) state_ = State::complete;
        return step;
      }
      case State::body_until_end: return Step{Event::body, std::exchange(input, {})};
      case State::chunked_body: return take_chunked_body(input);
      case State::complete:
      case State::broken: break;
    }
  }
}

/// Moves bytes to line_ until it is a whole line, then without CRLF.
Result<bool> ResponseParser::take_line(std::string_view& input) {
  const size_t line_feed = input.find('\n');
  const size_t size = line_feed == std::string_view::npos ? input.size() : line_feed + 1;
  header_bytes_ += size;
  if (header_bytes_ > kMostHeaderBytes) {
    return fail(ErrorCode::limit_exceeded, "the header of the server's answer is larger than " +
                                               std::to_string(kMostHeaderBytes / 1024) + " KiB");
  }
  line_.append(input.substr(0, size));
  input.remove_prefix(size);
  if (line_feed == std::string_view::npos) return false;
  line_.pop_back();
  if (line_.empty() || line_.back() != '\r') return malformed("a line ends without CR");
  line_.pop_back();
  return true;
}

/// status-line = HTTP-version SP status-code SP [ reason-phrase ], RFC 9112 section 4. Some servers
/// leave out the second space, which nothing can be confused with.
Status ResponseParser::read_status_line(std::string_view line) {
  if (!line.starts_with("HTTP/")) return malformed("it does not begin with HTTP/");
  line.remove_prefix(5);
  if (line.size() < 3 || !is_digit(line[0]) || line[1] != '.' || !is_digit(line[2])) {
    return malformed("there is no version in the status line");
  }
  if (line[0] != '1') {
    return fail(ErrorCode::unsupported, "the server answers in HTTP/" +
                                            std::string(line.substr(0, 3)) +
                                            ", this client speaks HTTP/1.1");
  }
  http_1_0_ = line[2] == '0';
  line.remove_prefix(3);
  if (line.size() < 4 || line[0] != ' ' || line[1] == '0' ||
      !std::all_of(line.begin() + 1, line.begin() + 4, is_digit) ||
      (line.size() > 4 && line[4] != ' ')) {
    return malformed("there is no three-digit status in the status line");
  }
  head_.status = (line[1] - '0') * 100 + (line[2] - '0') * 10 + (line[3] - '0');
  line.remove_prefix(std::min<size_t>(line.size(), 5));
  if (!is_field_value(line)) return malformed("a control character is in the reason phrase");
  head_.reason = line;
  return {};
}

Status ResponseParser::read_header_line(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') return malformed("a header line is folded");
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return malformed("a header line has no colon");
  const std::string_view name = line.substr(0, colon);
  if (!is_token(name)) return malformed("a header name holds a forbidden character");
  const std::string_view value = trim_whitespace(line.substr(colon + 1));
  if (!is_field_value(value)) {
    return malformed("the value of " + std::string(name) + " holds a control character");
  }
  head_.headers.append(name).append(": ").append(value).append("\r\n");
  return note_field(name, value);
}

Status ResponseParser::note_field(std::string_view name, std::string_view value) {
  if (equals_ignoring_case(name, "content-length")) return note_content_length(value);
  if (equals_ignoring_case(name, "transfer-encoding")) {
    if (has_transfer_encoding_ || !equals_ignoring_case(value, "chunked")) {
      return fail(ErrorCode::unsupported,
                  "the server's answer has Transfer-Encoding: " + std::string(value) +
                      ", which this client did not ask for");
    }
    has_transfer_encoding_ = true;
  } else if (equals_ignoring_case(name, "connection")) {
    note_connection(value);
  } else if (equals_ignoring_case(name, "keep-alive")) {
    note_keep_alive(value);
  }
  return {};
}

/// A list of equal lengths is one length (RFC 9110 section 8.6).
Status ResponseParser::note_content_length(std::string_view value) {
  if (value.ends_with(',')) return malformed("Content-Length is not a number");
  do {
    const std::string_view element = take_list_element(value);
    uint64_t length = 0;
    const char* const end = element.data() + element.size();
    const auto [at, error] = std::from_chars(element.data(), end, length);
    if (error != std::errc() || at != end || length > uint64_t{1} << 62) {
      return malformed("Content-Length is not a number");
    }
    if (content_length_.value_or(length) != length) {
      return malformed("there are different Content-Lengths");
    }
    content_length_ = length;
  } while (!value.empty());
  return {};
}

void ResponseParser::note_connection(std::string_view value) {
  while (!value.empty()) {
    const std::string_view option = take_list_element(value);
    if (equals_ignoring_case(option, "close")) connection_close_ = true;
    if (equals_ignoring_case(option, "keep-alive")) connection_keep_alive_ = true;
  }
}

void ResponseParser::note_keep_alive(std::string_view value) {
  constexpr std::string_view kTimeout = "timeout=";
  while (!value.empty()) {
    const std::string_view parameter = take_list_element(value);
    if (!equals_ignoring_case(parameter.substr(0, kTimeout.size()), kTimeout)) continue;
    const std::string_view number = parameter.substr(kTimeout.size());
    uint32_t seconds = 0;
    const char* const end = number.data() + number.size();
    const auto [at, error] = std::from_chars(number.data(), end, seconds);
    if (error == std::errc() && at == end) keep_alive_seconds_ = seconds;
  }
}

Result<ResponseParser::Step> ResponseParser::head_finished() {
  const bool upgrade = head_.status == 101;
  if (upgrade && !may_upgrade_) return malformed("101 Switching Protocols was not asked for");
  if (head_.status < 200 && !upgrade) {
    if (++interim_responses_ > kMostInterimResponses) return malformed("too many 1xx responses");
    begin_head();
    return Step{};
  }
  SELVAGE_CHECK_STATUS(decide_framing());
  keep_alive_ =
      keep_alive_ && !connection_close_ && !upgrade && (!http_1_0_ || connection_keep_alive_);
  return Step{Event::head, {}};
}

/// How long the body is: RFC 9112 section 6.3.
Status ResponseParser::decide_framing() {
  keep_alive_ = true;
  const int status = head_.status;
  if (has_transfer_encoding_ && (content_length_ || http_1_0_)) {
    return malformed(content_length_ ? "it has both Transfer-Encoding and Content-Length"
                                     : "Transfer-Encoding does not exist in HTTP/1.0");
  }
  if (to_head_ || status < 200 || status == 204 || status == 304) {
    head_.body_length = 0;
    state_ = State::complete;
    return {};
  }
  head_.has_body = true;
  if (has_transfer_encoding_) {
    chunks_ = {};
    state_ = State::chunked_body;
  } else if (content_length_) {
    head_.body_length = content_length_;
    remaining_ = *content_length_;
    state_ = remaining_ == 0 ? State::complete : State::body_of_length;
  } else {
    keep_alive_ = false;
    state_ = State::body_until_end;
  }
  return {};
}

Result<ResponseParser::Step> ResponseParser::take_chunked_body(std::string_view& input) {
  const ChunkedDecoder::Step step = chunks_.next(input);
  input.remove_prefix(step.consumed);
  switch (step.status) {
    case ChunkedDecoder::Status::data: return Step{Event::body, step.data};
    case ChunkedDecoder::Status::more: return Step{};
    case ChunkedDecoder::Status::done: state_ = State::complete; return Step{Event::complete, {}};
    case ChunkedDecoder::Status::malformed: break;
  }
  return malformed(chunks_.problem());
}

Status ResponseParser::finish() {
  switch (state_) {
    case State::complete: return {};
    case State::body_until_end: state_ = State::complete; return {};
    case State::broken: return malformed("there was an error before");
    case State::status_line:
    case State::header_line:
      state_ = State::broken;
      return fail(ErrorCode::unavailable,
                  started_ ? "the server closed the connection within the header of its answer"
                           : "the server closed the connection without an answer");
    default:
      state_ = State::broken;
      return fail(ErrorCode::unavailable,
                  "the server closed the connection before the end of its answer");
  }
}

}  // namespace selvage::http
