#include "cli/bundle.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "assets/file_hash.h"
#include "assets/header_rules.h"
#include "assets/redirect_rules.h"
#include "assets/routing_rules.h"
#include "base/file_content.h"
#include "cli/content_hash.h"
#include "cli/esbuild.h"
#include "cli/module_rules.h"
#include "cli/node_compat.h"
#include "cli/pages_functions.h"
#include "deploy/project/nearest.h"

namespace selvage::cli {
namespace {

namespace fs = std::filesystem;
using deploy::Module;
using deploy::ModuleRule;
using deploy::ModuleType;

ModuleType to_module_type(ModuleRule::Type type) {
  switch (type) {
    case ModuleRule::Type::esm: return ModuleType::esm;
    case ModuleRule::Type::commonjs: return ModuleType::commonjs;
    case ModuleRule::Type::text: return ModuleType::text;
    case ModuleRule::Type::data: return ModuleType::data;
    case ModuleRule::Type::wasm: return ModuleType::wasm;
  }
  return ModuleType::esm;
}

// Beside the modules: no module has such a name.
constexpr std::string_view kManifestFile = "~assets";

Status write_all(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary);
  if (!(file << content).flush()) return fail(ErrorCode::io, "cannot write " + path);
  return {};
}

std::string relative_to(const std::string& path, const std::string& directory) {
  const fs::path relative = fs::path(path).lexically_relative(directory);
  return relative.empty() || *relative.begin() == ".." ? path : relative.string();
}

// A missing main module is the commonest mistake: say which name comes near.
std::string missing_main(const deploy::ProjectConfig& config) {
  std::string message;
  if (!config.file.empty()) {
    message = fs::path(config.file).filename().string();
    if (config.main_line > 0) message += ":" + std::to_string(config.main_line);
    message += ": ";
  }
  message +=
      "\"main\" names " + relative_to(config.main, config.directory) + ", which does not exist";
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(fs::path(config.main).parent_path(), error)) {
    if (entry.is_regular_file(error)) names.push_back(entry.path().filename().string());
  }
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::string meant = deploy::nearest(fs::path(config.main).filename().string(), candidates);
  if (!meant.empty()) {
    message +=
        "; did you mean " +
        relative_to((fs::path(config.main).parent_path() / meant).string(), config.directory) + "?";
  }
  return message;
}

// Classes that bindings promise must be there.
Status check_classes(const deploy::ProjectConfig& config, const std::vector<std::string>& exports) {
  for (const deploy::Binding& binding : config.bindings) {
    if (binding.type != deploy::BindingType::durable_object) continue;
    if (!binding.script.empty() && binding.script != config.name) continue;
    if (std::find(exports.begin(), exports.end(), binding.class_name) != exports.end()) continue;
    const std::string main = relative_to(config.main, config.directory);
    std::string message = "the Durable Object binding " + binding.name + " needs the class " +
                          binding.class_name + ", but " + main + " does not export it";
    if (exports.empty()) {
      message += "; it exports nothing: Durable Objects need ES modules (export default { ... })";
    } else {
      const std::vector<std::string_view> names(exports.begin(), exports.end());
      const std::string meant = deploy::nearest(binding.class_name, names);
      message += meant.empty() ? "; add: export class " + binding.class_name + " { ... }"
                               : "; did you mean " + meant + "?";
    }
    return fail(ErrorCode::invalid_argument, message);
  }
  return {};
}

// Everything that makes this version differ from another: never paths.
Result<std::string> version_id(deploy::WorkerVersion version) {
  ContentHash hash;
  for (Module& module : version.modules) {
    SELVAGE_TRY(const std::string content, read_file(module.path));
    hash.add(content);
    module.path.clear();
    module.source_map.clear();
  }
  if (version.assets) version.assets->manifest.clear();
  version.id.clear();
  hash.add(deploy::to_json(version).dump());
  return hash.hex();
}

}  // namespace

Bundler::Bundler(Reactor& reactor, deploy::ProjectConfig config, BundleOptions options,
                 DoneCallback done)
    : reactor_(reactor),
      config_(std::move(config)),
      options_(std::move(options)),
      done_(std::move(done)),
      working_directory_(options_.output_directory + "/building-" + std::to_string(getpid())),
      runs_command_(options_.run_command && !config_.build.command.empty()) {
  start_timer_ = reactor_.after(std::chrono::milliseconds(0), [this] {
    if (runs_command_) {
      run_custom_build();
    } else {
      run_esbuild();
    }
  });
}

