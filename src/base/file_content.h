// A file as a whole.
#pragma once

#include <string>

#include "base/result.h"

namespace selvage {

/// Blocks. Errors name the file: ErrorCode::not_found and permission_denied, or io, also of a
/// folder.
Result<std::string> read_file(const std::string& path);

}  // namespace selvage
