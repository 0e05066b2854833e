// A project's configuration: what wrangler.toml, wrangler.json and wrangler.jsonc say, for one
// named environment, checked. Reading it needs nothing but the files; running it is others' work.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "deploy/worker_version.h"

namespace selvage::deploy {

/// One remark about a configuration file. An error means that the configuration cannot be used.
struct Diagnostic {
  enum class Severity { warning, error };
  Severity severity = Severity::warning;
  std::string file;  // absolute path
  int line = 0;      // 1-based; 0 when it is about the file as a whole
  std::string message;
};

/// Which files become modules of which type, by glob ("**/*.txt").
struct ModuleRule {
  enum class Type { esm, commonjs, text, data, wasm };
  Type type = Type::text;
  std::vector<std::string> globs;
  bool fallthrough = false;
};

/// A command that makes the main module before bundling.
struct CustomBuild {
  std::string command;               // for /bin/sh; "" for none
  std::string directory;             // absolute
  std::vector<std::string> watched;  // absolute files or directories; a change builds again
};

struct DevelopmentServer {
  std::optional<std::string> ip;
  std::optional<uint16_t> port;
};

/// The table `assets`, and what Pages says instead of it.
struct AssetsConfig {
  std::string directory;       // absolute
  int line = 0;                // where `directory` is set
  std::string binding = {};    // "" for none; it is among the bindings, too
  WorkerAssets settings = {};  // without the files
};

/// One of `routes`.
struct RouteConfig {
  std::string pattern;  // "example.com/api/*"; of a custom domain its host name
  bool custom_domain = false;

  bool operator==(const RouteConfig&) const = default;
};

/// What only a deployment needs. What is not set is left as it is on the platform.
struct DeploymentConfig {
  std::optional<bool> workers_dev = {};  // whether it answers below the base domain
  std::optional<bool> preview_urls = {};
  std::optional<std::vector<RouteConfig>> routes = {};
  bool keep_variables = false;  // those of the platform that the configuration does not name
  bool sets_crons = false;      // whether the configuration has any, or none on purpose
  std::optional<bool> logpush = {};
  std::string observability = {};  // JSON; "" if not set
};

/// All paths absolute.
struct ProjectConfig {
  std::string directory;    // of the configuration file: what its paths are relative to
  std::string file;         // the configuration file; "" when there is none
  std::string environment;  // the named environment, "" for the top level

  std::string name;
  std::string main;
  int main_line = 0;  // where `main` is set, 0 if it is not
  std::string compatibility_date;
  std::vector<std::string> compatibility_flags;
  std::vector<Binding> bindings;
  std::vector<Migration> migrations;
  std::vector<ClassExport> exports;
  std::vector<std::string> crons;           // triggers.crons, checked
  std::vector<std::string> tail_consumers;  // names of workers
  DeploymentConfig deployment;
  std::optional<AssetsConfig> assets;
  /// A Pages site: `pages_build_output_dir` is the directory of `assets`, and the script comes from
  /// its _worker.js or from the project's functions/. Its environments share its name.
  bool pages = false;

  bool no_bundle = false;
  bool minify = false;
  bool keep_names = true;
  bool find_additional_modules = false;
  std::string base_directory;  // "" = that of main
  std::string tsconfig;        // "" = what esbuild finds
  std::vector<ModuleRule> rules;
  std::vector<std::pair<std::string, std::string>> define;
  std::vector<std::pair<std::string, std::string>> alias;
  std::string jsx_factory;
  std::string jsx_fragment;
  CustomBuild build;
  DevelopmentServer dev;
  std::optional<uint32_t> cpu_ms;
};

/// What was read: `config` is present unless a diagnostic is an error.
struct ProjectReading {
  std::optional<ProjectConfig> config;
  std::vector<Diagnostic> diagnostics;
  /// Every file that was read or looked for: a change of one makes it worth reading again.
  std::vector<std::string> watched_files;
};

struct ReadOptions {
  std::string environment = {};  // "" = top level
  bool development = true;       // preview ids are used
  /// The project is a Pages site with the assets in this folder, whatever its configuration says;
  /// it needs none. "": as configured.
  std::string pages_directory = {};
  bool local_secrets = true;  // .dev.vars and .env are read
  /// A Pages site is to be deployed: a configuration without `pages_build_output_dir` is not its
  /// own and counts as none, and `environment` ("production", "preview") is used if it is there.
  bool for_pages = false;
};

/// Reads the project at `path`: a directory, a configuration file, or (without configuration) a
/// script. In a directory .wrangler/deploy/config.json is followed first, then wrangler.json is
/// preferred to wrangler.jsonc to wrangler.toml. Fails only when there is nothing to read.
Result<ProjectReading> read_project(const std::string& path, const ReadOptions& options);

/// The configuration in `text`, as if it were in `file` (an absolute path; its ending says which
/// syntax). No file is read but .dev.vars and .env are not looked at. For read_project and tests.
ProjectReading read_project_text(const std::string& file, std::string_view text,
                                 const ReadOptions& options);

/// "src/wrangler.toml:12: error: message", with the file relative to `base` where it lies below.
std::string describe(const Diagnostic& diagnostic, const std::string& base);

}  // namespace selvage::deploy