Bundler::~Bundler() {
  reactor_.cancel(start_timer_);
  command_.reset();
  std::error_code error;
  fs::remove_all(working_directory_, error);
}

void Bundler::done(Result<Bundle> result) {
  DoneCallback callback = std::move(done_);
  callback(std::move(result));  // may destroy this
}

void Bundler::run_custom_build() {
  SpawnOptions options;
  options.arguments = {"/bin/sh", "-c", config_.build.command};
  options.directory = config_.build.directory;
  options.environment = {{"WRANGLER_COMMAND", options_.development ? "dev" : "deploy"}};
  command_ = std::make_unique<Command>(reactor_, options, [this](Result<CommandResult> result) {
    if (!result) return done(fail(std::move(result).error()));
    if (result->succeeded()) {
      runs_command_ = false;
      return run_esbuild();
    }
    done(fail(ErrorCode::aborted, result->output + result->errors + "the build command `" +
                                      config_.build.command + "` " +
                                      describe_exit(result->wait_status)));
  });
}

void Bundler::run_esbuild() {
  std::error_code error;
  fs::remove_all(working_directory_, error);
  fs::create_directories(working_directory_ + "/modules", error);
  if (error) {
    return done(
        fail(ErrorCode::io, "cannot create " + working_directory_ + ": " + error.message()));
  }
  if (config_.pages) {
    if (Status found = find_pages_main(); !found) return done(fail(std::move(found).error()));
  }
  if (config_.main.empty()) return done(finish_version({}));
  if (!fs::is_regular_file(config_.main, error)) {
    return done(fail(ErrorCode::not_found, missing_main(config_)));
  }
  SpawnOptions options;
  options.arguments = {options_.esbuild};
  for (std::string& argument :
       esbuild_arguments(config_, working_directory_ + "/modules",
                         working_directory_ + "/meta.json", options_.development, options_.unenv)) {
    options.arguments.push_back(std::move(argument));
  }
  options.arguments.push_back(options_.colour ? "--color=true" : "--color=false");
  options.directory = config_.directory;
  auto command = std::make_unique<Command>(reactor_, options, [this](Result<CommandResult> result) {
    if (!result) return done(fail(std::move(result).error()));
    done(finish(*result));
  });
  command_ = std::move(command);
}

Status Bundler::find_pages_main() {
  const std::string directory = working_directory_ + "/pages";
  std::error_code error;
  fs::create_directories(directory, error);
  SELVAGE_TRY(PagesScript script, find_pages_script(config_, directory));
  config_.main = std::move(script.main);
  const bool worker = config_.main.starts_with(config_.assets->directory + "/");
  if (!script.module_directory.empty()) {
    config_.no_bundle = true;
    config_.base_directory = std::move(script.module_directory);
  } else if (!worker) {
    config_.no_bundle = false;  // functions are many files, which become one script
  } else if (config_.no_bundle) {
    // Apart from the assets, of which none is a module.
    const std::string alone = directory + "/_worker.js";
    fs::copy_file(config_.main, alone, fs::copy_options::overwrite_existing, error);
    if (error) return fail(ErrorCode::io, "cannot copy " + config_.main + ": " + error.message());
    config_.main = alone;
    config_.base_directory = directory;
  }
  deploy::WorkerAssets& settings = config_.assets->settings;
  settings.run_worker_first = !config_.main.empty() && script.rules.empty();
  settings.run_worker_first_rules = assets::pages_rules(script.rules);
  return {};
}

