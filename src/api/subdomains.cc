// The account's subdomain of the base domain, and whether a worker answers below it.
#include "api/resources.h"
#include "api/shapes.h"
#include "api/worker_upload.h"

namespace selvage::api {
namespace {

Result<ApiResponse> put_account_subdomain(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const nlohmann::json body, request.json());
  if (!body.is_object() || !body.contains("subdomain") || !body["subdomain"].is_string()) {
    return failure(400, 10029, "the body has no \"subdomain\"");
  }
  const auto name = body["subdomain"].get<std::string>();
  SELVAGE_CHECK_STATUS(check_worker_name(name));
  if (name == request.account.subdomain) return success({{"subdomain", name}});
  SELVAGE_TRY(const bool taken, platform.store.subdomain_taken(name));
  if (taken) return failure(409, 10031, "This subdomain is taken.");
  SELVAGE_TRY(auto change, platform.store.begin(request.actor));
  SELVAGE_CHECK_STATUS(platform.store.set_subdomain(change, request.account.id, name));
  SELVAGE_CHECK_STATUS(change.commit());
  SELVAGE_CHECK_STATUS(platform.runtime.publish());
  return success({{"subdomain", name}});
}

Result<ApiResponse> set_script_subdomain(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(auto script, platform.store.find_script(request.account.id, request.name("script")));
  if (!script) return no_such_worker();
  nlohmann::json subdomain = show_subdomain(*script);
  if (request.method == "DELETE") {
    subdomain = {{"enabled", false}, {"previews_enabled", false}};
  } else {
    SELVAGE_TRY(const nlohmann::json body, request.json());
    for (const char* key : {"enabled", "previews_enabled"}) {
      if (body.is_object() && body.contains(key) && body[key].is_boolean()) {
        subdomain[key] = body[key];
      }
    }
  }
  if (!script->settings.contains("subdomain") || script->settings["subdomain"] != subdomain) {
    script->settings["subdomain"] = subdomain;
    SELVAGE_TRY(auto change, platform.store.begin(request.actor));
    SELVAGE_CHECK_STATUS(platform.store.save_settings(change, *script, "script.subdomain"));
    SELVAGE_CHECK_STATUS(change.commit());
    SELVAGE_CHECK_STATUS(platform.runtime.publish());
  }
  return success(subdomain);
}

}  // namespace

void add_subdomains(Router& router, Platform& platform) {
  const std::string workers = "/accounts/:account/workers";
  router.add("GET", workers + "/subdomain", Access::read,
             [](const ApiRequest& request) -> Result<ApiResponse> {
               if (request.account.subdomain.empty()) {
                 return failure(404, 10007, "There is no subdomain for this account yet.");
               }
               return success({{"subdomain", request.account.subdomain}});
             });
  router.add("PUT", workers + "/subdomain", Access::write,
             [&](const ApiRequest& request) { return put_account_subdomain(platform, request); });
  router.add("GET", workers + "/subdomains/:subdomain", Access::read,
             [&](const ApiRequest& request) -> Result<ApiResponse> {
               SELVAGE_TRY(const bool taken,
                           platform.store.subdomain_taken(request.name("subdomain")));
               return taken ? failure(409, 10031, "This subdomain is taken.")
                            : failure(404, 10032, "This subdomain is free.");
             });
  const std::string script = workers + "/scripts/:script/subdomain";
  router.add("GET", script, Access::read, [&](const ApiRequest& request) -> Result<ApiResponse> {
    SELVAGE_TRY(const auto found,
                platform.store.find_script(request.account.id, request.name("script")));
    return found ? success(show_subdomain(*found)) : no_such_worker();
  });
  for (const char* method : {"POST", "DELETE"}) {
    router.add(method, script, Access::write,
               [&](const ApiRequest& request) { return set_script_subdomain(platform, request); });
  }
}

}  // namespace selvage::api
