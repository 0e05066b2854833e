// A project, built to be uploaded.
#pragma once

#include <memory>
#include <string>

#include "assets/manifest.h"
#include "base/result.h"
#include "cli/project_option.h"
#include "cli/terminal.h"
#include "deploy/asset_limits.h"
#include "deploy/project/project_config.h"
#include "deploy/worker_version.h"

namespace selvage::cli {

/// A folder that goes with its owner.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> create();
  ~TemporaryFolder();
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

struct Deployable {
  deploy::ProjectConfig config;
  deploy::WorkerVersion version;
  std::vector<assets::Asset> assets;  // the files of version.assets
  TemporaryFolder folder;             // with the version's modules
};

/// The configuration of what is to be deployed: without the secrets of .dev.vars. Remarks are
/// printed. `how` says only what differs from a worker's.
Result<deploy::ProjectConfig> read_deployable_config(const ProjectOptions& project,
                                                     deploy::ReadOptions how,
                                                     const Terminal& terminal);

/// How much there may be, the platform says when it gets it.
inline constexpr deploy::AssetLimits kNoAssetLimits{.max_file_bytes = UINT64_MAX,
                                                    .max_files = SIZE_MAX};

/// Bundles it. What esbuild says is printed, and the error says then only that it failed.
Result<Deployable> build_deployable(deploy::ProjectConfig config, const deploy::AssetLimits& limits,
                                    const Terminal& terminal);

}  // namespace selvage::cli
