// Brings a Pages site onto a platform: its files, its script, and what it was made of.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/deployable.h"
#include "cli/pages_option.h"
#include "cli/upload_progress.h"

namespace selvage::cli {

struct PagesDeployOptions {
  std::string branch = {};  // "" = the project's production branch
  std::string commit_hash = {};
  std::string commit_message = {};
  bool commit_dirty = false;
  bool send_all = false;  // also files that the platform has
};

struct PagesDeployed {
  nlohmann::json deployment;                 // as the API shows it
  size_t sent = 0;                           // files
  size_t known = 0;                          // files whose content the platform had
  std::vector<std::string> made_namespaces;  // titles of KV namespaces that were not there
};

/// What `upload-token` gives: what to upload with, and how much a deployment may have.
struct PagesUpload {
  std::string token;
  deploy::AssetLimits limits;
};
Result<PagesUpload> begin_pages_upload(const PagesProject& project);

/// When it returns success, the deployment answers. `site` was built within the upload's limits.
Result<PagesDeployed> deploy_pages(const PagesProject& project, const PagesUpload& upload,
                                   Deployable& site, const PagesDeployOptions& options,
                                   const UploadProgress& progress);

/// The text of the site's _routes.json, or of one that its functions/ call for; "" when everything
/// goes to the script.
Result<std::string> pages_routes(const deploy::ProjectConfig& site);

}  // namespace selvage::cli
