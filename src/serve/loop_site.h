// One loop with everything on it: the server that takes requests in, the isolates that answer them,
// the services that they use, and the way to the other loops.
#pragma once

#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "assets/asset_server.h"
#include "base/function.h"
#include "deploy/engine_config.h"
#include "deploy/platform/route_table.h"
#include "http/client.h"
#include "http/server.h"
#include "loop/loop.h"
#include "serve/version_source.h"
#include "worker/host.h"
#include "worker/worker_isolate.h"

namespace selvage::serve {

/// What the loops of a process share. Owned by the engine; outlives the loops.
struct Shared {
  js::SpareIsolates* isolates = nullptr;
  js::CodeCache* code_cache = nullptr;
  loop::Watchdog* watchdog = nullptr;
  kv::KvStore* kv = nullptr;
  object::ObjectStore* objects = nullptr;
  const worker::ObjectIds* object_ids = nullptr;
  assets::Compressor* compressor = nullptr;
  WindowCounters rate_limits;
  const deploy::EngineConfig* config = nullptr;
  signals::Hub* hub = nullptr;
  signals::LineFile* access_log = nullptr;                          // nullptr: there is none
  const trace::Tracer* tracer = nullptr;                            // likewise
  UniqueFunction<void(std::string_view reason)> ask_for_recycling;  // any thread
};

using Workers = std::vector<std::shared_ptr<const worker::Worker>>;

/// All calls by the loop's holder, except where it says otherwise.
class LoopSite final : public http::RequestHandler, public worker::Router {
 public:
  LoopSite(Shared& shared, int index, std::unique_ptr<kv::KvReader> kv_reader);
  ~LoopSite() override;

  /// The other loops' sites, this one included, by index. Before anything runs.
  void set_siblings(std::vector<LoopSite*> siblings) { siblings_ = std::move(siblings); }
  [[nodiscard]] loop::Loop& loop() { return loop_; }
  /// What was counted on this loop.
  [[nodiscard]] const signals::Counters& counters() const { return counters_; }
  signals::AlarmCounters& alarm_counters() { return counters_.alarms(); }

  Status listen(int fd) { return server_.adopt_listener(fd); }
  /// From now on `workers` answer; what is in flight on others finishes there.
  void deploy(const Workers& workers);
  /// A platform's: from now on requests go where `routes` says, to workers that `versions` has.
  /// Outlives the site. Instead of deploy().
  void publish(std::shared_ptr<const deploy::RouteTable> routes, VersionSource& versions);
  /// Whether `worker` can start, tried on this loop.
  Status check(const std::shared_ptr<const worker::Worker>& worker);
  /// Loads the isolate of a worker that is deployed.
  Status start_worker(std::string_view name);
  /// Whether `worker` can start, in an isolate of its own. `exports`: see WorkerIsolate::check().
  Status try_worker(const std::shared_ptr<const worker::Worker>& worker,
                    std::string* exports = nullptr);
  /// Takes no more requests, finishes those in flight, then calls `done`.
  void drain(UniqueFunction<void()> done);
  /// Ends what is still in flight.
  void abort_all() { server_.abort_all(); }
  /// Destroys isolates and server. The loop must then run once more, to close handles.
  void close();

  void on_request(http::Exchange& exchange) override;

  void request(std::string_view worker, std::unique_ptr<worker::Target> target,
               http::Request request, http::ResponseCallback callback) override;
  std::shared_ptr<worker::RpcMailbox> open_rpc(std::string_view worker,
                                               std::unique_ptr<worker::Target> target,
                                               std::shared_ptr<worker::RpcMailbox> caller,
                                               worker::RpcMessage first) override;
  void request_asset(const std::shared_ptr<const worker::Worker>& worker, http::Request request,
                     http::ResponseCallback callback) override;
  [[nodiscard]] bool is_home(std::string_view object_id) const override;
  void ask_for_recycling(std::string_view reason) override;

 private:
  static constexpr std::chrono::milliseconds kHousekeepingPeriod{1000};

  using Found = Result<worker::WorkerIsolate*>;

  /// The isolate that answers `target` of a worker; `fields` of the request may choose a version.
  [[nodiscard]] Found find(std::string_view worker, const worker::Target& target,
                           std::string_view fields);
  /// The isolate that answers a request from outside. nullptr: it is answered already.
  [[nodiscard]] worker::WorkerIsolate* route(http::Exchange& exchange);
  [[nodiscard]] worker::WorkerIsolate* route_on_platform(http::Exchange& exchange);
  [[nodiscard]] Found isolate_of(const deploy::LiveWorker& live, const std::string& version);
  [[nodiscard]] const std::string& choose(const deploy::LiveWorker& live, std::string_view fields);
  void retire(std::unique_ptr<worker::WorkerIsolate> isolate);
  template <class Visit>
  void each_isolate(Visit visit);
  [[nodiscard]] size_t home_of(std::string_view object_id) const;
  void request_here(std::string_view worker, std::unique_ptr<worker::Target> target,
                    http::Request request, http::ResponseCallback callback);
  void request_there(LoopSite& home, std::string worker, std::unique_ptr<worker::Target> target,
                     http::Request request, http::ResponseCallback callback);
  void accept_rpc(std::string_view worker, std::unique_ptr<worker::Target> target,
                  std::shared_ptr<worker::RpcMailbox> mine,
                  std::shared_ptr<worker::RpcMailbox> caller, worker::RpcMessage first);
  void keep_house();

  Shared& shared_;
  loop::Loop loop_;
  http::Client client_;
  std::unique_ptr<kv::KvReader> kv_reader_;
  assets::AssetServer asset_server_;
  http::Server server_;
  signals::Counters counters_;
  worker::Host host_;
  using Isolates = std::vector<std::unique_ptr<worker::WorkerIsolate>>;
  /// By worker, one for each version. There is always one, except on a platform, where they are
  /// made when they are asked.
  std::unordered_map<std::string, Isolates> isolates_;
  Isolates retired_;
  std::shared_ptr<const deploy::RouteTable> routes_;  // nullptr: this is no platform
  VersionSource* versions_ = nullptr;
  std::minstd_rand dice_{std::random_device()()};
  worker::WorkerIsolate* only_ = nullptr;  // the one worker there is: it answers every host
  std::vector<LoopSite*> siblings_;
  loop::Timer housekeeping_;
};

}  // namespace selvage::serve
