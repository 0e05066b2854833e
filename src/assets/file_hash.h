// Names contents of files: equal names, equal contents.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace selvage::assets {

/// The first 128 bits of the content's SHA-256, as 32 hexadecimal digits.
std::string content_hash(std::string_view content);
/// Of a file, read piece by piece.
Result<std::string> file_hash(const std::string& path);

}  // namespace selvage::assets
