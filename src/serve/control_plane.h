// The control plane of a platform: what is deployed to it is kept in the platform's store, and the
// loops are told. Requests to its API are answered one after the other, on a thread of its own,
// where a handler may block: for the disk, and for the loops. No loop ever waits for it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "api/gate.h"
#include "api/platform.h"
#include "api/router.h"
#include "assets/blob_store.h"
#include "assets/upload_session.h"
#include "base/function.h"
#include "deploy/engine_config.h"
#include "deploy/platform/platform_store.h"
#include "deploy/platform/seal.h"
#include "deploy/platform/version_document.h"
#include "object/object_store.h"
#include "serve/loop_site.h"
#include "serve/object_classes.h"
#include "serve/tail_sessions.h"
#include "serve/version_source.h"
#include "state/service.h"
#include "worker/object_id.h"

namespace selvage::serve {

/// What the control plane acts on. Everything outlives it, and the loops run.
struct DataPlane {
  std::vector<LoopSite*> sites;
  kv::KvStore& kv;
  object::ObjectStore& objects;
  store::FileSystem& files;
  ObjectClasses& classes;
  signals::Hub& hub;
  const deploy::EngineConfig& config;
  /// What is live has changed: for crons and tail workers. Called on the control plane's thread
  /// with the workers' names, crons and tail consumers, and nothing else of them.
  std::function<void(const std::vector<deploy::WorkerVersion>&)> on_published;
};

class ControlPlane final : public api::Runtime {
 public:
  /// `config.platform` is set.
  static Result<std::unique_ptr<ControlPlane>> open(DataPlane data,
                                                    const std::string& installation_key);
  ~ControlPlane() override;

  /// Publishes what the store has and takes requests from now on.
  Status start();
  /// Finishes the request that runs; those that wait, or come later, are not answered.
  void stop();

  /// Any thread. Whether a request with this head could be answered: asked before a large body is
  /// read. `answer` is called on the control plane's thread.
  void ask_to_enter(api::ApiRequest head, std::string target, UniqueFunction<void(bool)> answer);
  /// Any thread. `request` and `target`: see Gate::answer(). `answer` likewise.
  void ask(api::ApiRequest request, std::string target,
           UniqueFunction<void(api::ApiResponse)> answer);
  /// The most that a body may have.
  [[nodiscard]] size_t body_bytes() const;

  Result<api::StartupReport> check(const deploy::WorkerVersion& version) override;
  Status publish() override;
  bool has_objects(const std::string& namespace_id) override;
  void remove_retired_objects() override;
  Result<api::Tail> open_tail(const std::string& worker, const nlohmann::json& filters,
                              const std::string& client) override {
    return tails_.open(worker, filters, client);
  }
  std::vector<api::Tail> tails(const std::string& worker) override { return tails_.of(worker); }
  bool close_tail(const std::string& worker, const std::string& id) override {
    return tails_.close(worker, id);
  }
  Result<nlohmann::json> ask_objects(
      const nlohmann::json& request,
      const std::function<Status(const nlohmann::json&)>& item) override;
  Result<std::string> copy_of_object(const std::string& namespace_id,
                                     const std::string& object) override;
  std::string object_named(const std::string& namespace_id, const std::string& name) override;
  Result<nlohmann::json> find_logs(const api::WantedLogs& wanted) override;
  /// For whoever connects the tails' WebSockets.
  [[nodiscard]] TailSessions& tail_sessions() { return tails_; }
  [[nodiscard]] signals::Hub& hub() { return data_.hub; }

 private:
  /// What is kept, and what gives it out.
  struct Stores {
    deploy::SecretBox secrets;
    std::unique_ptr<deploy::PlatformStore> platform;
    std::unique_ptr<assets::BlobStore> contents;
    assets::UploadSessions uploads;
    deploy::VersionFiles files;
    std::unique_ptr<kv::KvReader> kv_reader;
    std::unique_ptr<VersionSource> versions;
  };

  ControlPlane(DataPlane data, std::unique_ptr<Stores> stores, const std::string& installation_key);
  void post(UniqueFunction<void()> work);
  void work();
  Result<deploy::RouteTable::Input> read_routes(std::vector<deploy::WorkerVersion>& events);

  DataPlane data_;
  const std::unique_ptr<Stores> stores_;
  deploy::PlatformStore& store_;
  VersionSource& versions_;
  TailSessions tails_;
  state::Service object_state_;
  worker::ObjectIds object_ids_;
  api::Platform platform_;
  api::Router router_;
  api::Gate gate_;

  std::mutex mutex_;
  std::condition_variable waiting_;
  std::deque<UniqueFunction<void()>> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace selvage::serve
