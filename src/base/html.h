// Text in HTML.
#pragma once

#include <string>
#include <string_view>

namespace selvage {

/// As content of an element, or of an attribute in quotes of either kind.
std::string escape_html(std::string_view text);

}  // namespace selvage
