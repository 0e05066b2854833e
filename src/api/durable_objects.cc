// Which namespaces of Durable Objects the account's workers have.
#include "api/resources.h"

namespace selvage::api {

void add_durable_objects(Router& router, Platform& platform) {
  router.add("GET", "/accounts/:account/workers/durable_objects/namespaces", Access::read,
             [&](const ApiRequest& request) -> Result<ApiResponse> {
               SELVAGE_TRY(const auto registry, platform.store.object_namespaces());
               SELVAGE_TRY(const auto scripts, platform.store.scripts(request.account.id));
               nlohmann::json list = nlohmann::json::array();
               for (const deploy::Script& script : scripts) {
                 const std::string key = deploy::worker_key(request.account.number, script.name);
                 for (const auto& each : registry.namespaces) {
                   if (each.worker != key) continue;
                   list.push_back({{"id", deploy::sha256_hex(each.id).substr(0, 32)},
                                   {"name", script.name + "_" + each.class_name},
                                   {"script", script.name},
                                   {"class", each.class_name},
                                   {"use_sqlite", each.sqlite}});
                 }
               }
               return one_page(request, list, 100);
             });
}

}  // namespace selvage::api