Status Bundler::add_bundled_modules(const BuildReport& report, deploy::WorkerVersion& version) {
  const std::string root = working_directory_ + "/modules";
  const auto extensions = copied_extensions(effective_rules(config_.rules));
  for (const BuildReport::Output& output : report.outputs) {
    if (output.path.ends_with(".map")) continue;
    Module module;
    module.name = relative_to(output.path, root);
    module.path = output.path;
    if (output.entry) {
      version.main = module.name;
      // As wrangler decides: a script without exports is a service worker.
      module.type = output.exports.empty() ? ModuleType::service_worker : ModuleType::esm;
      if (module.type == ModuleType::esm &&
          node_compat_of(config_.compatibility_date, config_.compatibility_flags) !=
              NodeCompat::none) {
        SELVAGE_TRY(std::string code, read_file(output.path));
        SELVAGE_CHECK_STATUS(write_all(output.path, with_require(std::move(code))));
      }
      module.source_map = output.path + ".map";
      SELVAGE_TRY(std::string map, read_file(module.source_map));
      map = rebase_source_map(std::move(map), root, config_.directory);
      SELVAGE_CHECK_STATUS(write_all(module.source_map, map));
    } else {
      const std::string extension = fs::path(output.path).extension().string();
      const auto known = std::find_if(extensions.begin(), extensions.end(),
                                      [&](const auto& each) { return each.first == extension; });
      if (known == extensions.end()) continue;
      module.type = to_module_type(known->second);
    }
    version.modules.push_back(std::move(module));
  }
  return {};
}

// Files below the base directory that rules make modules; copied, so that a version stays what it
// is while the sources change.
Status Bundler::add_found_modules(deploy::WorkerVersion& version,
                                  std::vector<std::string>& inputs) {
  std::vector<ModuleRule> rules = effective_rules(config_.rules);
  if (config_.no_bundle) {
    rules.push_back({ModuleRule::Type::esm, {"**/*.js", "**/*.mjs"}, false});
    rules.push_back({ModuleRule::Type::commonjs, {"**/*.cjs"}, false});
  }
  const fs::path base = config_.base_directory.empty() ? fs::path(config_.main).parent_path()
                                                       : fs::path(config_.base_directory);
  std::error_code error;
  for (fs::recursive_directory_iterator it(base, error), end; !error && it != end;
       it.increment(error)) {
    const std::string file_name = it->path().filename().string();
    if (it->is_directory(error)) {
      if (file_name == "node_modules" || file_name.starts_with(".")) {
        it.disable_recursion_pending();
      }
      continue;
    }
    const std::string path = it->path().string();
    const bool main = path == config_.main;
    const std::string name = relative_to(path, base.string());
    const auto type = type_by_rules(rules, name);
    if (!it->is_regular_file(error) || (!type && !main) || (main && !config_.no_bundle)) continue;
    inputs.push_back(path);
    Module module;
    module.name = name;
    module.path = working_directory_ + "/modules/" + name;
    module.type = type ? to_module_type(*type) : ModuleType::esm;
    fs::create_directories(fs::path(module.path).parent_path(), error);
    fs::copy_file(path, module.path, fs::copy_options::overwrite_existing, error);
    if (error) {
      return fail(ErrorCode::io, "cannot copy " + path + ": " + error.message());
    }
    version.modules.push_back(std::move(module));
  }
  if (error) return fail(ErrorCode::io, "cannot read " + base.string() + ": " + error.message());
  return {};
}

Result<Bundle> Bundler::finish(const CommandResult& result) {
  if (!result.succeeded()) return fail(ErrorCode::invalid_argument, result.errors);
  SELVAGE_TRY(const std::string metafile, read_file(working_directory_ + "/meta.json"));
  SELVAGE_TRY(BuildReport report, read_metafile(metafile, config_.directory));
  const auto entry = std::find_if(report.outputs.begin(), report.outputs.end(),
                                  [](const auto& output) { return output.entry; });
  if (entry == report.outputs.end()) {
    return fail(ErrorCode::internal, "esbuild made nothing of " + config_.main);
  }
  SELVAGE_CHECK_STATUS(check_classes(config_, entry->exports));

  Bundle bundle;
  bundle.inputs = std::move(report.inputs);
  bundle.warnings = result.errors;
  deploy::WorkerVersion& version = bundle.version;
  if (config_.no_bundle) {
    std::error_code error;
    fs::remove_all(working_directory_ + "/modules", error);
  } else {
    SELVAGE_CHECK_STATUS(add_bundled_modules(report, version));
  }
  if (config_.no_bundle || config_.find_additional_modules) {
    SELVAGE_CHECK_STATUS(add_found_modules(version, bundle.inputs));
  }
  if (config_.no_bundle) {
    const fs::path base = config_.base_directory.empty() ? fs::path(config_.main).parent_path()
                                                         : fs::path(config_.base_directory);
    version.main = relative_to(config_.main, base.string());
    for (Module& module : version.modules) {
      if (module.name == version.main && entry->exports.empty()) {
        module.type = ModuleType::service_worker;
      }
    }
  }
  return finish_version(std::move(bundle));
}

