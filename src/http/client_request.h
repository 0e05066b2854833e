// What the client puts on the wire before a body: where a URL leads, and the head of a request
// (RFC 9112 section 3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"
#include "net/connector.h"

namespace selvage::http {

struct ClientUrl {
  net::Destination destination;
  std::string authority;  // for the Host field: "host" or "host:port"
  std::string target;     // origin form: "/path?query"

  /// Names what a connection can be shared for: "https://host:port".
  [[nodiscard]] std::string origin() const;
};

/// Splits an absolute, normalised http or https URL. A fragment is left out; credentials and other
/// schemes are errors that say so.
Result<ClientUrl> parse_client_url(std::string_view url);

/// How the request's body is delimited.
struct RequestFraming {
  bool chunked = false;
  std::optional<uint64_t> content_length;  // of the body, or 0 where a body is expected
};

RequestFraming framing_of(const Request& request);

struct RequestHeadOptions {
  /// Adds "Accept-Encoding: gzip, br" when the caller says nothing about it.
  bool accept_compressed = true;
  /// Set: asks for a WebSocket with this Sec-WebSocket-Key (RFC 6455 section 4.1).
  std::string websocket_key;
};

/// The request line and all fields, with the empty line. Fields of one hop and Host are the
/// client's own: those of the caller are left out. A header block that would break out of its lines
/// is an error.
Result<std::string> serialize_request_head(const Request& request, const ClientUrl& url,
                                           const RequestFraming& framing,
                                           const RequestHeadOptions& options);

/// RFC 9110 section 9.2.2: sending it twice is as good as once.
bool is_idempotent(std::string_view method);

}  // namespace selvage::http
