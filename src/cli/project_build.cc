#include "cli/project_build.h"

#include <algorithm>
#include <filesystem>
#include <set>

namespace selvage::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostWatchedDirectories = 2'000;

bool is_below(const std::string& path, const std::string& directory) {
  return path.starts_with(directory) && path.size() > directory.size() &&
         (directory.ends_with('/') || path[directory.size()] == '/');
}

// Editors' temporary files, version control, our own output.
bool is_ignored(const fs::path& relative) {
  for (const fs::path& part : relative) {
    const std::string name = part.string();
    if (name == "node_modules" || name == ".git" || name == ".selvage" || name == ".wrangler" ||
        name.ends_with('~') || name.ends_with(".swp") || name == "4913") {
      return true;
    }
  }
  return false;
}

}  // namespace

ProjectBuild::ProjectBuild(Reactor& reactor, const Terminal& terminal, ProjectBuildOptions options)
    : reactor_(reactor), terminal_(terminal), options_(std::move(options)) {}

bool ProjectBuild::read_config() {
  const deploy::ReadOptions read_options{options_.environment, options_.development,
                                         options_.pages_directory};
  Result<deploy::ProjectReading> reading = deploy::read_project(options_.path, read_options);
  if (!reading) {
    terminal_.error(reading.error());
    return false;
  }
  config_files_ = std::move(reading->watched_files);
  // Warnings that were printed before need not be read again at every save.
  std::string all;
  for (const auto& each : reading->diagnostics) all += deploy::describe(each, "") + "\n";
  if (all != printed_diagnostics_ || !reading->config) terminal_.diagnostics(reading->diagnostics);
  printed_diagnostics_ = std::move(all);
  if (!reading->config) return false;
  config_ = std::move(*reading->config);
  return true;
}

void ProjectBuild::build(Scope scope, DoneCallback done) {
  bundler_.reset();  // what is being built is out of date
  good_ = false;
  if (!read_config()) {
    done();
    return;
  }
  prepare_assets();
  BundleOptions options{
      options_.esbuild,     options_.unenv,     options_.bundle_directory + "/" + config_->name,
      options_.development, terminal_.colour(), scope == Scope::command_and_bundle,
      assets_.get()};
  bundler_ =
      std::make_unique<Bundler>(reactor_, *config_, std::move(options),
                                [this, done = std::move(done)](Result<Bundle> result) mutable {
                                  finish(std::move(result), std::move(done));
                                });
}

// What it knows of the files is kept while the folder stays the same.
void ProjectBuild::prepare_assets() {
  const std::string directory = config_->assets ? config_->assets->directory : "";
  if (directory == assets_directory_) return;
  assets_directory_ = directory;
  assets_.reset();
  if (directory.empty()) return;
  assets_ = std::make_unique<assets::AssetFolder>(directory, options_.asset_limits, config_->pages);
}

void ProjectBuild::finish(Result<Bundle> result, DoneCallback done) {
  const std::unique_ptr<Bundler> finished = std::move(bundler_);
  command_succeeded_ = !finished->runs_command();
  if (!result) {
    if (result.error().message.find('\n') != std::string::npos) {
      terminal_.verbatim(result.error().message);
    } else {
      terminal_.error(result.error());
    }
    done();
    return;
  }
  if (!result->warnings.empty()) terminal_.verbatim(result->warnings);
  inputs_ = std::move(result->inputs);
  asset_folders_ = std::move(result->asset_folders);
  if (version_ && version_->id != result->version.id) previous_id_ = version_->id;
  version_ = std::move(result->version);
  good_ = true;
  done();
}

bool ProjectBuild::is_watched_by_command(const std::string& path) const {
  if (config_->build.command.empty()) return false;
  return std::ranges::any_of(config_->build.watched, [&](const std::string& watched) {
    return (path == watched || is_below(path, watched)) &&
           !is_ignored(fs::path(path).lexically_relative(watched));
  });
}

ProjectBuild::Scope ProjectBuild::concerns(const std::string& path) const {
  const auto has = [&](const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), path) != list.end();
  };
  if (has(config_files_)) return Scope::command_and_bundle;
  if (!config_) return Scope::nothing;
  if (is_watched_by_command(path)) return Scope::command_and_bundle;
  // What the command is writing is read when it has ended.
  if (bundler_ != nullptr && bundler_->runs_command()) return Scope::nothing;
  // A command that failed may have written inputs before: only what it watches runs it again.
  if (!command_succeeded_ && !config_->build.command.empty()) return Scope::nothing;
  if (has(inputs_)) return Scope::bundle;
  if (config_->pages && is_below(path, config_->directory + "/functions")) return Scope::bundle;
  if (config_->assets &&
      (path == config_->assets->directory || is_below(path, config_->assets->directory))) {
    return Scope::bundle;
  }
  if (!is_below(path, config_->directory) ||
      is_ignored(fs::path(path).lexically_relative(config_->directory))) {
    return Scope::nothing;
  }
  const std::string name = fs::path(path).filename().string();
  if (name == "tsconfig.json" || name == "package.json") return Scope::bundle;
  const bool missed = !good_ && (bundler_ == nullptr || config_->build.command.empty());
  return missed ? Scope::bundle : Scope::nothing;
}

std::vector<std::string> ProjectBuild::watched_directories() const {
  std::set<std::string> directories;
  for (const std::string& file : config_files_) {
    directories.insert(fs::path(file).parent_path().string());
  }
  for (const std::string& input : inputs_) {
    directories.insert(fs::path(input).parent_path().string());
  }
  directories.insert(asset_folders_.begin(), asset_folders_.end());
  std::vector<std::string> roots;
  if (config_) {
    roots.push_back(config_->directory);
    if (!config_->build.command.empty()) {
      roots.insert(roots.end(), config_->build.watched.begin(), config_->build.watched.end());
    }
  }
  std::error_code error;
  for (const std::string& root : roots) {
    if (!fs::is_directory(root, error)) continue;
    directories.insert(root);
    for (fs::recursive_directory_iterator it(root, error), end; !error && it != end;
         it.increment(error)) {
      if (directories.size() >= kMostWatchedDirectories) break;
      if (!it->is_directory(error) || it->is_symlink(error)) continue;
      if (is_ignored(it->path().filename())) {
        it.disable_recursion_pending();
      } else {
        directories.insert(it->path().string());
      }
    }
  }
  return {directories.begin(), directories.end()};
}

void ProjectBuild::remove_old_versions() const {
  if (!config_ || !version_) return;
  remove_old_bundles(options_.bundle_directory + "/" + config_->name, {version_->id, previous_id_});
}

}  // namespace selvage::cli
