// Deployments: which versions answer, with which shares. A rollback is a deployment of an older
// version.
#include <cmath>
#include <set>

#include "api/resources.h"
#include "api/shapes.h"

namespace selvage::api {
namespace {

constexpr int64_t kListed = 100;

Result<ApiResponse> list_deployments(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const auto script,
              platform.store.find_script(request.account.id, request.name("script")));
  if (!script) return no_such_worker();
  SELVAGE_TRY(const auto deployments, platform.store.deployments(script->number, kListed));
  nlohmann::json list = nlohmann::json::array();
  for (const auto& each : deployments) list.push_back(show_deployment(each));
  return success({{"deployments", list}});
}

Result<ApiResponse> post_deployment(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const auto script,
              platform.store.find_script(request.account.id, request.name("script")));
  if (!script) return no_such_worker();
  SELVAGE_TRY(const nlohmann::json body, request.json());
  const auto refuse = [](const std::string& message) { return failure(400, 10021, message); };
  if (!body.is_object() || !body.contains("versions") || !body["versions"].is_array() ||
      body["versions"].empty() || body["versions"].size() > 100) {
    return refuse("\"versions\" is not an array of versions with percentages");
  }
  if (body.value("strategy", nlohmann::json("percentage")) != "percentage") {
    return refuse("the only strategy is \"percentage\"");
  }
  deploy::DeploymentRecord deployment;
  double sum = 0;
  std::set<std::string> seen;
  for (const auto& each : body["versions"]) {
    if (!each.is_object() || !each.contains("version_id") || !each["version_id"].is_string() ||
        !each.contains("percentage") || !each["percentage"].is_number()) {
      return refuse("a version has no \"version_id\" or no \"percentage\"");
    }
    const auto id = each["version_id"].get<std::string>();
    const auto percentage = each["percentage"].get<double>();
    SELVAGE_TRY(const auto version, platform.store.find_version(script->number, id));
    if (!version) return refuse("there is no version " + id + " of " + script->name);
    if (!(percentage >= 0 && percentage <= 100)) return refuse("a percentage is not in 0 to 100");
    if (!seen.insert(id).second) return refuse("the version " + id + " is there twice");
    sum += percentage;
    deployment.versions.push_back({id, percentage});
  }
  if (std::abs(sum - 100) > 0.01) return refuse("the percentages do not add up to 100");
  deployment.source = "wrangler";
  deployment.author = request.actor.token;
  deployment.annotations = {{"workers/triggered_by", "deployment"}};
  if (body.contains("annotations") && body["annotations"].is_object()) {
    for (const auto& [key, value] : body["annotations"].items()) {
      if (value.is_string()) deployment.annotations[key] = value;
    }
  }
  SELVAGE_TRY(auto change, platform.store.begin(request.actor));
  SELVAGE_CHECK_STATUS(platform.store.create_deployment(change, *script, deployment));
  SELVAGE_CHECK_STATUS(change.commit());
  SELVAGE_CHECK_STATUS(platform.runtime.publish());
  return success(show_deployment(deployment));
}

}  // namespace

void add_deployments(Router& router, Platform& platform) {
  const std::string deployments = "/accounts/:account/workers/scripts/:script/deployments";
  router.add("GET", deployments, Access::read,
             [&](const ApiRequest& request) { return list_deployments(platform, request); });
  router.add("POST", deployments, Access::write,
             [&](const ApiRequest& request) { return post_deployment(platform, request); });
}

}  // namespace selvage::api
