#include "cli/api_client.h"

#include <charconv>

#include "http/syntax.h"

namespace selvage::cli {
namespace {

using Json = nlohmann::json;

constexpr const char* kHowToLogIn = "Log in with `selvage login`, or set SELVAGE_API_TOKEN";

std::string origin_of(const std::string& url) {
  const size_t host = url.find("//");
  return url.substr(0, url.find('/', host == std::string::npos ? 0 : host + 2));
}

/// What the envelope's errors say, one after the other.
std::string messages_of(const Json& envelope) {
  std::string text;
  for (const Json& each : envelope.value("errors", Json::array())) {
    if (!each.is_object() || !each.contains("message") || !each["message"].is_string()) continue;
    text += (text.empty() ? "" : "\n") + each["message"].get<std::string>();
  }
  return text;
}

tl::unexpected<Error> refused(int status, const Json& envelope, const ApiTarget& target) {
  std::string message = messages_of(envelope);
  if (message.empty()) message = "the platform answered with status " + std::to_string(status);
  switch (status) {
    case 401:
      return fail(ErrorCode::permission_denied,
                  target.token.empty() ? "not logged in to " + origin_of(target.url)
                                       : origin_of(target.url) + " does not know this token",
                  kHowToLogIn);
    case 403: return fail(ErrorCode::permission_denied, message);
    case 404: return fail(ErrorCode::not_found, message);
    case 409: return fail(ErrorCode::already_exists, message);
    case 413: return fail(ErrorCode::limit_exceeded, message);
    default: break;
  }
  return fail(status >= 500 || status == 429 ? ErrorCode::unavailable : ErrorCode::invalid_argument,
              message);
}

Result<ApiAnswer> read_envelope(const WebAnswer& answer, const ApiTarget& target) {
  const Json envelope = Json::parse(answer.body, nullptr, false);
  if (!envelope.is_object() || !envelope.contains("success")) {
    // Said before anything was read, by the platform's server or a proxy before it.
    if (answer.status == 413) {
      return fail(ErrorCode::limit_exceeded,
                  "what is sent is larger than " + origin_of(target.url) + " takes",
                  "A worker's modules may have 64 MiB in all; a proxy may allow less");
    }
    return fail(ErrorCode::unavailable,
                origin_of(target.url) + " answered with status " + std::to_string(answer.status) +
                    ", and not as a platform's API does",
                "The URL ends with /client/v4: is it the API's, and not the workers'?");
  }
  if (envelope["success"] != true) return refused(answer.status, envelope, target);
  return ApiAnswer{envelope.value("result", Json()), envelope.value("result_info", Json())};
}

}  // namespace

ApiContent ApiContent::of(const Json& json) {
  return {"application/json", json.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

ApiClient::ApiClient(ApiTarget target) : target_(std::move(target)) {
  while (target_.url.ends_with("/")) target_.url.pop_back();
}

Result<ApiAnswer> ApiClient::ask(std::string_view method, std::string_view path,
                                 ApiContent content) {
  return ask_with_token(target_.token, method, path, std::move(content));
}

Result<WebAnswer> ApiClient::send(std::string_view token, std::string_view method,
                                  std::string_view path, ApiContent content) {
  http::Request request{std::string(method), target_.url + std::string(path), {}, {}};
  if (!token.empty()) request.headers += "Authorization: Bearer " + std::string(token) + "\r\n";
  request.headers += "Accept: application/json\r\nUser-Agent: selvage\r\n";
  if (!content.type.empty()) {
    request.headers += "Content-Type: " + content.type + "\r\n";
    request.body = http::Body::of(std::move(content.bytes));
  }
  auto answer = web_.fetch(std::move(request));
  if (answer) return answer;
  return fail(ErrorCode::unavailable,
              "no platform answers at " + origin_of(target_.url) + ": " + answer.error().message,
              "Start one with `selvage serve`, or name its API with --url or SELVAGE_API_URL");
}

Result<ApiAnswer> ApiClient::ask_with_token(std::string_view token, std::string_view method,
                                            std::string_view path, ApiContent content) {
  SELVAGE_TRY(const WebAnswer answer, send(token, method, path, std::move(content)));
  return read_envelope(answer, target_);
}

Result<ApiClient::Value> ApiClient::read_account(std::string_view path) {
  SELVAGE_TRY(const std::string id, account());
  SELVAGE_TRY(WebAnswer answer, send(target_.token, "GET", "/accounts/" + id + std::string(path),
                                     ApiContent::none()));
  if (answer.status != 200) {
    SELVAGE_TRY(const ApiAnswer never, read_envelope(answer, target_));
    return fail(ErrorCode::internal, "status " + std::to_string(answer.status) + " of success");
  }
  Value value{std::move(answer.body), std::nullopt};
  const std::string_view expiration = http::find_field(answer.headers, "expiration");
  int64_t seconds = 0;
  if (std::from_chars(expiration.data(), expiration.data() + expiration.size(), seconds).ec ==
      std::errc()) {
    value.expiration = seconds;
  }
  return value;
}

Result<std::string> ApiClient::account() {
  if (target_.account.empty()) {
    SELVAGE_TRY(const ApiAnswer answer, ask("GET", "/accounts?page=1"));
    if (!answer.result.is_array() || answer.result.empty()) {
      return fail(ErrorCode::permission_denied, "the token is for no account", kHowToLogIn);
    }
    target_.account = answer.result[0].value("id", "");
  }
  return target_.account;
}

Result<ApiAnswer> ApiClient::ask_account(std::string_view method, std::string_view path,
                                         ApiContent content) {
  SELVAGE_TRY(const std::string id, account());
  return ask(method, "/accounts/" + id + std::string(path), std::move(content));
}

}  // namespace selvage::cli
