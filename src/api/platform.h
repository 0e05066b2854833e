// What the resources of the control plane work on. Everything outlives the router.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "api/message.h"
#include "assets/upload_session.h"
#include "deploy/platform/platform_store.h"
#include "deploy/platform/seal.h"
#include "deploy/platform/version_document.h"
#include "kv/kv_limits.h"
#include "kv/kv_store.h"

namespace selvage::api {

/// What starting a version showed.
struct StartupReport {
  std::vector<std::string> handlers;  // of the default export: "fetch", "scheduled"
  struct Named {
    std::string name;
    std::vector<std::string> handlers;
  };
  std::vector<Named> named;          // other entrypoints
  std::vector<std::string> classes;  // exported classes: those of Durable Objects are among them
  int milliseconds = 0;
};

/// A live tail of a worker's events: whoever connects to its WebSocket gets them.
struct Tail {
  std::string id;
  std::string expires_at;
};

/// Which events that were kept are wanted. Times in milliseconds since 1970.
struct WantedLogs {
  std::string worker;  // key
  int64_t since = 0;
  int64_t until = INT64_MAX;
  std::string version = {};                // "" for all
  std::vector<std::string> outcomes = {};  // empty for all
  std::string search = {};                 // text anywhere in the record
  int64_t limit = 0;                       // the newest ones
};

/// The data plane, as the control plane sees it. Calls block until it is done.
class Runtime {
 public:
  virtual ~Runtime() = default;
  /// Starts `version` in an isolate of its own, on the side. The error names the place in the
  /// source.
  virtual Result<StartupReport> check(const deploy::WorkerVersion& version) = 0;
  /// Reads what is live from the store. When it returns, every new request is answered so.
  virtual Status publish() = 0;
  [[nodiscard]] virtual bool has_objects(const std::string& namespace_id) = 0;
  /// Removes the objects of namespaces that are retired.
  virtual void remove_retired_objects() = 0;
  /// `worker`: its key. `filters`: signals/tail_filter.h; `client`: the address that "self" means.
  virtual Result<Tail> open_tail(const std::string& worker, const nlohmann::json& filters,
                                 const std::string& client) = 0;
  [[nodiscard]] virtual std::vector<Tail> tails(const std::string& worker) = 0;
  /// False when there is none.
  virtual bool close_tail(const std::string& worker, const std::string& id) = 0;
  /// What the objects of a namespace store: "do.list", "do.delete", "do.history" and
  /// "do.restore" of state/service.h.
  virtual Result<nlohmann::json> ask_objects(
      const nlohmann::json& request, const std::function<Status(const nlohmann::json&)>& item) = 0;
  /// An object's database, a SQLite file. ErrorCode::limit_exceeded when it is too large for an
  /// answer.
  virtual Result<std::string> copy_of_object(const std::string& namespace_id,
                                             const std::string& object) = 0;
  /// The id that idFromName() gives.
  [[nodiscard]] virtual std::string object_named(const std::string& namespace_id,
                                                 const std::string& name) = 0;
  /// Records as their account sees them, the oldest first; fewer where they are large.
  virtual Result<nlohmann::json> find_logs(const WantedLogs& wanted) = 0;
};

struct PlatformOptions {
  std::string base_domain = "localhost";
  uint16_t port = 0;  // of the data plane, for URLs; 0 = leave it out
  std::string scheme = "http";
  size_t script_bytes = size_t{64} << 20;  // all modules of a version
  size_t modules = 10'000;
  size_t variables = 128;
  size_t versions_listed = 100;
};

struct Platform {
  deploy::PlatformStore& store;
  const deploy::SecretBox& secrets;
  Runtime& runtime;
  kv::KvStore& kv;
  kv::KvReader& kv_reader;
  const kv::KvLimits& kv_limits;
  assets::BlobStore& contents;  // of assets
  assets::UploadSessions& uploads;
  deploy::VersionFiles files;
  PlatformOptions options;

  /// Where a worker answers: "http://demo.localhost:8787".
  [[nodiscard]] std::string url_of(const deploy::Account& account, const std::string& worker) const;
  /// One label further down: "http://draft.site.localhost:8787".
  [[nodiscard]] std::string url_below(const deploy::Account& account, const std::string& worker,
                                      const std::string& label) const;
  /// What follows the 8 digits of a version in its preview's URL.
  [[nodiscard]] std::string preview_suffix(const deploy::Account& account,
                                           const std::string& worker) const;
};

}  // namespace selvage::api
