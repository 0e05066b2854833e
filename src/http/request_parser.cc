#include "http/request_parser.h"

#include <cstring>

#include "http/syntax.h"

namespace selvage::http {
namespace {

constexpr std::string_view kVersionPrefix = "HTTP/1.";
constexpr size_t kVersionSize = kVersionPrefix.size() + 1;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// An authority without user information: host, or host:port (RFC 3986, section 3.2). May be empty.
bool is_authority(std::string_view text) {
  size_t host_end = 0;
  if (text.starts_with('[')) {
    constexpr std::string_view kAddressCharacters = "0123456789abcdefABCDEF:.";
    host_end = text.find_first_not_of(kAddressCharacters, 1);
    if (host_end == std::string_view::npos || host_end < 3 || text[host_end] != ']') return false;
    ++host_end;
  } else {
    while (host_end < text.size() && has_class(text[host_end], kHostCharacter)) ++host_end;
    if (host_end == 0) return text.empty();
  }
  const std::string_view rest = text.substr(host_end);
  if (rest.empty()) return true;
  if (rest.front() != ':' || rest.size() > 6) return false;
  for (char c : rest.substr(1)) {
    if (!is_digit(c)) return false;
  }
  return true;
}

// 16 bytes in base64: 22 digits and two signs of equality.
bool is_websocket_key(std::string_view key) {
  if (key.size() != 24 || !key.ends_with("==")) return false;
  for (char c : key.substr(0, 22)) {
    if (!detail::is_alphanumeric(c) && c != '+' && c != '/') return false;
  }
  return true;
}

}  // namespace

RequestParser::Status RequestParser::parse(std::string_view buffered) {
  const char* const message = buffered.data();
  if (seen_.stage == Stage::start) {
    // One empty line before the request line is forgiven (RFC 9112, section 2.2).
    if (buffered.empty()) return Status::incomplete;
    if (position_ == 0 && message[0] == '\r') {
      if (buffered.size() < 2) return Status::incomplete;
      if (message[1] != '\n') {
        refuse(400, "The request begins with a bare CR.");
        return Status::refused;
      }
      position_ = scanned_ = 2;
    }
    if (position_ == buffered.size()) return Status::incomplete;
    if (const char first = message[position_]; !has_class(first, kTokenCharacter)) {
      refuse(400, first == '\x16' ? "This port speaks plain HTTP, and the client spoke TLS."
                                  : "The request does not begin with a method.");
      return Status::refused;
    }
    seen_.stage = Stage::request_line;
  }

  while (true) {
    const void* found = nullptr;
    if (scanned_ < buffered.size()) {
      found = std::memchr(message + scanned_, '\n', buffered.size() - scanned_);
    }
    const size_t line_feed = found != nullptr
                                 ? static_cast<size_t>(static_cast<const char*>(found) - message)
                                 : buffered.size();
    // The limits hold for lines that are still coming in, too.
    if (seen_.stage == Stage::request_line) {
      if (line_feed - position_ > limits_.request_line + 1) {
        refuse(414, "The request line is too long.");
        return Status::refused;
      }
    } else if (line_feed - fields_start_ >= limits_.headers) {
      refuse(431, "The header fields are too long.");
      return Status::refused;
    }
    if (found == nullptr) {
      scanned_ = buffered.size();
      return Status::incomplete;
    }
    if (line_feed == position_ || message[line_feed - 1] != '\r') {
      refuse(400, "A line of the head ends with LF alone; CR LF is needed.");
      return Status::refused;
    }
    const std::string_view line(message + position_, line_feed - 1 - position_);
    if (seen_.stage == Stage::request_line) {
      if (!parse_request_line(message, line)) return Status::refused;
      seen_.stage = Stage::fields;
      fields_start_ = line_feed + 1;
    } else if (!line.empty()) {
      if (!parse_field(message, line)) return Status::refused;
    } else {
      seen_.header_block = {static_cast<uint32_t>(fields_start_),
                            static_cast<uint32_t>(position_ - fields_start_)};
      position_ = line_feed + 1;
      return finish(message) ? Status::complete : Status::refused;
    }
    position_ = scanned_ = line_feed + 1;
  }
}

void RequestParser::reset() {
  position_ = scanned_ = fields_start_ = 0;
  seen_ = Seen{};
  head_.content_length.reset();
}

bool RequestParser::refuse(int status, std::string_view because) {
  refused_status_ = status;
  refused_because_ = because;
  return false;
}

bool RequestParser::parse_request_line(const char* message, std::string_view line) {
  size_t method_end = 0;
  while (method_end < line.size() && has_class(line[method_end], kTokenCharacter)) ++method_end;
  if (method_end == line.size() || line[method_end] != ' ') {
    return refuse(400, "The method is not followed by a space and a target.");
  }
  seen_.method = {static_cast<uint32_t>(position_), static_cast<uint32_t>(method_end)};

  const size_t target_start = method_end + 1;
  if (line.size() < target_start + 1 + kVersionSize ||
      line[line.size() - kVersionSize - 1] != ' ') {
    return refuse(400, "The request line is not \"METHOD target HTTP/1.1\".");
  }
  const std::string_view version = line.substr(line.size() - kVersionSize);
  if (!version.starts_with(kVersionPrefix) || !is_digit(version.back())) {
    const bool other_version = version.starts_with("HTTP/") && is_digit(version[5]) &&
                               version[6] == '.' && is_digit(version[7]);
    return other_version ? refuse(505, "This port speaks HTTP/1.1 and HTTP/1.0.")
                         : refuse(400, "The request line does not end with an HTTP version.");
  }
  head_.minor_version = version.back() == '0' ? 0 : 1;

  const std::string_view target =
      line.substr(target_start, line.size() - kVersionSize - 1 - target_start);
  for (char c : target) {
    if (!has_class(c, kTargetCharacter)) {
      return refuse(400, "The request target holds a forbidden character.");
    }
  }
  return parse_target(message, target);
}

bool RequestParser::parse_target(const char* message, std::string_view target) {
  if (target.empty()) return refuse(400, "The request target is empty.");
  const auto at = static_cast<uint32_t>(target.data() - message);
  seen_.target = {at, static_cast<uint32_t>(target.size())};
  const std::string_view method(message + seen_.method.offset, seen_.method.size);
  if (method == "CONNECT") {
    seen_.connect = true;
    seen_.authority_in_target = true;
    seen_.host_value = seen_.target;
    return is_authority(target) || refuse(400, "The target of CONNECT is not host:port.");
  }
  if (target.front() == '/') return true;
  if (target == "*") {
    return method == "OPTIONS" || refuse(400, "Only OPTIONS can have the target \"*\".");
  }
  constexpr std::string_view kHttp = "http://";
  constexpr std::string_view kHttps = "https://";
  if (equals_ignoring_case(target.substr(0, kHttp.size()), kHttp)) {
    return parse_absolute_form(message, target, kHttp.size());
  }
  if (equals_ignoring_case(target.substr(0, kHttps.size()), kHttps)) {
    return parse_absolute_form(message, target, kHttps.size());
  }
  return refuse(400, "The request target is neither a path nor an http URL.");
}

bool RequestParser::parse_absolute_form(const char* message, std::string_view target,
                                        size_t scheme_size) {
  size_t authority_end = target.find_first_of("/?", scheme_size);
  if (authority_end == std::string_view::npos) authority_end = target.size();
  const std::string_view authority = target.substr(scheme_size, authority_end - scheme_size);
  if (authority.empty() || authority.front() == ':' || !is_authority(authority)) {
    return refuse(400, "The host of the request target is not valid.");
  }
  seen_.authority_in_target = true;
  seen_.host_value = {static_cast<uint32_t>(authority.data() - message),
                      static_cast<uint32_t>(authority.size())};
  seen_.target.offset += static_cast<uint32_t>(authority_end);
  seen_.target.size -= static_cast<uint32_t>(authority_end);
  seen_.target_is_root = seen_.target.size == 0;
  return true;
}

bool RequestParser::parse_field(const char* message, std::string_view line) {
  if (++seen_.fields > limits_.fields) return refuse(431, "There are too many header fields.");
  size_t name_size = 0;
  while (name_size < line.size() && has_class(line[name_size], kTokenCharacter)) ++name_size;
  if (name_size == line.size() || line[name_size] != ':' || name_size == 0) {
    if (line.front() == ' ' || line.front() == '\t') {
      return refuse(400, "A header line begins with a space; folded lines are obsolete.");
    }
    return refuse(400, "A header line is not \"name: value\".");
  }
  const std::string_view name = line.substr(0, name_size);
  const std::string_view value = trim_whitespace(line.substr(name_size + 1));
  if (!is_field_value(value)) {
    return refuse(400, "A header value holds a forbidden control character.");
  }

  switch (name.size()) {
    case 4:
      if (equals_ignoring_case(name, "host")) return note_host(message, value);
      break;
    case 6:
      if (equals_ignoring_case(name, "expect")) return note_expect(value);
      break;
    case 7:
      if (equals_ignoring_case(name, "upgrade")) {
        for (std::string_view list = value; !list.empty();) {
          if (equals_ignoring_case(take_list_element(list), "websocket")) seen_.websocket = true;
        }
      }
      break;
    case 10:
      if (equals_ignoring_case(name, "connection")) note_connection(value);
      break;
    case 14:
      if (equals_ignoring_case(name, "content-length")) return note_content_length(value);
      break;
    case 17:
      if (equals_ignoring_case(name, "transfer-encoding")) {
        note_transfer_encoding(value);
      } else if (equals_ignoring_case(name, "sec-websocket-key")) {
        if (seen_.websocket_keys < 2) ++seen_.websocket_keys;
        // Of an empty value, data() may point anywhere in the line; the size says it all.
        seen_.websocket_key = {static_cast<uint32_t>(value.data() - message),
                               static_cast<uint32_t>(value.size())};
      }
      break;
    case 21:
      if (equals_ignoring_case(name, "sec-websocket-version")) {
        if (seen_.websocket_versions < 2) ++seen_.websocket_versions;
        seen_.websocket_version_13 = value == "13";
      }
      break;
    default: break;
  }
  return true;
}

bool RequestParser::note_host(const char* message, std::string_view value) {
  if (seen_.host) return refuse(400, "There is more than one Host field.");
  seen_.host = true;
  if (!is_authority(value)) return refuse(400, "The Host field is not a valid host.");
  if (!seen_.authority_in_target) {
    seen_.host_value = {static_cast<uint32_t>(value.data() - message),
                        static_cast<uint32_t>(value.size())};
  }
  return true;
}

bool RequestParser::note_content_length(std::string_view value) {
  // A list of equal numbers is one number (RFC 9112, section 6.3).
  bool more = true;
  while (more) {
    more = value.find(',') != std::string_view::npos;
    const std::string_view number = take_list_element(value);
    if (number.empty()) return refuse(400, "Content-Length is not a number.");
    uint64_t length = 0;
    for (char c : number) {
      if (!is_digit(c)) return refuse(400, "Content-Length is not a number.");
      if (length > (uint64_t{1} << 59)) return refuse(413, "Content-Length is too large.");
      length = length * 10 + static_cast<uint64_t>(c - '0');
    }
    if (head_.content_length && *head_.content_length != length) {
      return refuse(400, "Content-Length is given twice, with different values.");
    }
    head_.content_length = length;
  }
  return true;
}

void RequestParser::note_transfer_encoding(std::string_view value) {
  seen_.transfer_encoding = true;
  if (!seen_.chunked && equals_ignoring_case(value, "chunked")) {
    seen_.chunked = true;
  } else {
    seen_.other_coding = true;  // lists, parameters, and "chunked" twice included
  }
}

bool RequestParser::note_expect(std::string_view value) {
  if (!equals_ignoring_case(value, "100-continue")) {
    return refuse(417, "The only expectation this server can meet is 100-continue.");
  }
  seen_.expects_continue = true;
  return true;
}

void RequestParser::note_connection(std::string_view value) {
  while (!value.empty()) {
    const std::string_view option = take_list_element(value);
    if (equals_ignoring_case(option, "close")) {
      seen_.close = true;
    } else if (equals_ignoring_case(option, "keep-alive")) {
      seen_.keep_alive = true;
    } else if (equals_ignoring_case(option, "upgrade")) {
      seen_.upgrade = true;
    }
  }
}

bool RequestParser::finish(const char* message) {
  if (!seen_.host && head_.minor_version > 0) {
    return refuse(400, "The Host field is missing.");
  }
  if (seen_.transfer_encoding) {
    if (head_.content_length) {
      return refuse(400, "Content-Length and Transfer-Encoding contradict each other.");
    }
    if (head_.minor_version == 0) return refuse(400, "HTTP/1.0 has no Transfer-Encoding.");
    if (seen_.other_coding) {
      return refuse(501, "The only transfer coding this server knows is \"chunked\", once.");
    }
  }
  head_.chunked = seen_.chunked;
  head_.keep_alive = !seen_.close && (head_.minor_version > 0 || seen_.keep_alive);
  head_.expect_continue = seen_.expects_continue && head_.minor_version > 0 && head_.has_body();
  head_.websocket = WebSocketHandshake::none;
  if (seen_.websocket && seen_.upgrade && head_.minor_version > 0) {
    head_.websocket = judge_websocket(message);
  }
  place_views(message);
  return true;
}

WebSocketHandshake RequestParser::judge_websocket(const char* message) const {
  if (std::string_view(message + seen_.method.offset, seen_.method.size) != "GET") {
    return WebSocketHandshake::none;
  }
  if (seen_.websocket_versions != 1 || !seen_.websocket_version_13) {
    return WebSocketHandshake::wrong_version;
  }
  const std::string_view key(message + seen_.websocket_key.offset, seen_.websocket_key.size);
  if (seen_.websocket_keys != 1 || !is_websocket_key(key) || head_.has_body()) {
    return WebSocketHandshake::malformed;
  }
  return WebSocketHandshake::valid;
}

void RequestParser::place_views(const char* message) {
  const auto view = [message](Span span) {
    return std::string_view(message + span.offset, span.size);
  };
  head_.method = view(seen_.method);
  head_.target = seen_.target_is_root ? std::string_view("/") : view(seen_.target);
  head_.host = view(seen_.host_value);
  head_.header_block = view(seen_.header_block);
  head_.websocket_key =
      head_.websocket == WebSocketHandshake::valid ? view(seen_.websocket_key) : std::string_view();
}

}  // namespace selvage::http
