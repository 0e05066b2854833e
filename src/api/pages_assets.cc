// How the contents of Pages' assets come: with a token for the account, before it is known for
// which deployment.
#include "api/resources.h"
#include "base/base64.h"
#include "base/wall_clock.h"

namespace selvage::api {
namespace {

constexpr int kBadToken = 8000013;  // wrangler fetches a new one

/// With the account that the request's token is for.
template <class Handle>
Result<ApiResponse> with_account(Platform& platform, const ApiRequest& request, Handle handle) {
  const auto account =
      platform.uploads.account_of_pages_token(request.bearer(), wall_clock_seconds());
  if (!account) return failure(401, kBadToken, account.error().describe());
  SELVAGE_TRY(const nlohmann::json body, request.json());
  return handle(*account, body);
}

Result<ApiResponse> check_missing(Platform& platform, const std::string& account,
                                  const nlohmann::json& body) {
  SELVAGE_TRY(const auto missing,
              platform.uploads.missing(account, body.at("hashes").get<std::vector<std::string>>()));
  return success(missing);
}

/// [{"key": hash, "value": base64, "base64": true}, ...]
Result<ApiResponse> upload(Platform& platform, const std::string& account,
                           const nlohmann::json& body) {
  if (!body.is_array()) return failure(400, 8000001, "the body is not an array of contents");
  std::vector<assets::UploadSessions::Part> parts;
  for (const auto& each : body) {
    const auto hash = each.at("key").get<std::string>();
    const auto& value = each.at("value").get_ref<const std::string&>();
    std::optional<std::string> content(value);
    if (each.value("base64", false)) content = base64_decode(value);
    if (!content) return failure(400, 8000001, "the content of " + hash + " is not base64");
    parts.push_back({hash, std::move(*content)});
  }
  SELVAGE_CHECK_STATUS(platform.uploads.put(account, parts));
  return success({{"successful_key_count", parts.size()}});
}

}  // namespace

void add_pages_assets(Router& router, Platform& platform) {
  router.add("POST", "/pages/assets/check-missing", Access::own_token,
             [&](const ApiRequest& request) {
               return with_account(platform, request, [&](const auto& account, const auto& body) {
                 return check_missing(platform, account, body);
               });
             });
  router.add("POST", "/pages/assets/upload", Access::own_token, [&](const ApiRequest& request) {
    return with_account(platform, request, [&](const auto& account, const auto& body) {
      return upload(platform, account, body);
    });
  });
  // Contents do not expire, so there is nothing to renew.
  router.add(
      "POST", "/pages/assets/upsert-hashes", Access::own_token, [&](const ApiRequest& request) {
        return with_account(platform, request, [](const auto&, const auto&) -> Result<ApiResponse> {
          return success(nullptr);
        });
      });
}

}  // namespace selvage::api
