// Commands that messages show, to be run where the one before was.
#pragma once

#include <CLI/App.hpp>
#include <initializer_list>
#include <string>

namespace selvage::cli {

/// Those of `options` that were given to `command`, as a shell takes them: " --name demo --remote",
/// or "".
std::string given_options(const CLI::App& command, std::initializer_list<const char*> options);

}  // namespace selvage::cli
