// What starts a worker besides its name: schedules and routes. Any host name is a zone here: whose
// it is, DNS decides, and a pattern belongs to one account at a time.
#include <algorithm>

#include "api/host_owner.h"
#include "api/resources.h"
#include "api/shapes.h"
#include "deploy/platform/route_table.h"

namespace selvage::api {
namespace {

constexpr size_t kMostSchedules = 250;

Result<ApiResponse> put_schedules(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(auto script, platform.store.find_script(request.account.id, request.name("script")));
  if (!script) return no_such_worker();
  SELVAGE_TRY(const nlohmann::json body, request.json());
  if (!body.is_array() || body.size() > kMostSchedules) {
    return failure(400, 10100, "the schedules are not an array of {\"cron\"}");
  }
  nlohmann::json schedules = nlohmann::json::array();
  const std::string now = deploy::iso_time_now();
  for (const auto& each : body) {
    if (!each.is_object() || !each.contains("cron") || !each["cron"].is_string()) {
      return failure(400, 10100, "a schedule has no \"cron\"");
    }
    schedules.push_back({{"cron", each["cron"]}, {"created_on", now}, {"modified_on", now}});
  }
  script->settings["schedules"] = schedules;
  SELVAGE_TRY(auto change, platform.store.begin(request.actor));
  SELVAGE_CHECK_STATUS(platform.store.save_settings(change, *script, "script.schedules"));
  SELVAGE_CHECK_STATUS(change.commit());
  SELVAGE_CHECK_STATUS(platform.runtime.publish());
  return success({{"schedules", schedules}});
}

std::string zone_id(const std::string& account, const std::string& zone) {
  return deploy::sha256_hex("zone " + account + " " + zone).substr(0, 32);
}

/// "api.example.com" -> "example.com": enough to group patterns by.
std::string zone_of(const std::string& host) {
  const size_t last = host.rfind('.');
  if (last == std::string::npos || last == 0) return host;
  const size_t before = host.rfind('.', last - 1);
  return before == std::string::npos ? host : host.substr(before + 1);
}

nlohmann::json show_zone(const ApiRequest& request, const std::string& name) {
  return {{"id", zone_id(request.account.id, name)},
          {"name", name},
          {"status", "active"},
          {"paused", false},
          {"account", {{"id", request.account.id}, {"name", request.account.name}}}};
}

nlohmann::json show_route(const deploy::RouteRecord& route) {
  return {{"id", route.id},
          {"pattern", route.pattern},
          {"script", route.script.empty() ? nlohmann::json() : nlohmann::json(route.script)}};
}

/// Saves `pattern` for `script`. nullopt when it is good, else what the client gets.
Result<std::optional<ApiResponse>> save_route(Platform& platform, const ApiRequest& request,
                                              deploy::PlatformStore::Change& change,
                                              const std::string& pattern, const std::string& script,
                                              nlohmann::json& saved) {
  const auto parsed = deploy::RoutePattern::parse(pattern);
  if (!parsed) return failure(400, 10022, parsed.error().describe());
  SELVAGE_TRY(const auto taken, host_taken(platform, request.account, *parsed));
  if (taken) return failure(409, 10020, "The route " + pattern + " is refused: " + *taken + ".");
  SELVAGE_TRY(const auto all, platform.store.routes(request.account.id));
  deploy::RouteRecord route{deploy::random_id(), request.account.id, zone_of(parsed->host), pattern,
                            script};
  for (const auto& each : all) {
    if (each.pattern == pattern) route.id = each.id;
  }
  SELVAGE_CHECK_STATUS(platform.store.save_route(change, route));
  saved.push_back(show_route(route));
  return std::optional<ApiResponse>();
}

/// Replaces all of a worker's routes.
Result<ApiResponse> put_routes(Platform& platform, const ApiRequest& request) {
  const std::string name = request.name("script");
  SELVAGE_TRY(const auto script, platform.store.find_script(request.account.id, name));
  if (!script) return no_such_worker();
  SELVAGE_TRY(const nlohmann::json body, request.json());
  if (!body.is_array()) return failure(400, 10022, "the routes are not an array");
  std::vector<std::string> patterns;
  for (const auto& each : body) {
    const auto pattern = each.is_object() ? each.value("pattern", nlohmann::json()) : each;
    if (!pattern.is_string()) return failure(400, 10022, "a route has no \"pattern\"");
    patterns.push_back(pattern.get<std::string>());
  }
  SELVAGE_TRY(auto change, platform.store.begin(request.actor));
  SELVAGE_TRY(const auto mine, platform.store.routes(request.account.id));
  for (const auto& each : mine) {
    if (each.script != name || std::ranges::find(patterns, each.pattern) != patterns.end())
      continue;
    SELVAGE_CHECK_STATUS(platform.store.delete_route(change, request.account.id, each.id));
  }
  nlohmann::json saved = nlohmann::json::array();
  for (const std::string& pattern : patterns) {
    SELVAGE_TRY(auto refused, save_route(platform, request, change, pattern, name, saved));
    if (refused) return std::move(*refused);
  }
  SELVAGE_CHECK_STATUS(change.commit());
  SELVAGE_CHECK_STATUS(platform.runtime.publish());
  return success(saved);
}

Result<ApiResponse> list_zone_routes(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const auto routes, platform.store.routes(request.account.id));
  nlohmann::json list = nlohmann::json::array();
  for (const auto& each : routes) {
    if (zone_id(request.account.id, each.zone) == request.name("zone")) {
      list.push_back(show_route(each));
    }
  }
  return success(list);
}

Result<ApiResponse> post_zone_route(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const nlohmann::json body, request.json());
  if (!body.is_object() || !body.contains("pattern") || !body["pattern"].is_string()) {
    return failure(400, 10022, "the route has no \"pattern\"");
  }
  std::string script;
  if (body.contains("script") && body["script"].is_string()) script = body["script"];
  SELVAGE_TRY(auto change, platform.store.begin(request.actor));
  nlohmann::json saved = nlohmann::json::array();
  SELVAGE_TRY(auto refused, save_route(platform, request, change,
                                       body["pattern"].get<std::string>(), script, saved));
  if (refused) return std::move(*refused);
  SELVAGE_CHECK_STATUS(change.commit());
  SELVAGE_CHECK_STATUS(platform.runtime.publish());
  return success(saved[0]);
}

