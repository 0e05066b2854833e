#include <iostream>
#include <string>

#include "cli/browser.h"
#include "cli/browser_login.h"
#include "cli/command_group.h"
#include "cli/credentials.h"
#include "cli/hidden_line.h"
#include "cli/json_text.h"
#include "cli/output.h"
#include "cli/terminal.h"

namespace selvage::cli {
namespace {

using Json = nlohmann::json;

class LoginCommands final : public CommandGroup {
 public:
  explicit LoginCommands(CLI::App& app) {
    login = app.add_subcommand("login", "Log in to a platform: later commands deploy there");
    login
        ->add_option("--token", token,
                     "A token that `selvage token create` printed; - reads it from standard input")
        ->type_name("TOKEN");
    login
        ->add_flag("--web", web,
                   "Log in on a page in a browser, for a token of its own that ends and is renewed")
        ->excludes("--token");
    login->add_flag("--browser,!--no-browser", browser,
                    "Open the page in a browser, where there is one (default: yes)");
    add_api_option(*login, url);
    logout = app.add_subcommand("logout", "Forget the login");
    whoami = app.add_subcommand("whoami", "Say which platform and account commands work on");
    whoami->add_flag("--json", json, "Print JSON");
    add_api_option(*whoami, url);
  }

  [[nodiscard]] bool chosen() const override { return *login || *logout || *whoami; }

 private:
  CLI::App* login = nullptr;
  CLI::App* logout = nullptr;
  CLI::App* whoami = nullptr;
  std::string url;
  std::string token;
  bool json = false;
  bool web = false;
  bool browser = true;

  Result<int> perform() override {
    if (*login) return log_in();
    if (*logout) return log_out();
    return say_who();
  }

  Status read_token() {
    if (!token.empty() && token != "-") return {};
    if (token.empty()) {
      auto typed =
          read_hidden_line("Token (`selvage token create` on the platform's machine prints one): ");
      if (!typed) {
        return fail(ErrorCode::invalid_argument, "there is no token to log in with",
                    "Give it with --token; `selvage token create` on the platform's machine makes "
                    "one");
      }
      token = std::move(*typed);
    } else {
      std::getline(std::cin, token);
    }
    while (!token.empty() && (token.back() == '\r' || token.back() == ' ')) token.pop_back();
    if (token.empty()) return fail(ErrorCode::invalid_argument, "the token is empty");
    return {};
  }

  Result<int> log_in() {
    Credentials credentials;
    SELVAGE_TRY(credentials.url, find_api_url(url));
    if (web) {
      SELVAGE_TRY(credentials,
                  log_in_with_browser(credentials.url, [this](const std::string& page) {
                    const bool opened = browser && open_in_browser(page);
                    std::cerr << (opened ? "This page opens in a browser. If it does not, open it "
                                           "on this machine:"
                                         : "Open this page, on this machine:")
                              << "\n\n  " << page << "\n\n"
                              << std::flush;
                  }));
    } else {
      SELVAGE_CHECK_STATUS(read_token());
      credentials.token = token;
    }
    ApiClient api({credentials.url, credentials.token, ""});
    SELVAGE_TRY(const ApiAnswer accounts, api.ask("GET", "/accounts?page=1"));
    if (!accounts.result.is_array() || accounts.result.empty()) {
      return fail(ErrorCode::permission_denied, "the token is for no account");
    }
    const Json& account = accounts.result[0];
    credentials.account = text_of(account, "id");
    SELVAGE_CHECK_STATUS(write_credentials(credentials));
    SELVAGE_TRY(const std::string path, credentials_path());
    std::cout << "Logged in to " << api.target().url << " as the account "
              << text_of(account, "name") << ".\n";
    std::cerr << "The login is kept in " << path << ".\n";
    return 0;
  }

  static Result<int> log_out() {
    if (const auto stored = read_credentials(); stored && *stored) end_login(**stored);
    SELVAGE_TRY(const bool was_there, remove_credentials());
    std::cout << (was_there ? "Logged out.\n" : "Nobody was logged in.\n");
    return 0;
  }

  Result<int> say_who() {
    SELVAGE_TRY(const auto api, connect_to_platform(url));
    SELVAGE_TRY(const ApiAnswer memberships, api->ask("GET", "/memberships?page=1"));
    if (!memberships.result.is_array() || memberships.result.empty()) {
      return fail(ErrorCode::permission_denied, "the token is for no account");
    }
    const Json& first = memberships.result[0];
    const Json account = first.value("account", Json::object());
    SELVAGE_TRY(const ApiAnswer verified, api->ask("GET", "/user/tokens/verify"));
    const Json roles = first.value("roles", Json::array());
    const bool read_only = !roles.empty() && roles[0] == "Read only";
    if (json) {
      print_json(
          {{"url", api->target().url},
           {"account", {{"id", text_of(account, "id")}, {"name", text_of(account, "name")}}},
           {"token",
            {{"id", text_of(verified.result, "id")}, {"scope", read_only ? "read" : "write"}}}});
      return 0;
    }
    std::cout << "platform  " << api->target().url << "\naccount   " << text_of(account, "name")
              << " (" << text_of(account, "id") << ")\ntoken     " << text_of(verified.result, "id")
              << ", which may " << (read_only ? "read" : "read and write") << "\n";
    return 0;
  }
};

}  // namespace

std::unique_ptr<CommandGroup> add_login_commands(CLI::App& app) {
  return std::make_unique<LoginCommands>(app);
}

}  // namespace selvage::cli
