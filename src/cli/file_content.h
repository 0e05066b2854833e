// A file as a whole.
#pragma once

#include <string>

#include "base/result.h"

namespace selvage::cli {

Result<std::string> read_file(const std::string& path);

}  // namespace selvage::cli
