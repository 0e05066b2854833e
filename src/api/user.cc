// Who am I: the token, its user, the accounts it reaches.
#include "api/resources.h"

namespace selvage::api {

void add_user(Router& router, Platform&) {
  const auto account = [](const ApiRequest& request) -> nlohmann::json {
    return {{"id", request.account.id},
            {"name", request.account.name},
            {"type", "standard"},
            {"created_on", request.account.created_on}};
  };
  router.add("GET", "/user/tokens/verify", Access::read,
             [](const ApiRequest& request) -> Result<ApiResponse> {
               return success({{"id", request.actor.token}, {"status", "active"}});
             });
  router.add("GET", "/user", Access::read, [](const ApiRequest& request) -> Result<ApiResponse> {
    return success({{"id", request.actor.token}, {"email", request.actor.token + "@selvage"}});
  });
  router.add("GET", "/accounts", Access::read,
             [account](const ApiRequest& request) -> Result<ApiResponse> {
               return one_page(request, nlohmann::json::array({account(request)}), 50);
             });
  router.add("GET", "/accounts/:account", Access::read,
             [account](const ApiRequest& request) -> Result<ApiResponse> {
               return success(account(request));
             });
  router.add("GET", "/memberships", Access::read,
             [account](const ApiRequest& request) -> Result<ApiResponse> {
               return one_page(
                   request,
                   nlohmann::json::array(
                       {{{"id", request.account.id},
                         {"account", account(request)},
                         {"status", "accepted"},
                         {"roles", {request.actor.write ? "Administrator" : "Read only"}}}}),
                   50);
             });
}

}  // namespace selvage::api
