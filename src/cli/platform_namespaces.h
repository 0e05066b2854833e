// The KV namespaces of an account on a platform, by id and by title.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/api_client.h"
#include "deploy/worker_version.h"

namespace selvage::cli {

/// "demo-cache": as wrangler calls the namespaces that it makes for a binding without an id.
std::string namespace_title(const std::string& worker, const std::string& binding);

class PlatformNamespaces {
 public:
  static Result<PlatformNamespaces> load(ApiClient& api);

  /// The id of the namespace with this id or title.
  [[nodiscard]] std::optional<std::string> find(const std::string& id_or_title) const;
  /// Titles by id.
  [[nodiscard]] const std::map<std::string, std::string>& all() const { return titles_; }
  /// Makes one; its id.
  Result<std::string> create(ApiClient& api, const std::string& title);

 private:
  std::map<std::string, std::string> titles_;
};

/// Makes the KV bindings of `version` name namespaces of the platform. A binding names its
/// namespace by id or by title; one that names neither gets the one that is called after it. What
/// is not there is made, so that a first deployment just works; an id of the platform's form must
/// be there. The titles of those that were made.
Result<std::vector<std::string>> bind_namespaces(ApiClient& api, deploy::WorkerVersion& version);

/// Lines that tell a person of them.
std::string describe_made(const std::vector<std::string>& titles);

}  // namespace selvage::cli
