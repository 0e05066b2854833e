// The assets of one version, and what they answer: which requests go to the script, which file a
// path means, where redirects lead, which header fields an answer gets. No I/O: the files' contents
// are AssetServer's.
//
// The order (developers.cloudflare.com/workers/static-assets): rules of run_worker_first, "!" rules
// before others; then _redirects and the files, unless nothing is found and there is a script; then
// not_found_handling. A browser's navigation (Sec-Fetch-Mode: navigate) gets not_found_handling
// before the script, from the compatibility date 2025-04-01 on.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assets/header_rules.h"
#include "assets/manifest.h"
#include "assets/redirect_rules.h"
#include "assets/routing_rules.h"
#include "base/result.h"
#include "deploy/worker_version.h"

namespace selvage::assets {

struct AssetRequest {
  std::string_view method = {};
  std::string_view host = {};  // with the port, as received
  bool secure = false;
  std::string path = {};    // normalised (url_path.h)
  std::string search = {};  // with '?', normalised
  bool navigates = false;   // Sec-Fetch-Mode: navigate
};

struct AssetAnswer {
  bool script = false;  // it is the script's to answer; nothing else is set
  int status = 404;
  const Asset* asset = nullptr;  // of the set; nullptr: no body
  std::string location = {};     // redirects
  /// Every GET and HEAD of this path has the same answer, whatever its other fields.
  bool repeatable = false;
};

/// Immutable; shared by the loops. Any thread.
class AssetSet {
 public:
  /// Reads the list of files. `version` has assets.
  static Result<std::shared_ptr<const AssetSet>> load(const deploy::WorkerVersion& version);
  /// For tests and for those who have the list already.
  static Result<std::shared_ptr<const AssetSet>> make(const deploy::WorkerVersion& version,
                                                      std::vector<Asset> assets);

  /// For a request that came in for the worker.
  [[nodiscard]] AssetAnswer route(const AssetRequest& request) const;
  /// For one that the script made of its assets: never `script`.
  [[nodiscard]] AssetAnswer answer(const AssetRequest& request) const;

  /// The answer's fields. `cacheable`: the request has neither Authorization nor Range.
  [[nodiscard]] HeaderList headers(const AssetRequest& request, const AssetAnswer& answer,
                                   bool cacheable) const;
  /// Absolute path of a file's content.
  [[nodiscard]] std::string file_of(const Asset& asset) const;
  /// The files can't change: their names are their hashes.
  [[nodiscard]] bool immutable() const { return settings_.by_hash; }
  [[nodiscard]] const Manifest& manifest() const { return manifest_; }

 private:
  AssetSet(deploy::WorkerAssets settings, std::vector<Asset> assets);
  [[nodiscard]] AssetAnswer answer_with(const AssetRequest& request,
                                        deploy::NotFoundHandling not_found) const;
  [[nodiscard]] AssetAnswer pages_answer(const AssetRequest& request) const;
  /// What _redirects says: an answer, or else the path to go on with.
  [[nodiscard]] std::optional<AssetAnswer> redirected(const AssetRequest& request,
                                                      std::string& path) const;

  deploy::WorkerAssets settings_;
  Manifest manifest_;
  HeaderRules header_rules_;
  RedirectRules redirect_rules_;
  RoutingRules routing_rules_;
  bool has_script_ = false;
  bool navigation_prefers_assets_ = false;
  bool depends_on_host_ = false;
};

}  // namespace selvage::assets
