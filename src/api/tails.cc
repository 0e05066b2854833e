// Live logs: a tail is opened here, and read from a WebSocket at its URL, which nobody can guess.
#include <algorithm>

#include "api/gate.h"
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

/// The worker that the path names, as a key; nullopt when there is none.
Result<std::optional<std::string>> worker_of(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const auto script,
              platform.store.find_script(request.account.id, request.name("script")));
  if (!script) return std::optional<std::string>();
  return std::optional(deploy::worker_key(request.account.number, script->name));
}

Result<ApiResponse> open_tail(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const auto worker, worker_of(platform, request));
  if (!worker) return no_such_worker();
  nlohmann::json filters = nlohmann::json::array();
  if (!request.body.empty()) {
    SELVAGE_TRY(const nlohmann::json body, request.json());
    if (body.is_object()) filters = body.value("filters", filters);
  }
  SELVAGE_TRY(const Tail tail, platform.runtime.open_tail(*worker, filters, request.client));
  return success(show_tail(request, tail));
}

Result<ApiResponse> list_tails(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const auto worker, worker_of(platform, request));
  if (!worker) return no_such_worker();
  nlohmann::json list = nlohmann::json::array();
  for (const Tail& tail : platform.runtime.tails(*worker)) list.push_back(show_tail(request, tail));
  return success(list);
}

Result<ApiResponse> close_tail(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const auto worker, worker_of(platform, request));
  if (!worker || !platform.runtime.close_tail(*worker, request.name("tail"))) {
    return failure(404, 10059, "This tail does not exist.");
  }
  return success(nullptr);
}

}  // namespace

void add_tails(Router& router, Platform& platform) {
  const std::string tails = "/accounts/:account/workers/scripts/:script/tails";
  router.add("POST", tails, Access::read,
             [&](const ApiRequest& request) { return open_tail(platform, request); });
  router.add("GET", tails, Access::read,
             [&](const ApiRequest& request) { return list_tails(platform, request); });
  router.add("DELETE", tails + "/:tail", Access::read,
             [&](const ApiRequest& request) { return close_tail(platform, request); });
}

}  // namespace selvage::api
