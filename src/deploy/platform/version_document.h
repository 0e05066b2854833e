// A stored version: JSON in the words of the deploy API, and the way from there to what the engine
// runs.
//
//   {"main_module":"index.js", "modules":[{"name","type","hash","size","map"?}],
//    "bindings":[{"type","name",...}], a secret_text has "sealed" instead of "text"
//    "compatibility_date", "compatibility_flags":[], "limits":{"cpu_ms"},
//    "annotations":{"workers/message","workers/tag","workers/triggered_by"},
//    "handlers":["fetch"], "named_handlers":[{"name","handlers":[]}], "etag", "startup_time_ms",
//    "assets":{"manifest_id", and the rest of worker_assets.h but paths},
//    "source", "author", "migration_tag", ...}
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "deploy/platform/records.h"
#include "deploy/platform/seal.h"
#include "deploy/worker_version.h"

namespace selvage::deploy {

/// "esm", "commonjs", "service_worker", "text", "data", "wasm", "json".
std::string_view module_type_name(ModuleType type);
ModuleType module_type_named(std::string_view name);  // esm for what it does not know

/// What a secret is sealed for: it opens nowhere else.
std::string secret_context(std::string_view account, std::string_view script,
                           std::string_view name);

/// Where a version of this document runs.
struct VersionPlace {
  const Account& account;
  const std::string& script;
  const std::string& version_id;
  std::string created_on;
};

/// Where the files are that documents mention.
struct VersionFiles {
  std::function<std::string(const std::string& hash)> module_path;
  std::function<std::string(const std::string& id)> asset_list_path;
  std::string asset_directory;  // of the assets' contents
};

/// Opens the secrets.
Result<WorkerVersion> worker_version_of(const nlohmann::json& document, const VersionPlace& place,
                                        const SecretBox& secrets, const VersionFiles& files);

/// As the API shows a version's bindings: without what is sealed.
nlohmann::json visible_bindings(const nlohmann::json& document);

}  // namespace selvage::deploy
