// Which data folder is the platform's, for commands that work on it directly.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "base/result.h"

namespace selvage::cli {

/// --data
void add_platform_option(CLI::App& command, std::string& data);

/// Absolute. `data` as --data gave it, "" for .selvage in this folder.
std::string data_folder(const std::string& data);

/// Of its PlatformStore, absolute. `data` as --data gave it, "" for .selvage in this folder.
/// `must_exist`: an error when no platform has been there.
Result<std::string> platform_folder(const std::string& data, bool must_exist);

}  // namespace selvage::cli
