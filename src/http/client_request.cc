#include "http/client_request.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "http/syntax.h"
#include "http/websocket_deflate.h"

namespace selvage::http {
namespace {

constexpr std::array<std::string_view, 10> kFieldsOfTheClient = {
    "connection", "content-length",   "expect",  "host",    "keep-alive",
    "te",         "proxy-connection", "trailer", "upgrade", "transfer-encoding"};

constexpr std::array<std::string_view, 3> kFieldsOfTheHandshake = {
    "sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions"};

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [name](std::string_view candidate) {
    return equals_ignoring_case(name, candidate);
  });
}

Result<uint16_t> parse_port(std::string_view text, std::string_view url) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) {
    return fail(ErrorCode::invalid_argument,
                "cannot fetch " + std::string(url) + ": its port is not 1 to 65535");
  }
  return port;
}

bool has_class_throughout(std::string_view text, CharacterClass wanted) {
  return std::all_of(text.begin(), text.end(), [wanted](char c) { return has_class(c, wanted); });
}

}  // namespace

std::string ClientUrl::origin() const {
  return (destination.tls ? "https://" : "http://") + destination.to_string();
}

Result<ClientUrl> parse_client_url(std::string_view url) {
  const auto refuse = [url](std::string_view why) {
    return fail(ErrorCode::invalid_argument,
                "cannot fetch " + std::string(url.substr(0, 200)) + ": " + std::string(why));
  };
  ClientUrl parsed;
  std::string_view rest = url.substr(0, url.find('#'));
  if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
    parsed.destination.port = 80;
  } else if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
    parsed.destination.port = 443;
    parsed.destination.tls = true;
  } else {
    return refuse("only http: and https: URLs can be fetched");
  }

  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  rest.remove_prefix(authority.size());
  if (authority.find('@') != std::string_view::npos) {
    return refuse("it contains a user name or password; send an Authorization header instead");
  }
  const bool is_v6 = authority.starts_with('[');
  const size_t host_end = is_v6 ? authority.find(']') : authority.find(':');
  if (is_v6 && host_end == std::string_view::npos) return refuse("its host is not closed by ]");
  const std::string_view host = authority.substr(0, is_v6 ? host_end + 1 : host_end);
  const std::string_view after_host = authority.substr(host.size());
  const bool valid_host = is_v6 ? net::Address::parse(host).has_value()
                                : !host.empty() && has_class_throughout(host, kHostCharacter) &&
                                      host.find_first_of("[]") == std::string_view::npos;
  if (!valid_host) {
    return refuse("its host is not valid");
  }
  if (!after_host.empty()) {
    if (after_host.front() != ':') return refuse("its host is not valid");
    SELVAGE_TRY(parsed.destination.port, parse_port(after_host.substr(1), url));
  }
  parsed.destination.host = host;
  parsed.authority = authority;
  if (!has_class_throughout(rest, kTargetCharacter))
    return refuse("its path contains a character that must be encoded");
  parsed.target = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
  return parsed;
}

RequestFraming framing_of(const Request& request) {
  const Body& body = request.body;
  if (body.present && body.pipe != nullptr) {
    return {.chunked = !body.length.has_value(), .content_length = body.length};
  }
  if (body.present) return {.chunked = false, .content_length = body.bytes.size()};
  // RFC 9110 section 8.6: where the method gives content a meaning, its absence is said.
  if (request.method == "POST" || request.method == "PUT" || request.method == "PATCH") {
    return {.chunked = false, .content_length = 0};
  }
  return {};
}

Result<std::string> serialize_request_head(const Request& request, const ClientUrl& url,
                                           const RequestFraming& framing,
                                           const RequestHeadOptions& options) {
  if (!is_token(request.method) || request.method == "CONNECT") {
    return fail(ErrorCode::invalid_argument,
                "cannot fetch with the method \"" + request.method.substr(0, 50) + "\"");
  }
  const bool websocket = !options.websocket_key.empty();
  std::string head;
  head.reserve(request.headers.size() + url.target.size() + 256);
  head.append(request.method).append(" ").append(url.target).append(" HTTP/1.1\r\nHost: ");
  head.append(url.authority).append("\r\n");

  bool accept_encoding = false;
  std::string_view block = request.headers;
  while (!block.empty()) {
    const FieldLine line = take_field_line(block);
    if (!is_token(line.name) || !is_field_value(line.value)) {
      return fail(ErrorCode::invalid_argument, "the header \"" +
                                                   std::string(line.name.substr(0, 100)) +
                                                   "\" holds a character that HTTP does not allow");
    }
    if (is_one_of(kFieldsOfTheClient, line.name)) continue;
    if (websocket && is_one_of(kFieldsOfTheHandshake, line.name)) continue;
    accept_encoding = accept_encoding || equals_ignoring_case(line.name, "accept-encoding");
    head.append(line.name).append(": ").append(line.value).append("\r\n");
  }
  if (websocket) {
    head.append("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n");
    head.append("Sec-WebSocket-Key: ").append(options.websocket_key).append("\r\n");
    head.append("Sec-WebSocket-Extensions: ").append(kDeflateOffer).append("\r\n");
  } else if (options.accept_compressed && !accept_encoding) {
    head.append("Accept-Encoding: gzip, br\r\n");
  }
  if (framing.chunked) {
    head.append("Transfer-Encoding: chunked\r\n");
  } else if (framing.content_length) {
    head.append("Content-Length: ").append(std::to_string(*framing.content_length)).append("\r\n");
  }
  head.append("\r\n");
  return head;
}

bool is_idempotent(std::string_view method) {
  constexpr std::array<std::string_view, 6> kMethods = {"GET", "HEAD",   "OPTIONS",
                                                        "PUT", "DELETE", "TRACE"};
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

}  // namespace selvage::http
