#include "serve/version_source.h"

#include <utility>

namespace selvage::serve {
namespace {

std::vector<deploy::ObjectNamespaceId> namespaces_of(const deploy::NamespaceRegistry& registry,
                                                     const deploy::WorkerVersion& version) {
  std::vector<deploy::WorkerVersion> versions{version};
  deploy::resolve_namespaces(registry, versions);
  return std::move(versions.front().object_namespaces);
}

}  // namespace

Result<std::unique_ptr<VersionSource>> VersionSource::open(const std::string& directory,
                                                           const deploy::SecretBox& secrets,
                                                           const deploy::VersionFiles& files) {
  SELVAGE_TRY(std::unique_ptr<deploy::PlatformStore> store, deploy::PlatformStore::open(directory));
  return std::unique_ptr<VersionSource>(new VersionSource(std::move(store), secrets, files));
}

Result<deploy::WorkerVersion> VersionSource::read(const deploy::LiveWorker& live,
                                                  const std::string& version) {
  SELVAGE_TRY(const auto account, store_->find_account(live.account));
  SELVAGE_TRY(const auto record, store_->find_version(live.script, version));
  if (!account || !record) {
    return fail(ErrorCode::not_found, "the version " + version + " of " + live.name +
                                          " is not on this platform any more");
  }
  return deploy::worker_version_of(
      record->document, {*account, live.name, version, record->created_on}, secrets_, files_);
}

Result<std::shared_ptr<const worker::Worker>> VersionSource::load(const deploy::LiveWorker& live,
                                                                  const std::string& version) {
  while (true) {
    std::unique_lock lock(mutex_);
    if (const auto known = loaded_.find(version); known != loaded_.end()) {
      if (auto worker = known->second.lock()) return worker;
    }
    const uint64_t registries = registries_;
    SELVAGE_TRY(deploy::WorkerVersion description, read(live, version));
    description.object_namespaces = namespaces_of(registry_, description);
    // Others need not wait while its modules are read.
    lock.unlock();
    SELVAGE_TRY(std::shared_ptr<const worker::Worker> worker,
                worker::Worker::load(std::move(description)));
    lock.lock();
    if (registries != registries_) continue;
    std::weak_ptr<const worker::Worker>& place = loaded_[version];
    if (auto faster = place.lock()) return faster;
    place = worker;
    return worker;
  }
}

Result<std::optional<std::string>> VersionSource::find(const deploy::LiveWorker& live,
                                                       const std::string& digits) {
  std::lock_guard lock(mutex_);
  return store_->version_with_prefix(live.script, digits);
}

void VersionSource::set_namespaces(deploy::NamespaceRegistry registry) {
  std::lock_guard lock(mutex_);
  const bool changed = !(registry == registry_);
  if (changed) {
    registry_ = std::move(registry);
    ++registries_;
  }
  std::erase_if(loaded_, [&](const auto& entry) {
    const auto worker = entry.second.lock();
    if (!worker) return true;
    const deploy::WorkerVersion& version = worker->version();
    return changed && namespaces_of(registry_, version) != version.object_namespaces;
  });
}

bool VersionSource::is_current(const std::shared_ptr<const worker::Worker>& worker) {
  std::lock_guard lock(mutex_);
  const auto known = loaded_.find(worker->version().id);
  return known != loaded_.end() && known->second.lock() == worker;
}

}  // namespace selvage::serve
