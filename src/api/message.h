// A request to the control plane and the answer to it, in Cloudflare's envelope. Values.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "deploy/platform/records.h"

namespace selvage::api {

struct ApiRequest {
  std::string method;
  std::string path;                          // below the prefix, still encoded
  std::map<std::string, std::string> names;  // of the route's pattern, decoded
  std::map<std::string, std::string> query;  // decoded; the last of several counts
  std::string content_type;
  std::string body;
  std::string authorization;  // of the header: for resources with tokens of their own
  std::string client;         // address
  std::string origin;         // as the client sees this server: "http://127.0.0.1:8788"
  /// Who asks; their account is the one that the path names.
  deploy::Actor actor;
  deploy::Account account;

  /// "" when absent.
  [[nodiscard]] const std::string& name(const std::string& key) const;
  [[nodiscard]] std::string option(const std::string& key) const;
  /// The credential of `authorization`; "" when it is of another kind.
  [[nodiscard]] std::string bearer() const;
  /// The body as JSON; an error that the client may see when it is none.
  [[nodiscard]] Result<nlohmann::json> json() const;
};

struct ApiResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string headers;  // more lines, "name: value\r\n"
  std::string body;
};

/// {"success":true, "errors":[], "messages":[], "result":..., "result_info":...}
ApiResponse success(const nlohmann::json& result, const nlohmann::json& result_info = nullptr);
/// {"success":false, "errors":[{"code","message"}], ...}
ApiResponse failure(int status, int code, std::string_view message);
/// What a Result's error means to the client: its fault for invalid_argument and the like, ours
/// otherwise.
ApiResponse failure(const Error& error);

/// "page", "per_page", "count", "total_count" of `request`; the part of `list` that it asks for.
ApiResponse one_page(const ApiRequest& request, const nlohmann::json& list, int default_per_page);

std::map<std::string, std::string> parse_query(std::string_view query);

}  // namespace selvage::api
