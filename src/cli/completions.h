// What shells complete after `selvage `: its commands and their options.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace selvage::cli {

/// A script for "bash", "zsh" or "fish", to be read by the shell at its start. Values of options
/// and arguments are completed as names of files.
Result<std::string> completion_script(const CLI::App& program, std::string_view shell);

}  // namespace selvage::cli
