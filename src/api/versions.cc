// Versions: upload without deploying, list, view.
#include "api/resources.h"
#include "api/shapes.h"
#include "api/version_plan.h"

namespace selvage::api {
namespace {

Result<ApiResponse> post_version(Platform& platform, const ApiRequest& request) {
  const UploadLimits limits{platform.options.script_bytes, platform.options.modules,
                            platform.options.variables};
  SELVAGE_TRY(const auto script,
              platform.store.find_script(request.account.id, request.name("script")));
  if (!script) return no_such_worker();
  SELVAGE_TRY(WorkerUpload upload, read_worker_upload(request.body, request.content_type, limits));
  PlanOptions options;
  options.allow_migrations = false;
  auto published =
      take_upload(platform, request, request.name("script"), std::move(upload), options);
  if (!published) return to_response(published.error());
  return success(show_version(published->version, true));
}

Result<ApiResponse> list_versions(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const auto script,
              platform.store.find_script(request.account.id, request.name("script")));
  if (!script) return no_such_worker();
  const auto most = static_cast<int64_t>(platform.options.versions_listed);
  SELVAGE_TRY(const auto versions, platform.store.versions(script->number, most, 0));
  nlohmann::json list = nlohmann::json::array();
  for (const auto& version : versions) list.push_back(show_version(version, false));
  ApiResponse page = one_page(request, list, static_cast<int>(most));
  nlohmann::json envelope = nlohmann::json::parse(page.body);
  return success({{"items", envelope["result"]}}, envelope["result_info"]);
}

Result<ApiResponse> get_version(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const auto script,
              platform.store.find_script(request.account.id, request.name("script")));
  if (!script) return no_such_worker();
  SELVAGE_TRY(const auto version,
              platform.store.find_version(script->number, request.name("version")));
  if (!version) return failure(404, 10092, "This version does not exist.");
  return success(show_version(*version, true));
}

}  // namespace

void add_versions(Router& router, Platform& platform) {
  const std::string versions = "/accounts/:account/workers/scripts/:script/versions";
  router.add("POST", versions, Access::write,
             [&](const ApiRequest& request) { return post_version(platform, request); });
  router.add("GET", versions, Access::read,
             [&](const ApiRequest& request) { return list_versions(platform, request); });
  router.add("GET", versions + "/:version", Access::read,
             [&](const ApiRequest& request) { return get_version(platform, request); });
}

}  // namespace selvage::api
