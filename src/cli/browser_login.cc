#include "cli/browser_login.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>

#include "api/message.h"
#include "base/base64.h"
#include "base/percent.h"
#include "base/wall_clock.h"
#include "cli/json_text.h"
#include "cli/listen.h"
#include "cli/web_client.h"
#include "deploy/platform/seal.h"
#include "http/server.h"
#include "loop/loop.h"

namespace selvage::cli {
namespace {

constexpr const char* kClientId = "selvage";
constexpr const char* kCallback = "/oauth/callback";
constexpr std::chrono::minutes kPatience{5};
constexpr size_t kSecretBytes = 32;

/// What comes back to this machine.
struct Callback {
  std::string code;
  std::string problem;  // "" if there is none
};

/// Answers the browser that the page has sent back.
class CallbackHandler final : public http::RequestHandler {
 public:
  explicit CallbackHandler(std::string state) : state_(std::move(state)) {}
  [[nodiscard]] const std::optional<Callback>& arrived() const { return arrived_; }

  void on_request(http::Exchange& exchange) override {
    const std::string_view target = exchange.target();
    const size_t question = target.find('?');
    if (exchange.method() != "GET" || target.substr(0, question) != kCallback) {
      return answer(exchange, 404, "There is nothing here.");
    }
    auto fields = api::parse_query(
        question == std::string_view::npos ? std::string_view() : target.substr(question + 1));
    // Not an answer to our question: whoever sends it wants us logged in as themselves.
    if (!deploy::equal_in_constant_time(fields["state"], state_)) {
      return answer(exchange, 400, "This is no answer to the login that waits here.");
    }
    if (fields["code"].empty()) {
      arrived_ = Callback{"", fields["error"].empty() ? "there is no code" : fields["error"]};
      return answer(exchange, 400, "The login was refused.");
    }
    arrived_ = Callback{fields["code"], ""};
    answer(exchange, 200, "You are logged in. This page can be closed.");
  }

 private:
  static void answer(http::Exchange& exchange, int status, std::string_view text) {
    char* body =
        exchange.respond(status, "", "Content-Type: text/plain; charset=utf-8\r\n", text.size());
    std::memcpy(body, text.data(), text.size());
  }

  const std::string state_;
  std::optional<Callback> arrived_;
};

Result<std::string> wait_for_code(loop::Loop& loop, CallbackHandler& handler) {
  bool late = false;
  loop::Timer patience(loop);
  patience.start(kPatience, [&late] { late = true; });
  loop.run_until([&] { return late || handler.arrived().has_value(); });
  if (!handler.arrived()) {
    return fail(ErrorCode::timeout, "nobody has answered the page within five minutes",
                "Try again, or log in with a token: `selvage login --token`");
  }
  if (!handler.arrived()->problem.empty()) {
    return fail(ErrorCode::permission_denied,
                "the login was refused: " + handler.arrived()->problem);
  }
  return handler.arrived()->code;
}

std::string url_safe(std::string base64) {
  std::ranges::replace(base64, '+', '-');
  std::ranges::replace(base64, '/', '_');
  base64.erase(base64.find_last_not_of('=') + 1);
  return base64;
}

std::string form_of(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string form;
  for (const auto& [name, value] : fields) {
    form += (form.empty() ? "" : "&") + name + "=" + percent_encode(value);
  }
  return form;
}

Result<nlohmann::json> post_form(const std::string& url, const std::string& form) {
  WebClient web;
  SELVAGE_TRY(const WebAnswer answer,
              web.fetch({"POST", url, "Content-Type: application/x-www-form-urlencoded\r\n",
                         http::Body::of(form)}));
  const auto json = nlohmann::json::parse(answer.body, nullptr, false);
  if (answer.status == 200 && json.is_object()) return json;
  const std::string why = text_of(json, "error_description");
  return fail(
      ErrorCode::permission_denied,
      why.empty() ? "the platform answered with status " + std::to_string(answer.status) : why,
      "Log in again with `selvage login`");
}

Result<Credentials> ask_for_token(const std::string& api_url, const std::string& form) {
  SELVAGE_TRY(const nlohmann::json answer, post_form(api_url + "/oauth2/token", form));
  Credentials login{.url = api_url, .token = text_of(answer, "access_token")};
  if (login.token.empty()) {
    return fail(ErrorCode::unavailable, "the platform gave no token for the login");
  }
  login.refresh_token = text_of(answer, "refresh_token");
  const int64_t seconds = answer.value("expires_in", int64_t{0});
  if (seconds > 0) login.expires = wall_clock_seconds() + seconds;
  return login;
}

}  // namespace

Result<Credentials> log_in_with_browser(const std::string& api_url,
                                        const std::function<void(const std::string& page)>& show) {
  const std::string state = deploy::to_hex(deploy::random_bytes(kSecretBytes));
  const std::string verifier = deploy::to_hex(deploy::random_bytes(kSecretBytes));
  SELVAGE_TRY(ListeningSockets sockets, listen_on("127.0.0.1", 0, 1));
  const std::string redirect = "http://127.0.0.1:" + std::to_string(sockets.port) + kCallback;
  std::string code;
  {
    loop::Loop loop(0);
    CallbackHandler handler(state);
    auto server = std::make_unique<http::Server>(loop, handler);
    SELVAGE_CHECK_STATUS(server->adopt_listener(sockets.descriptors.front().get()));
    (void)sockets.descriptors.front().release();
    show(api_url + "/oauth2/auth?" +
         form_of({{"response_type", "code"},
                  {"client_id", kClientId},
                  {"redirect_uri", redirect},
                  {"scope", "offline_access"},
                  {"state", state},
                  {"code_challenge", url_safe(base64_encode(deploy::sha256(verifier)))},
                  {"code_challenge_method", "S256"}}));
    auto waited = wait_for_code(loop, handler);
    bool answered = false;
    server->drain([&answered] { answered = true; });
    loop.run_until([&answered] { return answered; });
    server.reset();
    loop.run_until_idle();
    if (!waited) return fail(std::move(waited).error());
    code = *waited;
  }
  return ask_for_token(api_url, form_of({{"grant_type", "authorization_code"},
                                         {"code", code},
                                         {"redirect_uri", redirect},
                                         {"client_id", kClientId},
                                         {"code_verifier", verifier}}));
}

Result<Credentials> renew_login(const Credentials& login) {
  SELVAGE_TRY(Credentials renewed,
              ask_for_token(login.url, form_of({{"grant_type", "refresh_token"},
                                                {"refresh_token", login.refresh_token},
                                                {"client_id", kClientId}})));
  renewed.account = login.account;
  return renewed;
}

void end_login(const Credentials& login) {
  if (login.refresh_token.empty()) return;
  (void)post_form(login.url + "/oauth2/revoke", form_of({{"token", login.refresh_token},
                                                         {"token_type_hint", "refresh_token"},
                                                         {"client_id", kClientId}}));
}

}  // namespace selvage::cli
