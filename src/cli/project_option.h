// Which project a command is about.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "base/result.h"
#include "deploy/project/project_config.h"

namespace selvage::cli {

struct ProjectOptions {
  std::string project = ".";  // --config: a folder or a configuration file
  std::string environment;

  void add_to(CLI::App& command);
  /// --env, or else CLOUDFLARE_ENV, as wrangler reads it.
  [[nodiscard]] std::string chosen_environment() const;
};

/// The project's configuration; its faults are the error. `how` without an environment.
Result<deploy::ProjectConfig> read_project_or_fail(const ProjectOptions& options,
                                                   deploy::ReadOptions how);

}  // namespace selvage::cli
