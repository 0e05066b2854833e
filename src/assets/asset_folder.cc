#include "assets/asset_folder.h"

#include <sys/stat.h>

#include <filesystem>

#include "assets/file_hash.h"
#include "assets/ignore_file.h"
#include "assets/media_type.h"
#include "base/file_content.h"

namespace selvage::assets {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNeverAssets = "/_redirects\n/_headers\n/.assetsignore\n";
// Pages knows no .assetsignore: there it is a file as any other.
constexpr std::string_view kNeverPagesAssets =
    "/_redirects\n/_headers\n/_worker.js\n/_routes.json\n/functions\n**/"
    ".DS_Store\nnode_modules\n.git\n.selvage\n"
    ".wrangler\n";

/// "" when it is not there.
Result<std::string> read_optional(const std::string& path) {
  auto text = read_file(path);
  if (!text && text.error().code == ErrorCode::not_found) return std::string();
  return text;
}

std::string mebibytes(uint64_t bytes) {
  constexpr uint64_t kMebibyte = 1 << 20;
  if (bytes % kMebibyte != 0) return std::to_string(bytes) + " bytes";
  return std::to_string(bytes / kMebibyte) + " MiB";
}

}  // namespace

AssetFolder::AssetFolder(std::string directory, deploy::AssetLimits limits, bool pages)
    : directory_(std::move(directory)), limits_(limits), pages_(pages) {
  while (directory_.size() > 1 && directory_.ends_with('/')) directory_.pop_back();
}

Result<FolderContents> AssetFolder::read() {
  std::error_code error;
  if (!fs::is_directory(directory_, error)) {
    return fail(ErrorCode::not_found, "the folder of assets " + directory_ + " does not exist",
                pages_ ? "Build the site first, or name the folder that it is built into"
                       : "Build the site first, or correct \"directory\"");
  }
  std::string never(pages_ ? kNeverPagesAssets : kNeverAssets);
  if (!pages_) {
    SELVAGE_TRY(const std::string named, read_optional(directory_ + "/.assetsignore"));
    never += named;
  }
  const IgnoreFile ignored(never);
  const auto leave_out = [this](const std::string& what) {
    return pages_ ? "Keep " + what + " out of the folder" : "Name " + what + " in .assetsignore";
  };
  FolderContents contents;
  contents.folders.push_back(directory_);
  std::map<std::string, Known> known;
  for (fs::recursive_directory_iterator it(directory_, error), end; !error && it != end;
       it.increment(error)) {
    const std::string path = it->path().string();
    const std::string relative = path.substr(directory_.size() + 1);
    struct stat status{};
    if (stat(path.c_str(), &status) != 0) continue;  // a dangling link, or gone meanwhile
    const bool folder = S_ISDIR(status.st_mode);
    if (ignored.ignores(relative, folder)) {
      if (folder) it.disable_recursion_pending();
      continue;
    }
    if (folder) {
      contents.folders.push_back(path);
      continue;
    }
    if (!S_ISREG(status.st_mode)) continue;
    if (relative == "_worker.js") {
      return fail(ErrorCode::invalid_argument,
                  path + " would be public as an asset, and looks like the code of a Pages site",
                  "Put \"_worker.js\" in " + directory_ + "/.assetsignore, or set \"main\" to it");
    }
    if (relative.find_first_of("\n\t") != std::string::npos) {
      return fail(ErrorCode::invalid_argument,
                  "the name of an asset has a tab or a line break: " + path);
    }
    const auto size = static_cast<uint64_t>(status.st_size);
    if (size > limits_.max_file_bytes) {
      return fail(ErrorCode::limit_exceeded,
                  "the asset " + path + " has " + mebibytes(size) + ", and at most " +
                      mebibytes(limits_.max_file_bytes) + " are allowed",
                  leave_out("it") + ", or raise [limits.assets] max_file_bytes in selvage.toml");
    }
    if (contents.assets.size() >= limits_.max_files) {
      return fail(
          ErrorCode::limit_exceeded,
          "there are more than " + std::to_string(limits_.max_files) + " assets in " + directory_,
          leave_out("what is none") + ", or raise [limits.assets] max_files in selvage.toml");
    }
    const int64_t changed_ns = status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec;
    std::string hash;
    if (const auto before = known_.find(path); before != known_.end() &&
                                               before->second.size == size &&
                                               before->second.changed_ns == changed_ns) {
      hash = before->second.hash;
    } else {
      SELVAGE_TRY(hash, file_hash(path));
    }
    known.emplace(path, Known{size, changed_ns, hash});
    contents.assets.push_back({"/" + relative, std::move(hash), size, media_type_of(relative)});
  }
  if (error) {
    return fail(ErrorCode::io, "cannot read the folder " + directory_ + ": " + error.message());
  }
  known_ = std::move(known);
  SELVAGE_TRY(contents.headers, read_optional(directory_ + "/_headers"));
  SELVAGE_TRY(contents.redirects, read_optional(directory_ + "/_redirects"));
  if (pages_) {
    SELVAGE_TRY(contents.routes, read_optional(directory_ + "/_routes.json"));
  }
  return contents;
}

}  // namespace selvage::assets
