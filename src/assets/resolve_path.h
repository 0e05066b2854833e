// Which asset a path means, by html_handling and not_found_handling
// (developers.cloudflare.com/workers/static-assets/routing). Pure functions over the question
// whether a file exists.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/function.h"
#include "deploy/worker_assets.h"

namespace selvage::assets {

struct Asset;

/// Finds the asset with exactly this path; nullptr when there is none.
class AssetLookup {
 public:
  virtual ~AssetLookup() = default;
  [[nodiscard]] virtual const Asset* find(std::string_view path) const = 0;
};

struct Resolution {
  enum class Kind {
    asset,      // `asset` with `status`
    redirect,   // to `location`, a path that is not encoded
    not_found,  // nothing
  };
  Kind kind = Kind::not_found;
  const Asset* asset = nullptr;
  int status = 200;
  std::string location = {};
  bool by_not_found_handling = false;
};

/// As Workers resolve. `path` is decoded (decode_path).
Resolution resolve_path(const AssetLookup& files, std::string_view path,
                        deploy::HtmlHandling html_handling,
                        deploy::NotFoundHandling not_found_handling);

/// As Pages resolve: extensions and "index" go, by 308; without a 404.html every other path is the
/// application's.
Resolution resolve_pages_path(const AssetLookup& files, std::string_view path);

}  // namespace selvage::assets
