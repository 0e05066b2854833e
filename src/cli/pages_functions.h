// The script of a Pages site: its _worker.js, or one made of the files in functions/
// (developers.cloudflare.com/pages/functions/routing).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "deploy/project/project_config.h"

namespace selvage::cli {

/// What stands for `main` in a Pages site.
struct PagesScript {
  std::string main;  // absolute; "" when the site has only assets
  /// main is a folder's index.js whose modules are not bundled.
  std::string module_directory;
  /// Paths that go to the script before the assets: as in _routes.json, which wins where there is
  /// one. Empty: all.
  std::vector<std::string> rules;
};

/// Looks for the site's script. One that is made of functions is written to `directory`, which
/// exists. Errors name the file.
Result<PagesScript> find_pages_script(const deploy::ProjectConfig& config,
                                      const std::string& directory);

/// The names of the files with functions in `directory`, relative, sorted: "api/[id].ts".
/// None without the folder.
Result<std::vector<std::string>> function_files(const std::string& directory);
/// The rules for the script that the files stand for: "/api/*".
std::vector<std::string> rules_from_functions(const std::vector<std::string>& files);

/// The module that routes requests to functions, bundled with them.
std::string_view pages_runtime();

}  // namespace selvage::cli
