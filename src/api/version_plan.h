// From an upload, or a change of secrets, to a version that is stored, checked and, if asked for,
// deployed: all of it or nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/platform.h"
#include "api/worker_upload.h"

namespace selvage::api {

/// An error with Cloudflare's code, for the client.
struct Refusal {
  int status = 400;
  int code = 10021;
  std::string message;
};
template <class T>
using Outcome = tl::expected<T, Refusal>;
Refusal refusal_of(const Error& error);
ApiResponse to_response(const Refusal& refusal);

struct Published {
  deploy::Script script;
  deploy::VersionRecord version;
  std::optional<deploy::DeploymentRecord> deployment;
};

struct PlanOptions {
  bool deploy = false;           // at once, 100%
  bool allow_migrations = true;  // a mere version may not have any (10211)
  bool pages = false;            // of a Pages project
  std::string pages_alias = {};  // the branch label that leads to it from now on; "" for none
};

/// Takes a new worker or a new version of `name` in.
Outcome<Published> take_upload(Platform& platform, const ApiRequest& request,
                               const std::string& name, WorkerUpload upload,
                               const PlanOptions& options);

/// A version like `base` with other bindings; no code is new, so none is checked.
Outcome<Published> change_bindings(Platform& platform, const ApiRequest& request,
                                   deploy::Script script, const deploy::VersionRecord& base,
                                   nlohmann::json bindings, nlohmann::json annotations,
                                   bool deploy);

/// The version that answers and that the next one is based on; refused (10215) when the newest one
/// is not deployed.
Outcome<deploy::VersionRecord> deployed_and_latest(Platform& platform,
                                                   const deploy::Script& script);

/// Makes the namespaces that `version` needs part of `change`, and tells it their ids.
Result<bool> plan_objects(Platform& platform, deploy::NamespaceRegistry& registry,
                          deploy::WorkerVersion& version);

/// Removes a worker, or a Pages project, with all that is its own.
Result<ApiResponse> delete_worker(Platform& platform, const ApiRequest& request,
                                  const std::string& name);

/// The newest tag that `key`'s migrations have behind them; "" when there is none.
std::string migration_tag(const deploy::NamespaceRegistry& registry, const std::string& key);

}  // namespace selvage::api
