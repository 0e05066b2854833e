// Pages: projects and their deployments. A project is a worker whose settings say so, and a
// deployment a version of it: of the production branch, it is what answers; of any other, it
// answers at its own URL, and at its branch's until there is a newer one.
//
// "settings"."pages" of the worker: {"production_branch", "deployment_configs": {"production":
// {...}, "preview": {...}}, "aliases": {"<branch label>": "<version id>"}}, the configurations in
// Cloudflare's words, with secrets sealed as a version's are.
#pragma once

#include <string>

#include "api/platform.h"

namespace selvage::api {

inline constexpr int kNoSuchPagesProject = 8000007;
inline constexpr int kNoSuchPagesDeployment = 8000009;
inline constexpr const char* kPagesEnvironments[] = {"production", "preview"};

/// A request that Pages refuses.
ApiResponse refuse_pages(const std::string& message);

nlohmann::json pages_of(const deploy::Script& script);
/// "pages/branch", "pages/environment", "workers/message", ...; "" when it is not set.
std::string annotation(const deploy::VersionRecord& version, const char* key);

nlohmann::json show_pages_deployment(const Platform& platform, const deploy::Account& account,
                                     const deploy::Script& script,
                                     const deploy::VersionRecord& version);

/// Calls `handle` with the project that the path names.
template <class Handle>
Result<ApiResponse> with_pages_project(Platform& platform, const ApiRequest& request,
                                       Handle handle) {
  SELVAGE_TRY(auto script, platform.store.find_script(request.account.id, request.name("project")));
  if (!script || !script->settings.contains("pages")) {
    return failure(404, kNoSuchPagesProject,
                   "Project not found. The specified project name does not match any of your "
                   "existing projects.");
  }
  return handle(*script);
}

/// Calls `handle` with the project and the deployment that the path names.
template <class Handle>
Result<ApiResponse> with_pages_deployment(Platform& platform, const ApiRequest& request,
                                          Handle handle) {
  return with_pages_project(platform, request, [&](deploy::Script& script) -> Result<ApiResponse> {
    SELVAGE_TRY(const auto version,
                platform.store.find_version(script.number, request.name("deployment")));
    if (!version) {
      return failure(
          404, kNoSuchPagesDeployment,
          "The project " + script.name + " has no deployment " + request.name("deployment"));
    }
    return handle(script, *version);
  });
}

}  // namespace selvage::api
