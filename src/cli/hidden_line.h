// What a person types and nobody else should see.
#pragma once

#include <optional>
#include <string>

namespace selvage::cli {

/// Asks at the terminal, and reads a line without showing it. nullopt when standard input is none.
std::optional<std::string> read_hidden_line(const std::string& question);

}  // namespace selvage::cli
