// How a command of the platform knows where its API is and as whom to ask: options, environment,
// what `selvage login` stored, in this order.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "cli/api_client.h"

namespace selvage::cli {

inline constexpr const char* kDefaultApiUrl = "http://127.0.0.1:8788/client/v4";

/// What a login leaves, for one platform.
struct Credentials {
  std::string url = {};
  std::string token = {};
  std::string account = {};        // id
  std::string refresh_token = {};  // of an OAuth login; "" for an API token
  int64_t expires = 0;             // when `token` ends, in seconds since 1970; 0 = never
};

/// selvage/credentials.json in XDG_CONFIG_HOME, or in ~/.config.
Result<std::string> credentials_path();
/// nullopt when nobody is logged in.
Result<std::optional<Credentials>> read_credentials();
/// Readable by the user only, whole or not at all.
Status write_credentials(const Credentials& credentials);
/// Whether there were any.
Result<bool> remove_credentials();

/// --url
void add_api_option(CLI::App& command, std::string& url);

/// A URL as people give it: "platform.example.com" gets a scheme and the API's path. The error says
/// what is wrong with it.
Result<std::string> api_url_from(std::string_view text);

/// `url_option`, the environment, the login, or the default.
Result<std::string> find_api_url(const std::string& url_option);

/// Environment: SELVAGE_API_URL, SELVAGE_API_TOKEN, SELVAGE_ACCOUNT_ID, or the variables that
/// wrangler reads: CLOUDFLARE_API_BASE_URL with CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID. A
/// stored token is used only for the URL that it was stored for. The token may be "".
Result<ApiTarget> find_api_target(const std::string& url_option);

/// The same, ready to be asked; not being logged in is an error.
Result<std::unique_ptr<ApiClient>> connect_to_platform(const std::string& url_option);

}  // namespace selvage::cli
