// The same workers as "services" and as "workers": how wrangler looks them up and deletes them.
#include "api/resources.h"
#include "api/shapes.h"
#include "api/version_plan.h"

namespace selvage::api {
namespace {

Result<ApiResponse> get_service(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const auto script,
              platform.store.find_script(request.account.id, request.name("service")));
  if (!script) return failure(404, 10090, "This service does not exist on your account.");
  SELVAGE_TRY(const auto latest, platform.store.latest_version(script->number));
  nlohmann::json shown = show_script(*script, latest ? &*latest : nullptr);
  SELVAGE_TRY(const auto registry, platform.store.object_namespaces());
  const std::string tag =
      migration_tag(registry, deploy::worker_key(request.account.number, script->name));
  shown.erase("migration_tag");
  if (!tag.empty()) shown["migration_tag"] = tag;
  const nlohmann::json environment = {{"environment", "production"},
                                      {"created_on", script->created_on},
                                      {"modified_on", script->modified_on},
                                      {"script", shown}};
  return success({{"id", script->name},
                  {"default_environment", environment},
                  {"created_on", script->created_on},
                  {"modified_on", script->modified_on},
                  {"environments", nlohmann::json::array({environment})}});
}

Result<ApiResponse> get_worker(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const auto script,
              platform.store.find_script(request.account.id, request.name("worker")));
  if (!script) return no_such_worker();
  nlohmann::json subdomain = show_subdomain(*script);
  subdomain["url"] = platform.url_of(request.account, script->name);
  subdomain["preview_url_suffix"] = platform.preview_suffix(request.account, script->name);
  return success(
      {{"id", script->tag},
       {"name", script->name},
       {"created_on", script->created_on},
       {"updated_on", script->modified_on},
       {"deployed_on", script->modified_on},
       {"logpush", script->settings.value("logpush", false)},
       {"observability",
        script->settings.value("observability", nlohmann::json{{"enabled", false}})},
       {"tags", script->settings.value("tags", nlohmann::json::array())},
       {"tail_consumers", script->settings.value("tail_consumers", nlohmann::json::array())},
       {"references",
        {{"domains", nlohmann::json::array()},
         {"durable_objects", nlohmann::json::array()},
         {"queues", nlohmann::json::array()},
         {"workers", nlohmann::json::array()},
         {"dispatch_namespace_outbounds", nlohmann::json::array()}}},
       {"subdomain", subdomain}});
}

struct References {
  nlohmann::json services = nlohmann::json::array();
  nlohmann::json objects = nlohmann::json::array();
};

/// Workers whose deployed versions bind `name`.
Result<References> references_to(Platform& platform, const ApiRequest& request,
                                 const std::string& name) {
  References found;
  SELVAGE_TRY(const auto scripts, platform.store.scripts(request.account.id));
  for (const deploy::Script& script : scripts) {
    if (script.name == name) continue;
    SELVAGE_TRY(const auto version, platform.store.latest_version(script.number));
    if (!version) continue;
    for (const auto& each : deploy::visible_bindings(version->document)) {
      const std::string type = each.value("type", "");
      if (type == "service" && each.value("service", "") == name) {
        found.services.push_back(
            {{"service", script.name}, {"environment", "production"}, {"name", each["name"]}});
      } else if (type == "durable_object_namespace" && each.contains("script_name") &&
                 each["script_name"] == name) {
        found.objects.push_back({{"service", script.name},
                                 {"environment", "production"},
                                 {"name", each["name"]},
                                 {"durable_object_namespace_name", each.value("class_name", "")},
                                 {"durable_object_namespace_id", ""}});
      }
    }
  }
  return found;
}

Result<ApiResponse> get_references(Platform& platform, const ApiRequest& request) {
  const std::string name = request.name("script");
  SELVAGE_TRY(const auto script, platform.store.find_script(request.account.id, name));
  if (!script) return no_such_worker();
  SELVAGE_TRY(const References found, references_to(platform, request, name));
  return success(
      {{"services", {{"incoming", found.services}, {"outgoing", nlohmann::json::array()}}},
       {"durable_objects", found.objects},
       {"dispatch_outbounds", nlohmann::json::array()}});
}

}  // namespace

Result<ApiResponse> delete_worker(Platform& platform, const ApiRequest& request,
                                  const std::string& name) {
  SELVAGE_TRY(const auto script, platform.store.find_script(request.account.id, name));
  if (!script) return failure(404, 10090, "This service does not exist on your account.");
  if (request.option("force") != "true") {
    SELVAGE_TRY(const References found, references_to(platform, request, name));
    if (!found.services.empty() || !found.objects.empty()) {
      return failure(400, 10064,
                     "Other Workers have bindings to this one. Remove them first, or delete it "
                     "with --force");
    }
  }
  SELVAGE_TRY(deploy::NamespaceRegistry registry, platform.store.object_namespaces());
  const std::string key = deploy::worker_key(request.account.number, name);
  bool had_objects = registry.applied.erase(key) > 0;
  for (const auto& each : registry.namespaces) {
    if (each.worker == key) registry.retired.push_back({each.id, false});
  }
  had_objects |=
      std::erase_if(registry.namespaces, [&](const auto& each) { return each.worker == key; }) > 0;
  SELVAGE_TRY(auto change, platform.store.begin(request.actor));
  SELVAGE_CHECK_STATUS(platform.store.delete_script(change, *script));
  if (had_objects) {
    SELVAGE_CHECK_STATUS(platform.store.save_object_namespaces(change, registry));
  }
  SELVAGE_CHECK_STATUS(change.commit());
  SELVAGE_CHECK_STATUS(platform.runtime.publish());
  if (had_objects) platform.runtime.remove_retired_objects();
  return success({{"id", name}});
}

void add_services(Router& router, Platform& platform) {
  const std::string workers = "/accounts/:account/workers";
  router.add("GET", workers + "/services/:service", Access::read,
             [&](const ApiRequest& request) { return get_service(platform, request); });
  router.add("DELETE", workers + "/services/:service", Access::write,
             [&](const ApiRequest& request) {
               return delete_worker(platform, request, request.name("service"));
             });
  router.add("DELETE", workers + "/scripts/:script", Access::write, [&](const ApiRequest& request) {
    return delete_worker(platform, request, request.name("script"));
  });
  router.add("GET", workers + "/workers/:worker", Access::read,
             [&](const ApiRequest& request) { return get_worker(platform, request); });
  router.add("GET", workers + "/scripts/:script/references", Access::read,
             [&](const ApiRequest& request) { return get_references(platform, request); });
  router.add(
      "GET", workers + "/tails/by-consumer/:script", Access::read,
      [](const ApiRequest&) -> Result<ApiResponse> { return success(nlohmann::json::array()); });
}

}  // namespace selvage::api
