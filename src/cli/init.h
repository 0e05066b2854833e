// `selvage init`: a new project.
#pragma once

#include <string>

namespace selvage::cli {

/// Makes the folder `path` with a project in it, named after the folder: of the template of this
/// name ("": the first). The exit status.
int run_init(const std::string& path, const std::string& template_name);

}  // namespace selvage::cli
