// URLs as attributes of spans: https://opentelemetry.io/docs/specs/semconv/registry/attributes/url/
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "trace/span.h"

namespace selvage::trace {

/// The parts of an absolute URL that is normalised. Views into it.
struct UrlParts {
  std::string_view scheme;
  std::string_view host;  // without brackets
  uint16_t port = 0;      // the scheme's own where none is written; 0: neither
  std::string_view path;
  std::string_view query;  // without "?"
};
UrlParts split_url(std::string_view url);

/// `query` with "REDACTED" for the values that are known to be signatures of signed URLs.
std::string redact_query(std::string_view query);

/// url.scheme, url.path, url.query, server.address, server.port.
void describe_target(Span& span, std::string_view url);
/// url.full, server.address, server.port: of a request that is sent.
void describe_url(Span& span, std::string_view url);
/// http.request.method, with what the semantic conventions want of unknown ones; the span's name.
void describe_method(Span& span, std::string_view method);

}  // namespace selvage::trace
