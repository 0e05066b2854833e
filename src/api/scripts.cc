// Workers: upload and deploy in one step, list, settings of the newest version.
#include "api/resources.h"
#include "api/shapes.h"
#include "api/version_plan.h"

namespace selvage::api {
namespace {

UploadLimits limits_of(const Platform& platform) {
  return {platform.options.script_bytes, platform.options.modules, platform.options.variables};
}

Result<ApiResponse> put_script(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(WorkerUpload upload,
              read_worker_upload(request.body, request.content_type, limits_of(platform)));
  PlanOptions options;
  options.deploy = true;
  auto published =
      take_upload(platform, request, request.name("script"), std::move(upload), options);
  if (!published) return to_response(published.error());
  return success(show_script(published->script, &published->version));
}

Result<ApiResponse> list_scripts(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const auto scripts, platform.store.scripts(request.account.id));
  nlohmann::json list = nlohmann::json::array();
  for (const deploy::Script& script : scripts) {
    if (script.settings.contains("pages")) continue;  // listed by pages.cc
    SELVAGE_TRY(const auto latest, platform.store.latest_version(script.number));
    list.push_back(show_script(script, latest ? &*latest : nullptr));
  }
  return success(list);
}

/// The newest version's, as wrangler asks for before an upload.
Result<ApiResponse> get_settings(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const auto script,
              platform.store.find_script(request.account.id, request.name("script")));
  if (!script) return no_such_worker();
  SELVAGE_TRY(const auto latest, platform.store.latest_version(script->number));
  nlohmann::json settings = script->settings;
  settings.erase("subdomain");
  settings.erase("schedules");
  const nlohmann::json document = latest ? latest->document : nlohmann::json::object();
  settings["bindings"] = deploy::visible_bindings(document);
  settings["compatibility_date"] = document.value("compatibility_date", "");
  settings["compatibility_flags"] = document.value("compatibility_flags", nlohmann::json::array());
  settings["usage_model"] = "standard";
  for (const char* key : {"limits", "placement", "migration_tag"}) {
    if (document.contains(key)) settings[key] = document[key];
  }
  return success(settings);
}

}  // namespace

void add_scripts(Router& router, Platform& platform) {
  const std::string scripts = "/accounts/:account/workers/scripts";
  router.add("GET", scripts, Access::read,
             [&](const ApiRequest& request) { return list_scripts(platform, request); });
  router.add("PUT", scripts + "/:script", Access::write,
             [&](const ApiRequest& request) { return put_script(platform, request); });
  router.add("GET", scripts + "/:script/settings", Access::read,
             [&](const ApiRequest& request) { return get_settings(platform, request); });
}

}  // namespace selvage::api
