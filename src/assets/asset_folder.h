// A folder of a project whose files are assets: which they are, and what they hold.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "assets/manifest.h"
#include "base/result.h"
#include "deploy/asset_limits.h"

namespace selvage::assets {

struct FolderContents {
  std::vector<Asset> assets;
  std::string headers;               // the text of _headers, "" without one
  std::string redirects;             // of _redirects
  std::string routes;                // of _routes.json (`pages` only)
  std::vector<std::string> folders;  // absolute: what to watch for changes
};

/// Looks into one folder again and again; files that did not change are not read again.
class AssetFolder {
 public:
  /// What is no asset: _headers, _redirects, and what .assetsignore names. `pages`: nobody reads
  /// .assetsignore, and functions/, node_modules/, .git/ and the like, _worker.js and _routes.json
  /// are none.
  AssetFolder(std::string directory, deploy::AssetLimits limits, bool pages);

  /// Blocks: it reads what is new. Errors name the file and the limit.
  Result<FolderContents> read();

 private:
  struct Known {
    uint64_t size;
    int64_t changed_ns;
    std::string hash;
  };
  std::string directory_;
  deploy::AssetLimits limits_;
  bool pages_;
  std::map<std::string, Known> known_;  // by absolute path
};

}  // namespace selvage::assets
