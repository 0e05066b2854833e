// `selvage init`: a new project.
#pragma once

#include <string>

namespace selvage::cli {

/// Makes the folder `path` with a project in it, named after the folder. The exit status.
int run_init(const std::string& path);

}  // namespace selvage::cli
