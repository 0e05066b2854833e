// A platform elsewhere as a state::Client: what the command line asks about Workers KV and Durable
// Objects, answered by the platform's API.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/api_client.h"
#include "cli/platform_namespaces.h"
#include "state/client.h"

namespace selvage::cli {

class PlatformState final : public state::Client {
 public:
  explicit PlatformState(std::unique_ptr<ApiClient> api) : api_(std::move(api)) {}

  /// Of "kv.*", a namespace may be named by its title; entries are written by the rules of a put,
  /// and what one request carries is written as a whole. Of "do.*", namespaces have the ids that
  /// the API gives them, and are told with their "worker" and "class"; "do.named" with a "name"
  /// gives the "id" that idFromName() gives. There is no "tail".
  Result<nlohmann::json> ask(const nlohmann::json& request, state::ItemCallback item) override;

 private:
  /// "/storage/kv/namespaces/<id>"
  Result<std::string> path_of(const std::string& space);
  Result<PlatformNamespaces*> namespaces();
  Result<nlohmann::json> objects(const std::string& operation, const nlohmann::json& request,
                                 state::ItemCallback& item);
  Result<nlohmann::json> get(const std::string& path, const std::string& key);
  Result<nlohmann::json> write(const std::string& path, const nlohmann::json& entries);
  Result<nlohmann::json> list(const std::string& path, const nlohmann::json& request,
                              state::ItemCallback& item);

  std::unique_ptr<ApiClient> api_;
  std::optional<PlatformNamespaces> namespaces_;
};

}  // namespace selvage::cli
