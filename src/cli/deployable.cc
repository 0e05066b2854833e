#include "cli/deployable.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "assets/asset_folder.h"
#include "base/file_content.h"
#include "cli/bundle.h"
#include "cli/installation.h"
#include "cli/reactor.h"

namespace selvage::cli {
namespace {

namespace fs = std::filesystem;

/// Runs the bundler to its end.
Result<Bundle> bundle(const deploy::ProjectConfig& config, BundleOptions options) {
  Reactor reactor;
  std::optional<Result<Bundle>> built;
  Bundler bundler(reactor, config, std::move(options), [&](Result<Bundle> result) {
    built = std::move(result);
    reactor.stop(0);
  });
  reactor.run();
  return std::move(*built);
}

}  // namespace

Result<TemporaryFolder> TemporaryFolder::create() {
  std::error_code error;
  std::string pattern = (fs::temp_directory_path(error) / "selvage-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    return fail_errno(errno, "cannot make a temporary folder " + pattern);
  }
  return TemporaryFolder(pattern);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code error;
  if (!path_.empty()) fs::remove_all(path_, error);
}

Result<deploy::ProjectConfig> read_deployable_config(const ProjectOptions& project,
                                                     deploy::ReadOptions how,
                                                     const Terminal& terminal) {
  if (how.environment.empty()) how.environment = project.chosen_environment();
  how.development = false;
  how.local_secrets = false;
  SELVAGE_TRY(deploy::ProjectReading reading, deploy::read_project(project.project, how));
  terminal.diagnostics(reading.diagnostics);
  if (reading.config) return std::move(*reading.config);
  return fail(ErrorCode::invalid_argument, "the configuration cannot be used");
}

Result<Deployable> build_deployable(deploy::ProjectConfig config, const deploy::AssetLimits& limits,
                                    const Terminal& terminal) {
  SELVAGE_TRY(const Installation parts, find_installation());
  SELVAGE_TRY(TemporaryFolder folder, TemporaryFolder::create());
  std::optional<assets::AssetFolder> files;
  if (config.assets) files.emplace(config.assets->directory, limits, config.pages);
  auto built = bundle(config, {.esbuild = parts.esbuild,
                               .unenv = parts.unenv,
                               .output_directory = folder.path(),
                               .development = false,
                               .colour = terminal.colour(),
                               .assets = files ? &*files : nullptr});
  if (!built) {
    Error error = std::move(built).error();
    if (error.message.find('\n') == std::string::npos) return fail(std::move(error));
    terminal.verbatim(error.message);
    return fail(error.code, "the project cannot be built; nothing was uploaded");
  }
  if (!built->warnings.empty()) terminal.verbatim(built->warnings);
  std::vector<assets::Asset> listed;
  if (built->version.assets) {
    SELVAGE_TRY(const std::string text, read_file(built->version.assets->manifest));
    SELVAGE_TRY(listed, assets::read_manifest(text));
  }
  return Deployable{std::move(config), std::move(built->version), std::move(listed),
                    std::move(folder)};
}

}  // namespace selvage::cli
