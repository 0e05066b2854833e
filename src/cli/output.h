// What commands print for scripts.
#pragma once

#include <nlohmann/json.hpp>

namespace selvage::cli {

/// On standard output, indented, with a line break at the end.
void print_json(const nlohmann::ordered_json& value);

}  // namespace selvage::cli
