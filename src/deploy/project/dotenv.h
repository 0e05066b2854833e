// .dev.vars and .env files.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace selvage::deploy {

using Variables = std::vector<std::pair<std::string, std::string>>;

/// Lines NAME=value, as the npm package dotenv reads them: an optional `export`, comments after #,
/// values bare (trimmed), or in ' " ` quotes, which may span lines; \n and \r are expanded between
/// double quotes only. A later line wins. Errors read "12: what is wrong".
Result<Variables> parse_dotenv(std::string_view text);

/// Sets or replaces.
void set_variable(Variables& variables, std::string_view name, std::string value);

}  // namespace selvage::deploy
