#include "cli/credentials.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/wall_clock.h"
#include "cli/browser_login.h"
#include "cli/reactor.h"
#include "http/client_request.h"

namespace selvage::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kApiPath = "/client/v4";
constexpr int64_t kRenewBefore = 60;  // seconds: a command takes a while

std::string first_set(std::initializer_list<const char*> variables) {
  for (const char* each : variables) {
    const char* value = std::getenv(each);
    if (value != nullptr && *value != '\0') return value;
  }
  return "";
}

}  // namespace

Result<std::string> credentials_path() {
  std::string home = first_set({"XDG_CONFIG_HOME"});
  if (home.empty()) {
    home = first_set({"HOME"});
    if (home.empty()) {
      return fail(ErrorCode::not_found, "there is no home folder to keep a login in",
                  "Set HOME or XDG_CONFIG_HOME, or SELVAGE_API_TOKEN instead of logging in");
    }
    home += "/.config";
  }
  return home + "/selvage/credentials.json";
}

Result<std::optional<Credentials>> read_credentials() {
  const auto path = credentials_path();
  if (!path) return std::optional<Credentials>();
  std::ifstream file(*path, std::ios::binary);
  if (!file) {
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<Credentials>();
    return fail_errno(errno, "cannot read " + *path);
  }
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto json = nlohmann::json::parse(text, nullptr, false);
  try {
    Credentials found;
    found.url = json.at("url").get<std::string>();
    found.token = json.at("token").get<std::string>();
    found.account = json.value("account", "");
    found.refresh_token = json.value("refresh_token", "");
    found.expires = json.value("expires", int64_t{0});
    return std::optional(std::move(found));
  } catch (const nlohmann::json::exception&) {
    return fail(ErrorCode::corrupt, *path + " is not what `selvage login` writes",
                "Remove it, and log in again");
  }
}

Status write_credentials(const Credentials& credentials) {
  SELVAGE_TRY(const std::string path, credentials_path());
  nlohmann::ordered_json json{
      {"url", credentials.url}, {"token", credentials.token}, {"account", credentials.account}};
  if (!credentials.refresh_token.empty()) json["refresh_token"] = credentials.refresh_token;
  if (credentials.expires != 0) json["expires"] = credentials.expires;
  const std::string text = json.dump(2) + "\n";

  std::error_code error;
  const fs::path folder = fs::path(path).parent_path();
  fs::create_directories(folder, error);
  if (error)
    return fail(ErrorCode::io, "cannot create " + folder.string() + ": " + error.message());
  const std::string unfinished = path + "." + std::to_string(getpid());
  const Descriptor file(
      ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file.valid()) return fail_errno(errno, "cannot write " + unfinished);
  if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::fsync(file.get()) != 0 || ::rename(unfinished.c_str(), path.c_str()) != 0) {
    const int number = errno;
    ::unlink(unfinished.c_str());
    return fail_errno(number, "cannot write " + path);
  }
  return {};
}

Result<bool> remove_credentials() {
  SELVAGE_TRY(const std::string path, credentials_path());
  if (::unlink(path.c_str()) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return fail_errno(errno, "cannot remove " + path);
}

void add_api_option(CLI::App& command, std::string& url) {
  command
      .add_option("--url", url,
                  std::string("The platform's API (default: where you are logged in, or ") +
                      kDefaultApiUrl + ")")
      ->type_name("URL");
}

Result<std::string> api_url_from(std::string_view text) {
  std::string url(text);
  if (url.find("://") == std::string::npos) url = "http://" + url;
  while (url.ends_with("/")) url.pop_back();
  const auto parsed = http::parse_client_url(url + "/");
  if (!parsed) {
    return fail(ErrorCode::invalid_argument,
                "\"" + std::string(text) + "\" is not the URL of an API: " + parsed.error().message,
                std::string("For example: ") + kDefaultApiUrl);
  }
  if (parsed->target == "/") url += kApiPath;
  return url;
}

Result<std::string> find_api_url(const std::string& url_option) {
  std::string url = url_option;
  if (url.empty()) url = first_set({"SELVAGE_API_URL", "CLOUDFLARE_API_BASE_URL"});
  if (url.empty()) {
    SELVAGE_TRY(const std::optional<Credentials> stored, read_credentials());
    url = stored ? stored->url : kDefaultApiUrl;
  }
  return api_url_from(url);
}

Result<ApiTarget> find_api_target(const std::string& url_option) {
  ApiTarget target;
  SELVAGE_TRY(target.url, find_api_url(url_option));
  SELVAGE_TRY(std::optional<Credentials> stored, read_credentials());
  target.token = first_set({"SELVAGE_API_TOKEN"});
  target.account = first_set({"SELVAGE_ACCOUNT_ID"});
  // Without a base URL they are for Cloudflare itself, and nothing that others should get.
  const auto wranglers = api_url_from(first_set({"CLOUDFLARE_API_BASE_URL"}));
  if (wranglers && *wranglers == target.url) {
    if (target.token.empty()) target.token = first_set({"CLOUDFLARE_API_TOKEN"});
    if (target.account.empty()) target.account = first_set({"CLOUDFLARE_ACCOUNT_ID"});
  }
  if (target.token.empty() && stored && stored->url == target.url) {
    if (stored->expires != 0 && stored->expires < wall_clock_seconds() + kRenewBefore) {
      SELVAGE_TRY(stored, renew_login(*stored));
      SELVAGE_CHECK_STATUS(write_credentials(*stored));
    }
    target.token = stored->token;
    if (target.account.empty()) target.account = stored->account;
  }
  return target;
}

Result<std::unique_ptr<ApiClient>> connect_to_platform(const std::string& url_option) {
  SELVAGE_TRY(ApiTarget target, find_api_target(url_option));
  if (target.token.empty()) {
    return fail(ErrorCode::permission_denied, "not logged in to " + target.url,
                "Log in with `selvage login`, or set SELVAGE_API_TOKEN");
  }
  return std::make_unique<ApiClient>(std::move(target));
}

}  // namespace selvage::cli
