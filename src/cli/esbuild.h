// What esbuild is told and what it reports: pure functions, without running it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "deploy/project/project_config.h"

namespace selvage::cli {

/// Arguments for one bundling run of config.main, with the results in `output_directory` and the
/// metafile at `metafile`; `unenv` as in node_compat_arguments(). Run it in config.directory. They
/// follow what wrangler passes.
std::vector<std::string> esbuild_arguments(const deploy::ProjectConfig& config,
                                           const std::string& output_directory,
                                           const std::string& metafile, bool development,
                                           const std::string& unenv);

/// What a metafile tells (esbuild's documentation, "Metafile").
struct BuildReport {
  struct Output {
    std::string path;  // absolute
    bool entry = false;
    std::vector<std::string> exports;           // of the entry
    std::vector<std::string> external_imports;  // e.g. "node:fs", "./a-XYZ.txt" of copied files
  };
  std::vector<Output> outputs;
  std::vector<std::string> inputs;  // absolute paths of files that exist
};

/// The source map `map` (of esbuild, in the folder `from`) with the names of its sources relative
/// to the project's `directory`: what stack traces then show. Unchanged when it is not understood.
std::string rebase_source_map(std::string map, const std::string& from,
                              const std::string& directory);

Result<BuildReport> read_metafile(std::string_view json, const std::string& directory);

}  // namespace selvage::cli
