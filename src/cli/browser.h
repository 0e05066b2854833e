// The browser of whoever sits at this machine.
#pragma once

#include <string>

namespace selvage::cli {

/// Opens the page, and does not wait for it; false where there is no desktop, or nothing that opens
/// pages on it. Whether a person then sees it, nobody can know.
bool open_in_browser(const std::string& url);

}  // namespace selvage::cli
