#include "api/gate.h"

#include "base/log.h"
#include "base/wall_clock.h"

namespace selvage::api {
namespace {

constexpr size_t kMostClients = 10'000;

std::string_view path_of(std::string_view target) {
  if (target.starts_with(kPathPrefix)) target.remove_prefix(kPathPrefix.size());
  return target.substr(0, target.find('?'));
}

}  // namespace

ApiResponse Gate::refuse(const std::string& client, Clock::time_point now) {
  if (failures_.size() >= kMostClients) failures_.clear();
  Failures& failures = failures_[client];
  if (now - failures.since > kWindow) failures = {0, now};
  if (++failures.count <= kFailures) return failure(401, 10000, "Authentication error");
  ApiResponse response =
      failure(429, 10429, "Too many failed attempts. Wait a minute and try again");
  response.headers = "Retry-After: 60\r\n";
  return response;
}

bool Gate::may_enter(const ApiRequest& request, std::string_view target) {
  const Router::Found found = router_.find(request.method, path_of(target));
  if (found.handler != nullptr && found.access == Access::own_token) {
    const auto account = found.names.find("account");
    if (account == found.names.end()) {
      return platform_.uploads.account_of_pages_token(request.bearer(), wall_clock_seconds())
          .has_value();
    }
    return platform_.uploads.may_upload(request.bearer(), account->second, wall_clock_seconds());
  }
  const auto token = platform_.store.find_token(request.bearer());
  return token && *token;
}

ApiResponse Gate::answer(ApiRequest request, std::string_view target, Clock::time_point now) {
  const size_t question = target.find('?');
  const std::string_view path = path_of(target);
  if (question != std::string_view::npos) request.query = parse_query(target.substr(question + 1));
  request.path = path;
  Router::Found found = router_.find(request.method, path);
  request.names = std::move(found.names);

  if (found.handler == nullptr || found.access != Access::own_token) {
    const auto token = platform_.store.find_token(request.bearer());
    if (!token) return failure(token.error());
    if (!*token) return refuse(request.client, now);
    const auto account = platform_.store.find_account((*token)->account);
    if (!account) return failure(account.error());
    if (!*account) return refuse(request.client, now);
    request.account = **account;
    request.actor = {(*token)->account, (*token)->id, (*token)->write};
    if (found.handler == nullptr) {
      return found.other_method ? failure(405, 10405, "This method is not allowed here")
                                : failure(404, 7003,
                                          "Could not route to " + std::string(path) +
                                              ": there is no such resource on this platform");
    }
    if (const std::string& named = request.name("account");
        !named.empty() && named != request.account.id) {
      return failure(403, 10000, "Authentication error: the token is not for this account");
    }
    if (found.access == Access::write && !request.actor.write) {
      return failure(403, 10000, "Authentication error: the token may only read");
    }
  }
  try {
    Result<ApiResponse> response = (*found.handler)(request);
    if (response && response->status == 401) {  // a token of its own was wrong
      ApiResponse refused = refuse(request.client, now);
      if (refused.status == 429) return refused;
    }
    if (response) return std::move(*response);
    if (response.error().code == ErrorCode::internal || response.error().code == ErrorCode::io ||
        response.error().code == ErrorCode::corrupt) {
      log_error("api", request.method + " " + request.path + ": " + response.error().describe());
    }
    return failure(response.error());
  } catch (const nlohmann::json::exception&) {
    // A field of another type than every client sends.
    return failure(400, 10001, "the request has a value of the wrong type");
  }
}

}  // namespace selvage::api
