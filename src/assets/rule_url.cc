#include "assets/rule_url.h"

#include <algorithm>

#include "assets/url_path.h"

namespace selvage::assets {
namespace {

constexpr std::string_view kScheme = "https://";

std::string normal_path(std::string_view text, bool keeps_search_and_hash) {
  const std::string with_slash =
      text.starts_with('/') ? std::string(text) : "/" + std::string(text);
  const SplitTarget split = split_target(with_slash);
  std::string path = normalize_path(split.path);
  if (keeps_search_and_hash) path += normalize_search(split.search) + normalize_hash(split.hash);
  return path;
}

bool has_port(std::string_view host) {
  const size_t colon = host.rfind(':');
  return colon != std::string_view::npos && colon + 1 < host.size() &&
         std::ranges::all_of(host.substr(colon + 1), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

bool rule_url_has_host(std::string_view text) {
  if (!text.starts_with(kScheme)) return false;
  return text.find_first_not_of('/', kScheme.size()) != std::string_view::npos;
}

Result<std::string> parse_rule_url(std::string_view text, const RuleUrlOptions& options) {
  if (rule_url_has_host(text)) {
    if (options.only_relative) {
      return fail(ErrorCode::invalid_argument,
                  "only relative URLs are allowed here, and " + std::string(text) + " is absolute");
    }
    std::string_view rest = text.substr(text.find_first_not_of('/', kScheme.size()));
    const std::string_view host = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(rest.size(), host.size() + 1));
    if (!options.ports_allowed && has_port(host)) {
      return fail(ErrorCode::invalid_argument,
                  "a port is not supported here: " + std::string(text));
    }
    return std::string(kScheme) + std::string(host) +
           normal_path(rest, options.keeps_search_and_hash);
  }
  if (text.starts_with('/') || options.only_relative) {
    return normal_path(text, options.keeps_search_and_hash);
  }
  return fail(ErrorCode::invalid_argument,
              "a URL begins with / or with https://, and " + std::string(text) + " does not");
}

}  // namespace selvage::assets
