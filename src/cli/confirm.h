// Asks whoever sits at a terminal whether they mean it.
#pragma once

#include <string>

namespace selvage::cli {

/// "Delete demo? [y/N] ", on standard error. A script, which has no terminal, knows what it does:
/// true. Says that nothing happened when they do not mean it.
bool is_meant(const std::string& question);

}  // namespace selvage::cli
