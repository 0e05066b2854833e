// Which Pages project of a platform a command is about, and how to reach it there.
#pragma once

#include <CLI/App.hpp>
#include <memory>
#include <string>

#include "base/result.h"
#include "cli/api_client.h"

namespace selvage::cli {

struct PagesOptions {
  std::string project_name;  // --project-name
  std::string folder = ".";  // --config: the site's folder, or its configuration file
  std::string url;           // --url
  bool json = false;

  /// The options of every command that asks a platform about a Pages project: which one, and where.
  void add_place_to(CLI::App& command);
  /// With --json.
  void add_to(CLI::App& command);
  /// Without the project, with --json.
  void add_platform_to(CLI::App& command);
};

/// The project that --project-name names, or the configuration of a Pages site.
Result<std::string> pages_project_name(const PagesOptions& options);

/// A Pages project on a platform.
struct PagesProject {
  std::unique_ptr<ApiClient> api;
  std::string name;
  nlohmann::json shown;  // as the API shows it

  /// `path` below the project's: "/deployments".
  Result<ApiAnswer> ask(std::string_view method, const std::string& path,
                        ApiContent content = ApiContent::none()) const {
    return api->ask_account(method, "/pages/projects/" + name + path, std::move(content));
  }
};

/// All that the account has, as the API shows them.
Result<std::vector<nlohmann::json>> pages_projects(ApiClient& api);

/// The error says which project may have been meant.
Result<PagesProject> find_pages_project(const PagesOptions& options);

/// Those of `project`, the newest first. `environment`: "production", "preview", or "" for both.
Result<std::vector<nlohmann::json>> pages_deployments(const PagesProject& project,
                                                      const std::string& environment);

}  // namespace selvage::cli
