// Which media type a file has, by its name.
#pragma once

#include <string>
#include <string_view>

namespace selvage::assets {

/// Of the name's last extension, without regard to case; texts with their charset
/// ("text/html; charset=utf-8"). "" when the extension is unknown: such an answer has no
/// Content-Type, as on Workers.
std::string media_type_of(std::string_view file_name);

}  // namespace selvage::assets
