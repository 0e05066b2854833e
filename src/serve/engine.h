// The engine: builds everything from its configuration, owns everything, and runs until the
// supervisor says drain or goes away.
#pragma once

#include <node.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "deploy/engine_config.h"
#include "deploy/object_namespaces.h"
#include "serve/alarm_clock.h"
#include "serve/api_listener.h"
#include "serve/control_channel.h"
#include "serve/control_plane.h"
#include "serve/cron_clock.h"
#include "serve/loop_site.h"
#include "serve/operations_site.h"
#include "serve/tail_consumers.h"
#include "state/socket_server.h"
#include "store/change_feed.h"
#include "store/file.h"
#include "store/local_commit_log.h"
#include "trace/exporter.h"
#include "trace/tracer.h"

namespace selvage::serve {

/// Lives on node's main thread, which does nothing else.
class Engine {
 public:
  Engine(node::MultiIsolatePlatform* platform, ControlChannel& channel, std::string snapshot_path);
  ~Engine();

  /// Starts as `config` says; an error when something it needs is not there.
  Status start(deploy::EngineConfig config);
  /// Follows the supervisor's messages until the end. Then everything is closed.
  void run();

 private:
  Status open_state();
  Status open_logs();
  void open_traces();
  Status open_operations(std::vector<LoopSite*> sites);
  /// Any thread.
  [[nodiscard]] signals::SharedFigures shared_figures() const;
  Status listen();
  /// Those who start workers by themselves learn which there are now.
  void tell_others(const std::vector<deploy::WorkerVersion>& workers);
  /// Runs what the supervisor named. False: it cannot be.
  Result<bool> deploy_first(Workers& workers);
  /// Runs what was deployed to this platform, and takes more.
  Status open_platform(const std::vector<LoopSite*>& sites);
  void deploy(std::vector<deploy::WorkerVersion> versions);
  Result<Workers> load(const std::vector<deploy::WorkerVersion>& versions, std::string& refused);
  /// What the versions' migrations make of the namespaces; the versions learn the ids. Nothing is
  /// stored yet.
  Result<deploy::NamespaceRegistry> plan(std::vector<deploy::WorkerVersion>& versions,
                                         std::string& refused);
  /// Makes the plan durable, before any worker runs on it.
  Status adopt(deploy::NamespaceRegistry registry);
  /// Removes the objects of deleted classes, once no worker has them any more.
  void remove_retired();
  static constexpr size_t kMostTriedAtStart = 16;
  void try_at_start(const Workers& workers);
  void drain();
  void stop();

  node::MultiIsolatePlatform* platform_;
  ControlChannel& channel_;
  std::string snapshot_path_;
  deploy::EngineConfig config_;
  std::unique_ptr<js::Snapshot> snapshot_;
  std::unique_ptr<js::SpareIsolates> isolates_;
  std::unique_ptr<js::CodeCache> code_cache_;
  std::unique_ptr<store::FileSystem> files_;
  std::unique_ptr<store::LocalCommitLog> log_;
  std::unique_ptr<object::ObjectStore> objects_;
  std::unique_ptr<worker::ObjectIds> object_ids_;
  std::string installation_key_;
  std::unique_ptr<store::ChangeFeed> feed_;
  std::unique_ptr<kv::KvStore> kv_;
  deploy::NamespaceRegistry namespaces_;
  ObjectClasses object_classes_;                  // the same, for the loops
  std::unique_ptr<state::SocketServer> control_;  // the command line's way in
  signals::Hub hub_;
  std::unique_ptr<signals::LineFile> log_file_;    // what is kept of invocations
  std::unique_ptr<signals::LineFile> access_log_;  // nullptr: none
  std::unique_ptr<signals::Hub::Subscription> log_keeper_;
  std::unique_ptr<trace::Exporter> exporter_;  // nullptr: nothing is traced
  std::unique_ptr<trace::Tracer> tracer_;      // likewise
  std::unique_ptr<assets::Compressor> compressor_;
  Shared shared_;
  std::unique_ptr<loop::Watchdog> watchdog_;
  std::vector<std::unique_ptr<LoopSite>> sites_;
  /// On the first site's loop.
  std::unique_ptr<AlarmClock> alarms_;
  /// Likewise; none in development, where crons run by hand.
  std::unique_ptr<CronClock> crons_;
  std::unique_ptr<TailConsumers> tails_;
  std::unique_ptr<OperationsSite> operations_;   // nullptr: nobody may ask
  std::unique_ptr<ControlPlane> control_plane_;  // nullptr: this is no platform
  std::unique_ptr<ApiListener> api_;             // likewise
  std::vector<std::thread> carriers_;
};

}  // namespace selvage::serve
