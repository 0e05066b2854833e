#include "api/gate.h"

#include "base/log.h"

namespace selvage::api {
namespace {

constexpr std::string_view kPrefix = "/client/v4";
constexpr size_t kMostClients = 10'000;

std::string_view bearer(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() < kScheme.size()) return {};
  for (size_t i = 0; i < kScheme.size(); ++i) {
    if ((authorization[i] | 0x20) != (kScheme[i] | 0x20)) return {};
  }
  return authorization.substr(kScheme.size());
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

bool Gate::may_enter(const std::string& authorization) {
  const auto token = platform_.store.find_token(bearer(authorization));
  return token && *token;
}

ApiResponse Gate::answer(ApiRequest request, std::string_view target, Clock::time_point now) {
  const size_t question = target.find('?');
  std::string_view path = target.substr(0, question);
  if (question != std::string_view::npos) request.query = parse_query(target.substr(question + 1));
  if (path.starts_with(kPrefix)) path.remove_prefix(kPrefix.size());
  request.path = path;
  Router::Found found = router_.find(request.method, path);
  request.names = std::move(found.names);

  if (found.handler == nullptr || found.access != Access::own_token) {
    const auto token = platform_.store.find_token(bearer(request.authorization));
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
