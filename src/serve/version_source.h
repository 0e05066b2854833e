// From the platform's store to code that runs: a version is read when a loop first needs it, and
// forgotten when nobody runs it any more. Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "deploy/object_namespaces.h"
#include "deploy/platform/platform_store.h"
#include "deploy/platform/route_table.h"
#include "deploy/platform/seal.h"
#include "deploy/platform/version_document.h"
#include "worker/worker.h"

namespace selvage::serve {

class VersionSource {
 public:
  /// Opens the store in `directory` for itself. `secrets` and `files` must outlive it.
  static Result<std::unique_ptr<VersionSource>> open(const std::string& directory,
                                                     const deploy::SecretBox& secrets,
                                                     const deploy::VersionFiles& files);

  /// Blocks for the disk. The same worker for everybody, as long as somebody has it.
  Result<std::shared_ptr<const worker::Worker>> load(const deploy::LiveWorker& live,
                                                     const std::string& version);
  /// The version of `live` whose id begins with `digits`; nullopt when there is none.
  Result<std::optional<std::string>> find(const deploy::LiveWorker& live,
                                          const std::string& digits);

  /// From now on classes have these namespaces. Workers that it concerns are not current any more.
  void set_namespaces(deploy::NamespaceRegistry registry);
  /// Whether load() would give this very worker.
  [[nodiscard]] bool is_current(const std::shared_ptr<const worker::Worker>& worker);

 private:
  VersionSource(std::unique_ptr<deploy::PlatformStore> store, const deploy::SecretBox& secrets,
                const deploy::VersionFiles& files)
      : store_(std::move(store)), secrets_(secrets), files_(files) {}
  Result<deploy::WorkerVersion> read(const deploy::LiveWorker& live, const std::string& version);

  std::mutex mutex_;
  std::unique_ptr<deploy::PlatformStore> store_;
  const deploy::SecretBox& secrets_;
  const deploy::VersionFiles& files_;
  deploy::NamespaceRegistry registry_;
  uint64_t registries_ = 0;  // how many there were
  std::unordered_map<std::string, std::weak_ptr<const worker::Worker>> loaded_;  // by version
};

}  // namespace selvage::serve
