// The static assets of a version: which files it has, and how requests for them are answered.
// Values; the rules they stand for are those of the room `assets`.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"

namespace selvage::deploy {

/// How "/page", "/page/", "/page.html" and "/page/index.html" relate.
enum class HtmlHandling { auto_trailing_slash, force_trailing_slash, drop_trailing_slash, none };

/// What answers a path that no asset has.
enum class NotFoundHandling { none, page_404, single_page_application };

struct WorkerAssets {
  /// Absolute path of the list of files (assets/manifest.h). Its content is what `manifest_id`
  /// names: two versions with the same id have the same files.
  std::string manifest = {};
  std::string manifest_id = {};
  /// Absolute path of the folder with the files: under their own paths, or, when `by_hash`, under
  /// the hashes that the list gives (assets/blob_store.h).
  std::string directory = {};
  bool by_hash = false;

  HtmlHandling html_handling = HtmlHandling::auto_trailing_slash;
  NotFoundHandling not_found_handling = NotFoundHandling::none;
  /// The script answers everything; else the rules say: "/api/*" for the script, "!/api/docs/*"
  /// for the assets, which win.
  bool run_worker_first = false;
  std::vector<std::string> run_worker_first_rules = {};
  /// As Pages answers instead of as Workers do: what the rules do not give to the script is never
  /// its own, and a site without a 404.html is a single-page application.
  bool pages = false;
  /// The text of the files _headers and _redirects.
  std::string headers = {};
  std::string redirects = {};

  bool operator==(const WorkerAssets&) const = default;
};

/// "auto-trailing-slash", ...: as configurations and the deploy API spell them.
std::string_view to_string(HtmlHandling handling);
std::string_view to_string(NotFoundHandling handling);
/// An error that lists what there is.
Result<HtmlHandling> html_handling_from(std::string_view text);
Result<NotFoundHandling> not_found_handling_from(std::string_view text);

nlohmann::json to_json(const WorkerAssets& assets);
Result<WorkerAssets> worker_assets_from_json(const nlohmann::json& json);

}  // namespace selvage::deploy
