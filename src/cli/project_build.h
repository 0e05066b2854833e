// One project of a session: its configuration as last read, its last good version, and what to
// watch for changes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/bundle.h"
#include "cli/terminal.h"
#include "deploy/project/project_config.h"

namespace selvage::cli {

struct ProjectBuildOptions {
  std::string path;  // as given on the command line
  std::string environment;
  std::string esbuild;
  std::string unenv;
  std::string bundle_directory;  // each worker has a folder in it
  bool development = true;
  std::string pages_directory = {};  // see deploy::ReadOptions
  deploy::AssetLimits asset_limits = {};
};

class ProjectBuild {
 public:
  using DoneCallback = UniqueFunction<void()>;

  /// What a change calls for. The build command may write what is bundled: a change of that must
  /// not run the command again.
  enum class Scope { nothing, bundle, command_and_bundle };

  ProjectBuild(Reactor& reactor, const Terminal& terminal, ProjectBuildOptions options);

  /// Reads the configuration again and bundles. Problems are printed. `done` is called
  /// from the reactor, or at once when the configuration is at fault; not when another build()
  /// overtakes this one.
  void build(Scope scope, DoneCallback done);

  /// The configuration as last read without errors.
  [[nodiscard]] const std::optional<deploy::ProjectConfig>& config() const { return config_; }
  /// The last good version.
  [[nodiscard]] const std::optional<deploy::WorkerVersion>& version() const { return version_; }
  /// Whether the last build() was good.
  [[nodiscard]] bool good() const { return good_; }

  /// What a change of `path` calls for: something if it is an input or configuration file, or
  /// watched for the build command; after a failed build, also if it may have been missing.
  [[nodiscard]] Scope concerns(const std::string& path) const;
  /// Directories in which something that concerns this project may change.
  [[nodiscard]] std::vector<std::string> watched_directories() const;
  /// Removes what earlier versions left, but for the current one and `also`.
  void remove_old_versions() const;

 private:
  bool read_config();
  void prepare_assets();
  [[nodiscard]] bool is_watched_by_command(const std::string& path) const;
  void finish(Result<Bundle> result, DoneCallback done);

  Reactor& reactor_;
  const Terminal& terminal_;
  ProjectBuildOptions options_;
  std::optional<deploy::ProjectConfig> config_;
  std::optional<deploy::WorkerVersion> version_;
  std::string previous_id_;
  std::vector<std::string> config_files_;
  std::vector<std::string> inputs_;
  std::unique_ptr<assets::AssetFolder> assets_;
  std::string assets_directory_;  // of assets_
  std::vector<std::string> asset_folders_;
  std::string printed_diagnostics_;
  bool good_ = false;
  bool command_succeeded_ = false;  // the last time it ran
  std::unique_ptr<Bundler> bundler_;
};

}  // namespace selvage::cli
