// What `selvage help` and --help print.
#pragma once

#include <CLI/App.hpp>
#include <string>

namespace selvage::cli {

/// For the program (which lists its commands) or for one command (which lists its options).
std::string help_text(const CLI::App& command);

}  // namespace selvage::cli
