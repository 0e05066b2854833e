// Who changed what: newest first.
#include "api/resources.h"

namespace selvage::api {

void add_audit_log(Router& router, Platform& platform) {
  router.add("GET", "/accounts/:account/audit_logs", Access::read,
             [&](const ApiRequest& request) -> Result<ApiResponse> {
               constexpr int64_t kShown = 1000;
               SELVAGE_TRY(const auto log, platform.store.audit_log(request.account.id, kShown));
               nlohmann::json list = nlohmann::json::array();
               for (const auto& each : log) {
                 list.push_back({{"id", each.number},
                                 {"when", each.at},
                                 {"actor", {{"token", each.token}}},
                                 {"action", {{"type", each.action}}},
                                 {"resource", {{"id", each.subject}}},
                                 {"metadata", each.detail}});
               }
               return one_page(request, list, 100);
             });
}

void add_resources(Router& router, Platform& platform) {
  add_user(router, platform);
  add_scripts(router, platform);
  add_services(router, platform);
  add_versions(router, platform);
  add_deployments(router, platform);
  add_script_settings(router, platform);
  add_secrets(router, platform);
  add_subdomains(router, platform);
  add_triggers(router, platform);
  add_domains(router, platform);
  add_kv_namespaces(router, platform);
  add_kv_values(router, platform);
  add_durable_objects(router, platform);
  add_assets(router, platform);
  add_oauth(router, platform);
  add_pages_projects(router, platform);
  add_pages_deployments(router, platform);
  add_pages_assets(router, platform);
  add_tails(router, platform);
  add_logs(router, platform);
  add_audit_log(router, platform);
}

}  // namespace selvage::api
