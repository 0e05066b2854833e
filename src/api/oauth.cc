// Logins in a browser: OAuth 2.0 with authorization codes (RFC 6749) and PKCE (RFC 7636), for
// programs on their user's machine (RFC 8252), as `wrangler login` does it. There are no passwords:
// whoever has a token of the platform shows it on the page, and the program gets one of its own,
// which ends.
//
// A code is kept in memory, for some minutes, and good once. A restart makes it worthless.
#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "api/resources.h"
#include "base/base64.h"
#include "base/html.h"
#include "base/percent.h"
#include "base/wall_clock.h"
#include "deploy/platform/seal.h"

namespace selvage::api {
namespace {

constexpr int64_t kCodeSeconds = 600;
constexpr size_t kMostCodes = 1000;
constexpr size_t kSecretBytes = 32;
constexpr size_t kDigestInBase64 = 43;

/// What somebody has agreed to.
struct Grant {
  deploy::ApiToken by;
  std::string program;
  std::string client_id;
  std::string redirect_uri;
  std::string challenge;
  std::string scope;
  int64_t expires = 0;
};
using Grants = std::unordered_map<std::string, Grant>;  // by code

/// The programs that we know; another one shows what it calls itself.
std::string program_of(const std::string& client_id) {
  if (client_id == "54d11594-84e4-41aa-b438-e81b8fa78ee7") return "wrangler";
  return client_id;
}

/// Only to a program on the user's own machine: anything else would be handed the code by whoever
/// wrote the link.
bool is_loopback(std::string_view uri) {
  constexpr std::array<std::string_view, 3> kHosts{
      "http://localhost:", "http://127.0.0.1:", "http://[::1]:"};
  const bool printable = std::ranges::all_of(uri, [](char c) { return c > ' ' && c < 0x7f; });
  for (const std::string_view host : kHosts) {
    if (!printable || !uri.starts_with(host)) continue;
    const std::string_view rest = uri.substr(host.size());
    const size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    return digits > 0 && (digits == rest.size() || rest[digits] == '/');
  }
  return false;
}

std::string challenge_of(const std::string& verifier) {
  std::string text = base64_encode(deploy::sha256(verifier));
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  text.erase(text.find_last_not_of('=') + 1);
  return text;
}

ApiResponse page(int status, const std::string& content) {
  ApiResponse response;
  response.status = status;
  response.content_type = "text/html; charset=utf-8";
  response.headers =
      "Cache-Control: no-store\r\n"
      "Referrer-Policy: no-referrer\r\n"
      "X-Frame-Options: DENY\r\n"
      "X-Content-Type-Options: nosniff\r\n"
      "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
      "frame-ancestors 'none'\r\n";
  response.body =
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\"><title>Log in to Selvage</title>"
      "<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:4rem auto;padding:0 "
      "1rem}input{font:inherit;width:100%;box-sizing:border-box;padding:.4rem}button{font:inherit;"
      "padding:.4rem 1rem;margin-top:1rem}.wrong{color:#b00020}</style>" +
      content + "</html>";
  return response;
}

ApiResponse refused_page(const std::string& why) {
  return page(400, "<h1>This login cannot go on</h1><p>" + escape_html(why) + "</p>");
}

ApiResponse form(int status, const std::string& program, const std::string& wrong) {
  std::string content = "<h1>Log in</h1><p><b>" + escape_html(program) +
                        "</b>, on this machine, asks to act on this platform for you. Show a token "
                        "that lets it: it gets one of its own, which may do no more.</p>";
  if (!wrong.empty()) content += "<p class=\"wrong\">" + escape_html(wrong) + "</p>";
  return page(status, content +
                          "<form method=\"post\"><label>Token (<code>selvage token create</code>)"
                          "<input type=\"password\" name=\"token\" autocomplete=\"off\" required "
                          "autofocus></label><button>Let it</button></form>");
}

/// "" or what is wrong with the question.
std::string problem_of(const ApiRequest& request) {
  if (request.option("response_type") != "code") return "response_type is not \"code\".";
  if (request.option("client_id").empty()) return "There is no client_id.";
  if (!is_loopback(request.option("redirect_uri"))) {
    return "redirect_uri does not lead to this machine, as http://localhost:8976/oauth/callback "
           "does.";
  }
  if (request.option("code_challenge_method") != "S256" ||
      request.option("code_challenge").size() != kDigestInBase64) {
    return "There is no code_challenge with the method S256.";
  }
  return "";
}

Result<ApiResponse> authorize(Platform& platform, Grants& grants, const ApiRequest& request) {
  if (const std::string problem = problem_of(request); !problem.empty()) {
    return refused_page(problem);
  }
  const std::string program = program_of(request.option("client_id"));
  if (request.method == "GET") return form(200, program, "");

  const auto fields = parse_query(request.body);
  const auto shown = fields.find("token");
  SELVAGE_TRY(const auto token,
              platform.store.find_token(shown == fields.end() ? "" : shown->second));
  if (!token) return form(401, program, "This platform does not know the token.");
  const int64_t now = wall_clock_seconds();
  std::erase_if(grants, [now](const auto& each) { return each.second.expires <= now; });
  if (grants.size() >= kMostCodes) {
    return fail(ErrorCode::unavailable, "too many logins are under way", "Try again in a while");
  }
  const std::string code = deploy::to_hex(deploy::random_bytes(kSecretBytes));
  const std::string& uri = request.option("redirect_uri");
  grants[code] = {*token,
                  program,
                  request.option("client_id"),
                  uri,
                  request.option("code_challenge"),
                  request.option("scope"),
                  now + kCodeSeconds};
  ApiResponse response = page(303, "");
  response.headers += "Location: " + uri + (uri.find('?') == std::string::npos ? "?" : "&") +
                      "code=" + code + "&state=" + percent_encode(request.option("state")) + "\r\n";
  return response;
}

/// RFC 6749, section 5.2.
ApiResponse token_error(const char* error, const char* description) {
  ApiResponse response;
  response.status = 400;
  response.headers = "Cache-Control: no-store\r\n";
  response.body = nlohmann::json{{"error", error}, {"error_description", description}}.dump();
  return response;
}

ApiResponse token_answer(const deploy::PlatformStore::NewLogin& login, const std::string& scope) {
  ApiResponse response;
  response.headers = "Cache-Control: no-store\r\n";
  response.body = nlohmann::json{
      {"access_token", login.secret},
      {"token_type", "bearer"},
      {"expires_in", login.seconds},
      {"refresh_token", login.renewal},
      {"scope",
       scope}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return response;
}

std::string value_of(const std::map<std::string, std::string>& fields, const char* key) {
  const auto found = fields.find(key);
  return found == fields.end() ? "" : found->second;
}

Result<ApiResponse> redeem_code(Platform& platform, Grants& grants,
                                const std::map<std::string, std::string>& fields) {
  constexpr const char* kWrong = "the code is not, or no longer, good for this";
  const auto found = grants.find(value_of(fields, "code"));
  if (found == grants.end()) return token_error("invalid_grant", kWrong);
  const Grant grant = std::move(found->second);
  grants.erase(found);  // whatever comes of it
  if (grant.expires <= wall_clock_seconds() || grant.client_id != value_of(fields, "client_id") ||
      grant.redirect_uri != value_of(fields, "redirect_uri") ||
      !deploy::equal_in_constant_time(grant.challenge,
                                      challenge_of(value_of(fields, "code_verifier")))) {
    return token_error("invalid_grant", kWrong);
  }
  SELVAGE_TRY(auto change, platform.store.begin({grant.by.account, grant.by.id, grant.by.write}));
  // Revoked since it was shown?
  SELVAGE_TRY(const auto tokens, platform.store.tokens(grant.by.account));
  if (std::ranges::find(tokens, grant.by.id, &deploy::ApiToken::id) == tokens.end()) {
    return token_error("invalid_grant", kWrong);
  }
  SELVAGE_TRY(const auto login, platform.store.create_login(change, grant.by, grant.program));
  SELVAGE_CHECK_STATUS(change.commit());
  return token_answer(login, grant.scope);
}

Result<ApiResponse> give_token(Platform& platform, Grants& grants, const ApiRequest& request) {
  const auto fields = parse_query(request.body);
  const std::string kind = value_of(fields, "grant_type");
  if (kind == "authorization_code") return redeem_code(platform, grants, fields);
  if (kind != "refresh_token") {
    return token_error("unsupported_grant_type", "there are authorization_code and refresh_token");
  }
  SELVAGE_TRY(auto change, platform.store.begin(deploy::command_line_actor()));
  SELVAGE_TRY(const auto login,
              platform.store.renew_login(change, value_of(fields, "refresh_token")));
  if (!login) return token_error("invalid_grant", "the login has ended: log in again");
  SELVAGE_CHECK_STATUS(change.commit());
  return token_answer(*login, value_of(fields, "scope"));
}

/// RFC 7009: what is not known is no error.
Result<ApiResponse> revoke(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(auto change, platform.store.begin(deploy::command_line_actor()));
  SELVAGE_TRY(const bool ended,
              platform.store.end_login(change, value_of(parse_query(request.body), "token")));
  if (ended) SELVAGE_CHECK_STATUS(change.commit());
  ApiResponse response;
  response.body = "{}";
  return response;
}

}  // namespace

void add_oauth(Router& router, Platform& platform) {
  const auto grants = std::make_shared<Grants>();  // the handlers'
  for (const char* method : {"GET", "POST"}) {
    router.add(method, "/oauth2/auth", Access::own_token,
               [&platform, grants](const ApiRequest& request) {
                 return authorize(platform, *grants, request);
               });
  }
  router.add("POST", "/oauth2/token", Access::own_token,
             [&platform, grants](const ApiRequest& request) {
               return give_token(platform, *grants, request);
             });
  router.add("POST", "/oauth2/revoke", Access::own_token,
             [&platform](const ApiRequest& request) { return revoke(platform, request); });
}

}  // namespace selvage::api
