// Values of secrets, as people and scripts give them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"

namespace selvage::cli {

/// One, typed unseen at a terminal, or all of standard input without the line breaks at its end. An
/// empty one is an error, whose remedy shows `command` ("selvage secret put NAME").
Result<std::string> read_secret(const std::string& name, const std::string& command);

/// Many, from a file, or standard input when `path` is "" or "-": JSON {"NAME": "value"}, or else
/// lines NAME=value. What they are as JSON; null deletes.
Result<nlohmann::json> read_secrets(const std::string& path);

}  // namespace selvage::cli
