// Custom domains: a worker that answers everything at a host name.
#include <algorithm>

#include "api/host_owner.h"
#include "api/resources.h"
#include "api/shapes.h"
#include "deploy/platform/route_table.h"

namespace selvage::api {
namespace {

nlohmann::json show_domain(const deploy::DomainRecord& domain) {
  return {{"id", domain.id},
          {"hostname", domain.hostname},
          {"service", domain.script},
          {"environment", "production"}};
}

Result<std::vector<std::string>> hostnames_in(const nlohmann::json& list) {
  const auto refuse = [](const std::string& message) {
    return fail(ErrorCode::invalid_argument, message);
  };
  if (!list.is_array()) return refuse("the domains are not an array of {\"hostname\"}");
  std::vector<std::string> names;
  for (const auto& each : list) {
    if (!each.is_object() || !each.contains("hostname") || !each["hostname"].is_string()) {
      return refuse("a domain has no \"hostname\"");
    }
    const auto name = each["hostname"].get<std::string>();
    const auto pattern = deploy::RoutePattern::parse(name);
    if (!pattern || pattern->any_prefix || pattern->any_suffix || pattern->path != "/") {
      return refuse("\"" + name + "\" is not a host name");
    }
    names.push_back(pattern->host);
  }
  return names;
}

/// What would change if the worker had these domains.
Result<ApiResponse> changeset(Platform& platform, const ApiRequest& request) {
  const std::string script = request.name("script");
  SELVAGE_TRY(const nlohmann::json body, request.json());
  SELVAGE_TRY(const auto wanted, hostnames_in(body));
  SELVAGE_TRY(const auto all, platform.store.domains(""));
  nlohmann::json added = nlohmann::json::array();
  nlohmann::json removed = nlohmann::json::array();
  nlohmann::json updated = nlohmann::json::array();
  for (const std::string& name : wanted) {
    const auto known = std::ranges::find(all, name, &deploy::DomainRecord::hostname);
    if (known == all.end()) {
      added.push_back({{"hostname", name}, {"service", script}});
    } else if (known->account == request.account.id && known->script != script) {
      nlohmann::json shown = show_domain(*known);
      shown["modified"] = true;
      updated.push_back(std::move(shown));
    }
  }
  for (const auto& each : all) {
    if (each.account == request.account.id && each.script == script &&
        std::ranges::find(wanted, each.hostname) == wanted.end()) {
      removed.push_back(show_domain(each));
    }
  }
  return success({{"added", added},
                  {"removed", removed},
                  {"updated", updated},
                  {"conflicting", nlohmann::json::array()}});
}

/// Replaces all of a worker's domains.
Result<ApiResponse> put_records(Platform& platform, const ApiRequest& request) {
  const std::string name = request.name("script");
  SELVAGE_TRY(const auto script, platform.store.find_script(request.account.id, name));
  if (!script) return no_such_worker();
  SELVAGE_TRY(const nlohmann::json body, request.json());
  if (!body.is_object()) return failure(400, 10021, "the body is not an object");
  SELVAGE_TRY(const auto wanted, hostnames_in(body.value("origins", nlohmann::json())));
  SELVAGE_TRY(const auto all, platform.store.domains(""));
  SELVAGE_TRY(auto change, platform.store.begin(request.actor));
  nlohmann::json saved = nlohmann::json::array();
  for (const auto& each : all) {
    if (each.account == request.account.id && each.script == name &&
        std::ranges::find(wanted, each.hostname) == wanted.end()) {
      SELVAGE_CHECK_STATUS(platform.store.delete_domain(change, each.account, each.id));
    }
  }
  for (const std::string& hostname : wanted) {
    SELVAGE_TRY(const auto taken, host_taken(platform, request.account, {.host = hostname}));
    if (taken) {
      return failure(409, 100117, "The domain " + hostname + " is refused: " + *taken + ".");
    }
    const auto known = std::ranges::find(all, hostname, &deploy::DomainRecord::hostname);
    deploy::DomainRecord record{known == all.end() ? deploy::random_id() : known->id,
                                request.account.id, hostname, name};
    SELVAGE_CHECK_STATUS(platform.store.save_domain(change, record));
    saved.push_back(show_domain(record));
  }
  SELVAGE_CHECK_STATUS(change.commit());
  SELVAGE_CHECK_STATUS(platform.runtime.publish());
  return success(saved);
}

}  // namespace

void add_domains(Router& router, Platform& platform) {
  const std::string domains = "/accounts/:account/workers/scripts/:script/domains";
  router.add("POST", domains + "/changeset", Access::read,
             [&](const ApiRequest& request) { return changeset(platform, request); });
  router.add("PUT", domains + "/records", Access::write,
             [&](const ApiRequest& request) { return put_records(platform, request); });
  router.add("GET", "/accounts/:account/workers/domains", Access::read,
             [&](const ApiRequest& request) -> Result<ApiResponse> {
               SELVAGE_TRY(const auto all, platform.store.domains(request.account.id));
               nlohmann::json list = nlohmann::json::array();
               for (const auto& each : all) list.push_back(show_domain(each));
               return success(list);
             });
}

}  // namespace selvage::api
