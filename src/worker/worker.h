// A worker's version with its code in memory: what isolates on every loop are made from.
#pragma once

#include <memory>
#include <string>

#include "assets/asset_set.h"
#include "deploy/worker_version.h"
#include "js/module_graph.h"

namespace selvage::worker {

/// Immutable, shared by the loops' isolates of this version.
class Worker {
 public:
  static Result<std::shared_ptr<const Worker>> load(deploy::WorkerVersion version);

  [[nodiscard]] const deploy::WorkerVersion& version() const { return version_; }
  [[nodiscard]] const std::string& name() const { return version_.name; }
  /// nullptr for a worker that has only assets: it has no isolate.
  [[nodiscard]] const std::shared_ptr<const js::Code>& code() const { return code_; }
  /// nullptr when it has none.
  [[nodiscard]] const std::shared_ptr<const assets::AssetSet>& assets() const { return assets_; }
  /// What the builtins make `env` from: a JSON array of {type, name, value, ...}.
  [[nodiscard]] const std::string& bindings_json() const { return bindings_json_; }

 private:
  deploy::WorkerVersion version_;
  std::shared_ptr<const js::Code> code_;
  std::shared_ptr<const assets::AssetSet> assets_;
  std::string bindings_json_;
};

}  // namespace selvage::worker