Result<ApiResponse> delete_zone_route(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(auto change, platform.store.begin(request.actor));
  SELVAGE_CHECK_STATUS(
      platform.store.delete_route(change, request.account.id, request.name("route")));
  SELVAGE_CHECK_STATUS(change.commit());
  SELVAGE_CHECK_STATUS(platform.runtime.publish());
  return success({{"id", request.name("route")}});
}

}  // namespace

void add_triggers(Router& router, Platform& platform) {
  const std::string script = "/accounts/:account/workers/scripts/:script";
  router.add("PUT", script + "/schedules", Access::write,
             [&](const ApiRequest& request) { return put_schedules(platform, request); });
  router.add("GET", script + "/schedules", Access::read,
             [&](const ApiRequest& request) -> Result<ApiResponse> {
               SELVAGE_TRY(const auto found,
                           platform.store.find_script(request.account.id, request.name("script")));
               if (!found) return no_such_worker();
               return success(
                   {{"schedules", found->settings.value("schedules", nlohmann::json::array())}});
             });
  router.add("PUT", script + "/routes", Access::write,
             [&](const ApiRequest& request) { return put_routes(platform, request); });
  router.add("GET", "/zones", Access::read, [](const ApiRequest& request) -> Result<ApiResponse> {
    nlohmann::json zones = nlohmann::json::array();
    if (const std::string name = request.option("name"); !name.empty()) {
      zones.push_back(show_zone(request, name));
    }
    return one_page(request, zones, 20);
  });
  router.add("GET", "/zones/:zone/workers/routes", Access::read,
             [&](const ApiRequest& request) { return list_zone_routes(platform, request); });
  router.add("POST", "/zones/:zone/workers/routes", Access::write,
             [&](const ApiRequest& request) { return post_zone_route(platform, request); });
  router.add("DELETE", "/zones/:zone/workers/routes/:route", Access::write,
             [&](const ApiRequest& request) { return delete_zone_route(platform, request); });
}

}  // namespace selvage::api
