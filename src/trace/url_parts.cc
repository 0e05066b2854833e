#include "trace/url_parts.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace selvage::trace {
namespace {

constexpr std::array<std::string_view, 9> kMethods = {
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};
// As the semantic conventions list them.
constexpr std::array<std::string_view, 4> kSecrets = {"AWSAccessKeyId", "Signature", "sig",
                                                      "X-Goog-Signature"};

void set_server(Span& span, const UrlParts& parts) {
  span.set_if("server.address", parts.host);
  if (parts.port != 0) span.set("server.port", static_cast<int64_t>(parts.port));
}

}  // namespace

UrlParts split_url(std::string_view url) {
  UrlParts parts;
  const size_t colon = url.find("://");
  if (colon == std::string_view::npos) return parts;
  parts.scheme = url.substr(0, colon);
  url.remove_prefix(colon + 3);
  const size_t end = std::min(url.find_first_of("/?#"), url.size());
  std::string_view authority = url.substr(0, end);
  url.remove_prefix(end);
  url = url.substr(0, url.find('#'));
  const size_t question = url.find('?');
  parts.path = url.substr(0, question);
  if (question != std::string_view::npos) parts.query = url.substr(question + 1);
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
    authority.remove_prefix(at + 1);
  }
  parts.port = parts.scheme == "https" ? 443 : parts.scheme == "http" ? 80 : 0;
  // The last colon, unless it is within the brackets of an IPv6 address.
  const size_t port = authority.rfind(':');
  if (port != std::string_view::npos && authority.find(']', port) == std::string_view::npos) {
    const std::string_view digits = authority.substr(port + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), parts.port);
    authority = authority.substr(0, port);
  }
  if (authority.size() >= 2 && authority.front() == '[' && authority.back() == ']') {
    authority = authority.substr(1, authority.size() - 2);
  }
  parts.host = authority;
  return parts;
}

std::string redact_query(std::string_view query) {
  std::string text;
  while (!query.empty()) {
    const size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    const std::string_view name = pair.substr(0, pair.find('='));
    if (name.size() < pair.size() && std::ranges::find(kSecrets, name) != kSecrets.end()) {
      text.append(name).append("=REDACTED");
    } else {
      text.append(pair);
    }
    if (end == std::string_view::npos) break;
    text += '&';
    query.remove_prefix(end + 1);
  }
  return text;
}

void describe_target(Span& span, std::string_view url) {
  const UrlParts parts = split_url(url);
  span.set_if("url.scheme", parts.scheme);
  span.set_if("url.path", parts.path);
  span.set_if("url.query", redact_query(parts.query));
  set_server(span, parts);
}

void describe_url(Span& span, std::string_view url) {
  const UrlParts parts = split_url(url);
  std::string full = std::string(parts.scheme) + "://";
  // Without user and password.
  if (const size_t host = url.find(parts.host); !parts.host.empty()) {
    const size_t end = url.find_first_of("/?#", host);
    const size_t start = url.substr(0, host).ends_with('[') ? host - 1 : host;
    full.append(url.substr(start, std::min(end, url.size()) - start));
  }
  full.append(parts.path);
  if (!parts.query.empty()) full.append("?").append(redact_query(parts.query));
  span.set("url.full", full);
  set_server(span, parts);
}

void describe_method(Span& span, std::string_view method) {
  if (std::ranges::find(kMethods, method) != kMethods.end()) {
    span.set("http.request.method", method);
    span.name = method;
    return;
  }
  span.set("http.request.method", "_OTHER");
  span.set("http.request.method_original", method);
  span.name = "HTTP";
}

}  // namespace selvage::trace
