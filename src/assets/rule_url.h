// The paths and URLs that stand in _headers and _redirects, checked and in normal form.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace selvage::assets {

struct RuleUrlOptions {
  bool only_relative = false;
  bool ports_allowed = true;
  bool keeps_search_and_hash = false;
};

/// "/path" or "https://host/path"; the error is a sentence for the author of the file.
Result<std::string> parse_rule_url(std::string_view text, const RuleUrlOptions& options);
/// Whether it is of the form "https://host...".
bool rule_url_has_host(std::string_view text);

}  // namespace selvage::assets
