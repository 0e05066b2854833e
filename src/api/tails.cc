// Live logs: a tail is opened here, and read from a WebSocket at its URL, which nobody can guess.
#include <algorithm>

#include "api/gate.h"
#include "api/pages.h"
#include "api/resources.h"
#include "api/shapes.h"

namespace selvage::api {
namespace {

nlohmann::json show_tail(const ApiRequest& request, const Tail& tail) {
  constexpr std::string_view kHttp = "http";
  const std::string url =
      "ws" + request.origin.substr(std::min(kHttp.size(), request.origin.size()));
  return {{"id", tail.id},
          {"url", url + std::string(kPathPrefix) + std::string(kTailsPath) + tail.id},
          {"expires_at", tail.expires_at}};
}

/// What the path names.
struct Tailed {
  std::string worker;   // key
  std::string version;  // "" = all of them
};

/// Calls `handle` with the worker that the path names.
template <class Handle>
Result<ApiResponse> with_worker(Platform& platform, const ApiRequest& request, Handle handle) {
  SELVAGE_TRY(const auto script,
              platform.store.find_script(request.account.id, request.name("script")));
  if (!script) return no_such_worker();
  return handle(Tailed{deploy::worker_key(request.account.number, script->name), ""});
}

/// Likewise, with a deployment of a Pages project.
template <class Handle>
Result<ApiResponse> with_deployment(Platform& platform, const ApiRequest& request, Handle handle) {
  return with_pages_deployment(
      platform, request, [&](const deploy::Script& script, const deploy::VersionRecord& version) {
        return handle(Tailed{deploy::worker_key(request.account.number, script.name), version.id});
      });
}

Result<ApiResponse> open_tail(Platform& platform, const ApiRequest& request, const Tailed& tailed) {
  nlohmann::json filters = nlohmann::json::array();
  if (!request.body.empty()) {
    SELVAGE_TRY(const nlohmann::json body, request.json());
    if (body.is_object()) filters = body.value("filters", filters);
  }
  if (!tailed.version.empty() && filters.is_array()) {
    filters.push_back({{"scriptVersion", tailed.version}});
  }
  SELVAGE_TRY(const Tail tail, platform.runtime.open_tail(tailed.worker, filters, request.client));
  return success(show_tail(request, tail));
}

Result<ApiResponse> list_tails(Platform& platform, const ApiRequest& request,
                               const Tailed& tailed) {
  nlohmann::json list = nlohmann::json::array();
  for (const Tail& tail : platform.runtime.tails(tailed.worker)) {
    list.push_back(show_tail(request, tail));
  }
  return success(list);
}

Result<ApiResponse> close_tail(Platform& platform, const ApiRequest& request,
                               const Tailed& tailed) {
  if (!platform.runtime.close_tail(tailed.worker, request.name("tail"))) {
    return failure(404, 10059, "This tail does not exist.");
  }
  return success(nullptr);
}

/// Routes for the tails of what lies at `path`, which `with` finds.
template <class With>
void add_tails_of(Router& router, Platform& platform, const std::string& path, With with) {
  router.add("POST", path + "/tails", Access::read, [&platform, with](const ApiRequest& request) {
    return with(platform, request,
                [&](const Tailed& tailed) { return open_tail(platform, request, tailed); });
  });
  router.add("GET", path + "/tails", Access::read, [&platform, with](const ApiRequest& request) {
    return with(platform, request,
                [&](const Tailed& tailed) { return list_tails(platform, request, tailed); });
  });
  router.add(
      "DELETE", path + "/tails/:tail", Access::read, [&platform, with](const ApiRequest& request) {
        return with(platform, request,
                    [&](const Tailed& tailed) { return close_tail(platform, request, tailed); });
      });
}

}  // namespace

void add_tails(Router& router, Platform& platform) {
  const auto worker = [](Platform& where, const ApiRequest& request, auto handle) {
    return with_worker(where, request, handle);
  };
  const auto deployment = [](Platform& where, const ApiRequest& request, auto handle) {
    return with_deployment(where, request, handle);
  };
  add_tails_of(router, platform, "/accounts/:account/workers/scripts/:script", worker);
  add_tails_of(router, platform,
               "/accounts/:account/pages/projects/:project/deployments/:deployment", deployment);
}

}  // namespace selvage::api
