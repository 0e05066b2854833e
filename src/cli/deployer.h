// Brings a built project onto a platform.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/api_client.h"
#include "cli/deployable.h"
#include "cli/upload_progress.h"
#include "cli/worker_form.h"

namespace selvage::cli {

struct DeployOptions {
  std::string message;
  std::string tag;
  bool deploy = true;  // or only a version
};

struct Deployed {
  std::string version_id;
  std::vector<std::string> urls;  // where the worker answers
  std::string preview_url;        // of this version; "" if it has none
  int startup_ms = 0;
  std::vector<std::string> made_namespaces;  // titles of KV namespaces that were not there
};

/// One project, one time. Everything outlives it.
class Deployer {
 public:
  Deployer(ApiClient& api, Deployable& project) : api_(api), project_(project) {}
  void on_progress(UploadProgress progress) { progress_ = std::move(progress); }

  /// What would be uploaded, without asking a platform.
  Result<WorkerForm> prepare_offline(const DeployOptions& options);

  /// Uploads; when it returns success, the new version answers (or is there, if it is only to be a
  /// version).
  Result<Deployed> run(const DeployOptions& options);

 private:
  Status find_worker();
  Result<nlohmann::json> upload_assets();
  Result<Deployed> describe(const nlohmann::json& uploaded, bool deployed);
  [[nodiscard]] std::string script_path() const;

  ApiClient& api_;
  Deployable& project_;
  UploadProgress progress_;
  bool exists_ = false;
  std::string migration_tag_;
  std::vector<std::string> made_namespaces_;
};

}  // namespace selvage::cli
