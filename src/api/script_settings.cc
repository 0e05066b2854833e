// Settings that belong to a worker and not to a version.
#include "api/resources.h"
#include "api/shapes.h"

namespace selvage::api {
namespace {

nlohmann::json shown(const deploy::Script& script) {
  nlohmann::json settings = script.settings;
  settings.erase("subdomain");
  settings.erase("schedules");
  return settings;
}

Result<ApiResponse> patch_settings(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(auto script, platform.store.find_script(request.account.id, request.name("script")));
  if (!script) return no_such_worker();
  SELVAGE_TRY(const nlohmann::json body, request.json());
  if (!body.is_object()) return failure(400, 10021, "the settings are not an object");
  for (const char* key : {"observability", "logpush", "tail_consumers", "tags"}) {
    if (body.contains(key)) script->settings[key] = body[key];
  }
  SELVAGE_TRY(auto change, platform.store.begin(request.actor));
  SELVAGE_CHECK_STATUS(platform.store.save_settings(change, *script, "script.settings"));
  SELVAGE_CHECK_STATUS(change.commit());
  return success(shown(*script));
}

}  // namespace

void add_script_settings(Router& router, Platform& platform) {
  const std::string settings = "/accounts/:account/workers/scripts/:script/script-settings";
  router.add("GET", settings, Access::read, [&](const ApiRequest& request) -> Result<ApiResponse> {
    SELVAGE_TRY(const auto script,
                platform.store.find_script(request.account.id, request.name("script")));
    return script ? success(shown(*script)) : no_such_worker();
  });
  router.add("PATCH", settings, Access::write,
             [&](const ApiRequest& request) { return patch_settings(platform, request); });
}

}  // namespace selvage::api
