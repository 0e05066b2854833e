// Speaks to a platform's API (src/api), in Cloudflare's shape. Blocks: a command does one thing
// after the other.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/web_client.h"

namespace selvage::cli {

/// Where the API is, and as whom to ask.
struct ApiTarget {
  std::string url;      // "http://127.0.0.1:8788/client/v4"
  std::string token;    // "" for none
  std::string account;  // id; "" when it is not known yet
};

struct ApiAnswer {
  nlohmann::json result;
  nlohmann::json info;  // "result_info"; null if there is none
};

/// What a request carries. Content of "" is none.
struct ApiContent {
  std::string type;
  std::string bytes;

  static ApiContent none() { return {}; }
  static ApiContent of(const nlohmann::json& json);
};

/// One thread's.
class ApiClient {
 public:
  explicit ApiClient(ApiTarget target);
  ApiClient(const ApiClient&) = delete;
  ApiClient& operator=(const ApiClient&) = delete;

  [[nodiscard]] const ApiTarget& target() const { return target_; }

  /// `path` below the URL, encoded: "/accounts?page=1". The error says what the platform said, and
  /// is not_found for what is not there, permission_denied for who may not, unavailable when nobody
  /// answers.
  Result<ApiAnswer> ask(std::string_view method, std::string_view path,
                        ApiContent content = ApiContent::none());
  /// Likewise, below the account: "/workers/scripts/demo". Finds out which account that is.
  Result<ApiAnswer> ask_account(std::string_view method, std::string_view path,
                                ApiContent content = ApiContent::none());
  /// The same requests with a token of their own instead of the target's.
  Result<ApiAnswer> ask_with_token(std::string_view token, std::string_view method,
                                   std::string_view path, ApiContent content);

  /// A value of KV, which comes as it is: the one answer that is no envelope.
  struct Value {
    std::string bytes;
    std::optional<int64_t> expiration;
  };
  Result<Value> read_account(std::string_view path);

  /// The account that the token is for.
  Result<std::string> account();

 private:
  Result<WebAnswer> send(std::string_view token, std::string_view method, std::string_view path,
                         ApiContent content);

  ApiTarget target_;
  WebClient web_;
};

}  // namespace selvage::cli