// What does not come from the script, and the id that names it all.
Result<Bundle> Bundler::finish_version(Bundle bundle) {
  deploy::WorkerVersion& version = bundle.version;
  version.name = config_.name;
  version.compatibility_date = config_.compatibility_date;
  version.compatibility_flags = config_.compatibility_flags;
  version.bindings = config_.bindings;
  version.migrations = config_.migrations;
  version.exports = config_.exports;
  version.crons = config_.crons;
  version.tail_consumers = config_.tail_consumers;
  if (config_.cpu_ms) version.limits.cpu_ms = *config_.cpu_ms;
  SELVAGE_CHECK_STATUS(add_assets(bundle));
  SELVAGE_TRY(version.id, version_id(version));
  return place(std::move(bundle));
}

Status Bundler::add_assets(Bundle& bundle) {
  if (!config_.assets || options_.assets == nullptr) return {};
  SELVAGE_TRY(assets::FolderContents contents, options_.assets->read());
  deploy::WorkerAssets& assets = bundle.version.assets.emplace(config_.assets->settings);
  assets.directory = config_.assets->directory;
  assets.headers = std::move(contents.headers);
  assets.redirects = std::move(contents.redirects);
  if (!contents.routes.empty() && !bundle.version.main.empty()) {
    SELVAGE_TRY(assets.run_worker_first_rules, assets::rules_from_routes_json(contents.routes));
    assets.run_worker_first = false;
  }
  if (const auto rules = assets::RoutingRules::parse(assets.run_worker_first_rules,
                                                     assets::limits_of(assets.pages));
      !rules) {
    return fail(Error(rules.error()).within("assets.run_worker_first"));
  }
  const bool html = assets.html_handling != deploy::HtmlHandling::none;
  for (const bool headers : {true, false}) {
    std::vector<assets::FileRemark> remarks;
    if (headers) {
      assets::HeaderRules::parse(assets.headers, remarks);
    } else {
      assets::RedirectRules::parse(assets.redirects, html, remarks);
    }
    const std::string file = relative_to(assets.directory, config_.directory) +
                             (headers ? "/_headers:" : "/_redirects:");
    for (const assets::FileRemark& remark : remarks) {
      bundle.warnings += file + std::to_string(remark.line) + ": warning: " + remark.message + "\n";
    }
  }
  const std::string manifest = assets::write_manifest(std::move(contents.assets));
  assets.manifest_id = assets::content_hash(manifest);
  assets.manifest = working_directory_ + "/modules/" + std::string(kManifestFile);
  std::error_code error;
  fs::create_directories(working_directory_ + "/modules", error);
  bundle.asset_folders = std::move(contents.folders);
  return write_all(assets.manifest, manifest);
}

// Gives the modules the place that the version's id names.
Result<Bundle> Bundler::place(Bundle bundle) {
  const std::string home = options_.output_directory + "/" + bundle.version.id;
  const std::string from = working_directory_ + "/modules";
  std::error_code error;
  if (!fs::exists(home, error)) {
    fs::rename(from, home, error);
    if (error) return fail(ErrorCode::io, "cannot write " + home + ": " + error.message());
  }
  for (Module& module : bundle.version.modules) {
    module.path = home + module.path.substr(from.size());
    if (!module.source_map.empty()) module.source_map = module.path + ".map";
  }
  if (bundle.version.assets) {
    bundle.version.assets->manifest = home + "/" + std::string(kManifestFile);
  }
  return bundle;
}

void remove_old_bundles(const std::string& output_directory, const std::vector<std::string>& keep) {
  std::error_code error;
  std::vector<fs::path> old;
  for (const auto& entry : fs::directory_iterator(output_directory, error)) {
    const std::string name = entry.path().filename().string();
    if (std::find(keep.begin(), keep.end(), name) == keep.end()) old.push_back(entry.path());
  }
  for (const fs::path& path : old) fs::remove_all(path, error);
}

}  // namespace selvage::cli
