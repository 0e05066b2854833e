#include "cli/esbuild.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/percent.h"
#include "cli/module_rules.h"
#include "cli/node_compat.h"

namespace selvage::cli {
namespace {

namespace fs = std::filesystem;

bool defines(const deploy::ProjectConfig& config, std::string_view name) {
  return std::any_of(config.define.begin(), config.define.end(),
                     [&](const auto& each) { return each.first == name; });
}

}  // namespace

std::vector<std::string> esbuild_arguments(const deploy::ProjectConfig& config,
                                           const std::string& output_directory,
                                           const std::string& metafile, bool development,
                                           const std::string& unenv) {
  std::vector<std::string> arguments{
      config.main,
      "--outdir=" + output_directory,
      "--metafile=" + metafile,
      "--entry-names=[name]",
      "--format=esm",
      "--target=es2024",
      "--supported:import-source=true",
      "--platform=browser",
      "--sourcemap=external",
      "--loader:.js=jsx",
      "--loader:.mjs=jsx",
      "--loader:.cjs=jsx",
      "--log-level=warning",
      "--log-limit=20",
  };
  if (!config.tsconfig.empty()) arguments.push_back("--tsconfig=" + config.tsconfig);
  if (config.no_bundle) return arguments;  // only asked for the entry's exports
  for (const char* argument : {
           "--bundle",
           "--conditions=workerd,worker,browser",
           "--asset-names=[name]-[hash]",
           "--external:cloudflare:*",
           "--external:node:*",
           "--external:__STATIC_CONTENT_MANIFEST",
       }) {
    arguments.emplace_back(argument);
  }
  for (const auto& [extension, type] : copied_extensions(effective_rules(config.rules))) {
    arguments.push_back("--loader:" + extension + "=copy");
  }
  if (config.keep_names) arguments.emplace_back("--keep-names");
  if (config.minify) arguments.emplace_back("--minify");
  if (!config.jsx_factory.empty()) arguments.push_back("--jsx-factory=" + config.jsx_factory);
  if (!config.jsx_fragment.empty()) arguments.push_back("--jsx-fragment=" + config.jsx_fragment);
  for (const auto& [name, value] : config.define) {
    arguments.push_back("--define:" + name + "=" + value);
  }
  if (!defines(config, "process.env.NODE_ENV")) {
    arguments.push_back(std::string("--define:process.env.NODE_ENV=") +
                        (development ? "\"development\"" : "\"production\""));
  }
  if (!defines(config, "navigator.userAgent")) {
    arguments.emplace_back("--define:navigator.userAgent=\"Cloudflare-Workers\"");
  }
  for (const auto& [name, value] : config.alias) {
    arguments.push_back("--alias:" + name + "=" + value);
  }
  const NodeCompat node = node_compat_of(config.compatibility_date, config.compatibility_flags);
  for (std::string& argument : node_compat_arguments(node, unenv)) {
    const std::string name = argument.substr(8, argument.find('=') - 8);
    const bool own = std::any_of(config.alias.begin(), config.alias.end(),
                                 [&](const auto& each) { return each.first == name; });
    if (!own) arguments.push_back(std::move(argument));
  }
  return arguments;
}

std::string rebase_source_map(std::string map, const std::string& from,
                              const std::string& directory) {
  // Only the array of names is parsed: the sources themselves may be megabytes.
  constexpr std::string_view kKey = "\"sources\": [";
  const size_t key = map.find(kKey);
  if (key == std::string::npos) return map;
  const size_t start = key + kKey.size() - 1;
  bool in_string = false;
  size_t end = start;
  for (; end < map.size(); ++end) {
    if (in_string && map[end] == '\\') {
      ++end;
    } else if (map[end] == '"') {
      in_string = !in_string;
    } else if (!in_string && map[end] == ']') {
      break;
    }
  }
  if (end >= map.size()) return map;
  auto sources =
      nlohmann::json::parse(map.begin() + static_cast<ptrdiff_t>(start),
                            map.begin() + static_cast<ptrdiff_t>(end) + 1, nullptr, false);
  if (!sources.is_array()) return map;
  for (auto& source : sources) {
    if (!source.is_string()) continue;
    const fs::path absolute =
        (fs::path(from) / percent_decode_leniently(source.get<std::string>())).lexically_normal();
    source = absolute.lexically_relative(directory).string();
  }
  map.replace(start, end + 1 - start, sources.dump());
  return map;
}

Result<BuildReport> read_metafile(std::string_view json, const std::string& directory) {
  const auto meta = nlohmann::json::parse(json, nullptr, false);
  if (!meta.is_object() || !meta.contains("outputs") || !meta["outputs"].is_object() ||
      !meta.contains("inputs") || !meta["inputs"].is_object()) {
    return fail(ErrorCode::internal, "esbuild's metafile is not what was expected");
  }
  const auto absolute = [&](const std::string& path) {
    return (fs::path(directory) / path).lexically_normal().string();
  };
  BuildReport report;
  for (const auto& [path, facts] : meta["outputs"].items()) {
    BuildReport::Output output;
    output.path = absolute(path);
    output.entry = facts.contains("entryPoint");
    for (const auto& name : facts.value("exports", nlohmann::json::array())) {
      if (name.is_string()) output.exports.push_back(name.get<std::string>());
    }
    for (const auto& import : facts.value("imports", nlohmann::json::array())) {
      if (import.value("external", false)) {
        output.external_imports.push_back(import.value("path", ""));
      }
    }
    report.outputs.push_back(std::move(output));
  }
  for (const auto& [path, facts] : meta["inputs"].items()) {
    std::error_code error;
    std::string input = absolute(path);
    if (fs::is_regular_file(input, error)) report.inputs.push_back(std::move(input));
  }
  return report;
}

}  // namespace selvage::cli
