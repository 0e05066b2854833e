// From a project's sources to modules that the engine can run: the custom build command, esbuild as
// wrangler uses it, and what esbuild says about the result.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "assets/asset_folder.h"
#include "base/function.h"
#include "base/result.h"
#include "cli/child.h"
#include "cli/esbuild.h"
#include "cli/reactor.h"
#include "deploy/project/project_config.h"
#include "deploy/worker_version.h"

namespace selvage::cli {

struct BundleOptions {
  std::string esbuild;           // the executable
  std::string unenv;             // see node_compat_arguments()
  std::string output_directory;  // versions become folders in it, named by their id
  bool development = true;
  bool colour = false;  // in esbuild's messages
  /// Whether the project's build command runs first, if it has one.
  bool run_command = true;
  /// Where the project's assets are, if it has any; outlives the build.
  assets::AssetFolder* assets = nullptr;
};

struct Bundle {
  deploy::WorkerVersion version;
  std::vector<std::string> inputs;         // absolute paths of the files it was made of
  std::vector<std::string> asset_folders;  // absolute, the one of the assets and those in it
  std::string warnings;                    // for a terminal, "" if none
};

/// One build. The error's message is for the terminal as it is: several lines, with source
/// positions.
class Bundler {
 public:
  using DoneCallback = UniqueFunction<void(Result<Bundle>)>;
  /// `done` is called once, from the reactor; it may destroy the Bundler.
  /// Destroying the Bundler ends what it runs.
  Bundler(Reactor& reactor, deploy::ProjectConfig config, BundleOptions options, DoneCallback done);
  ~Bundler();
  Bundler(const Bundler&) = delete;
  Bundler& operator=(const Bundler&) = delete;

  /// Whether the build command is still to end: what it writes will be read afterwards.
  [[nodiscard]] bool runs_command() const { return runs_command_; }

 private:
  void run_custom_build();
  void run_esbuild();
  Result<Bundle> finish(const CommandResult& result);
  Status add_bundled_modules(const BuildReport& report, deploy::WorkerVersion& version);
  Status add_found_modules(deploy::WorkerVersion& version, std::vector<std::string>& inputs);
  Result<Bundle> finish_version(Bundle bundle);
  Status add_assets(Bundle& bundle);
  Status find_pages_main();
  Result<Bundle> place(Bundle bundle);
  void done(Result<Bundle> result);

  Reactor& reactor_;
  Reactor::TimerId start_timer_ = 0;
  deploy::ProjectConfig config_;
  BundleOptions options_;
  DoneCallback done_;
  std::string working_directory_;  // in the output directory; renamed when the id is known
  std::unique_ptr<Command> command_;
  bool runs_command_;
};

/// Removes the versions in `output_directory` that are not in `keep`.
void remove_old_bundles(const std::string& output_directory, const std::vector<std::string>& keep);

}  // namespace selvage::cli
