// Which function answers which method and path. A resource is one file that adds its routes.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/message.h"

namespace selvage::api {

/// Answers on the control plane's thread, where it may block. An error becomes failure(error).
using Handler = std::function<Result<ApiResponse>(const ApiRequest&)>;

/// What a caller must have shown.
enum class Access {
  read,       // a token of the account
  write,      // a token of the account that may write
  own_token,  // nothing: the handler checks a token of its own (upload sessions)
};

class Router {
 public:
  /// `pattern`: "/accounts/:account/workers/scripts/:script"; ":account" is checked against the
  /// token. Earlier routes win.
  void add(std::string_view method, std::string_view pattern, Access access, Handler handler);

  struct Found {
    const Handler* handler = nullptr;
    Access access = Access::write;
    std::map<std::string, std::string> names;
    bool other_method = false;  // the path is known, not with this method
  };
  /// `path` is still encoded.
  [[nodiscard]] Found find(std::string_view method, std::string_view path) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;
    Access access;
    Handler handler;
  };
  std::vector<Route> routes_;
};

}  // namespace selvage::api
