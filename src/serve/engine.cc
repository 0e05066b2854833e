#include "serve/engine.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "base/log.h"
#include "deploy/namespace_file.h"
#include "js/isolate_memory.h"
#include "serve/installation_key.h"
#include "serve/run_on.h"
#include "worker/natives.h"

namespace selvage::serve {
namespace {

/// What the database must take for the limits to be the configured ones.
int largest_kv_row(const kv::KvLimits& limits) {
  constexpr size_t kRoom = 64 * 1024;
  const size_t bytes =
      limits.max_value_bytes + limits.max_key_bytes + limits.max_metadata_bytes + kRoom;
  return static_cast<int>(std::min<size_t>(bytes, std::numeric_limits<int>::max()));
}

}  // namespace

Engine::Engine(node::MultiIsolatePlatform* platform, ControlChannel& channel,
               std::string snapshot_path)
    : platform_(platform), channel_(channel), snapshot_path_(std::move(snapshot_path)) {}

Engine::~Engine() = default;

Status Engine::start(deploy::EngineConfig config) {
  config_ = std::move(config);
  js::Isolate::install_signal_handler();
  js::IsolateMemory::prepare_allocator();
  set_log_style(!config_.development, config_.colour);
  const std::vector<js::Native> natives = worker::all_natives();
  SELVAGE_TRY(snapshot_, js::Snapshot::load(snapshot_path_, natives));
  code_cache_ = std::make_unique<js::CodeCache>(config_.cache_directory);
  SELVAGE_CHECK_STATUS(open_state());
  SELVAGE_CHECK_STATUS(open_logs());
  open_traces();

  watchdog_ = std::make_unique<loop::Watchdog>();
  isolates_ = std::make_unique<js::SpareIsolates>(
      js::SpareIsolates::Options{.platform = platform_,
                                 .snapshot = snapshot_.get(),
                                 .count = config_.spare_isolates,
                                 .memory_bytes = deploy::Limits().memory_bytes});
  shared_.isolates = isolates_.get();
  shared_.code_cache = code_cache_.get();
  shared_.watchdog = watchdog_.get();
  shared_.kv = kv_.get();
  shared_.objects = objects_.get();
  shared_.object_ids = object_ids_.get();
  compressor_ = std::make_unique<assets::Compressor>(config_.cache_directory + "/assets");
  shared_.compressor = compressor_.get();
  shared_.config = &config_;
  shared_.hub = &hub_;
  shared_.access_log = access_log_.get();
  shared_.tracer = tracer_.get();
  shared_.ask_for_recycling = [this](std::string_view reason) {
    channel_.send({{"type", "recycle"}, {"reason", reason}});
  };

  SELVAGE_TRY(control_, state::SocketServer::listen(config_.data_directory, [this] {
                return std::make_unique<state::Service>(kv_.get(), objects_.get(),
                                                        config_.kv_limits, &hub_);
              }));
  std::vector<LoopSite*> siblings;
  for (int index = 0; index < config_.threads; ++index) {
    SELVAGE_TRY(std::unique_ptr<kv::KvReader> reader, kv_->reader());
    sites_.push_back(std::make_unique<LoopSite>(shared_, index, std::move(reader)));
    siblings.push_back(sites_.back().get());
    watchdog_->watch(sites_.back()->loop());
  }
  for (LoopSite* site : siblings) site->set_siblings(siblings);

  Workers workers;
  bool deployed = true;
  if (!config_.platform) {
    SELVAGE_TRY(deployed, deploy_first(workers));
  }
  for (auto& site : sites_) {
    carriers_.emplace_back([loop = &site->loop()] { loop->carry(); });
  }
  run_on(sites_.front()->loop(), [this] {
    tails_ = std::make_unique<TailConsumers>(*sites_.front(), hub_);
    if (config_.development) return;
    crons_ =
        std::make_unique<CronClock>(*sites_.front(), config_.cron_limits, config_.data_directory);
  });
  if (config_.platform) {
    SELVAGE_CHECK_STATUS(open_platform(siblings));
  } else {
    tell_others(deployed ? config_.workers : std::vector<deploy::WorkerVersion>());
  }
  // Before clients come: they would wait for it.
  if (!config_.development) try_at_start(workers);
  SELVAGE_CHECK_STATUS(listen());
  run_on(sites_.front()->loop(), [this] {
    alarms_ = std::make_unique<AlarmClock>(*sites_.front(), *objects_, object_classes_);
    alarms_->start();
  });
  SELVAGE_CHECK_STATUS(open_operations(siblings));
  if (operations_) operations_->set_ready(deployed);
  channel_.send({{"type", "ready"}});
  isolates_->start();
  return {};
}

Status Engine::listen() {
  for (const deploy::Listener& listener : config_.listeners) {
    LoopSite& site = *sites_[static_cast<size_t>(listener.loop) % sites_.size()];
    Status listening;
    run_on(site.loop(), [&] { listening = site.listen(listener.fd); });
    SELVAGE_CHECK_STATUS(listening);
  }
  return {};
}

void Engine::tell_others(const std::vector<deploy::WorkerVersion>& workers) {
  run_on(sites_.front()->loop(), [&] {
    tails_->deploy(workers);
    if (crons_) crons_->deploy(workers);
  });
}

Result<bool> Engine::deploy_first(Workers& workers) {
  std::string refused;
  auto planned = plan(config_.workers, refused);
  auto loaded = planned ? load(config_.workers, refused) : Result<Workers>(fail(planned.error()));
  if (!loaded) {
    channel_.send(
        {{"type", "refused"}, {"worker", refused}, {"message", loaded.error().describe()}});
    return false;
  }
  SELVAGE_CHECK_STATUS(adopt(std::move(*planned)));
  remove_retired();
  workers = std::move(*loaded);
  for (auto& site : sites_) site->deploy(workers);
  return true;
}

Status Engine::open_platform(const std::vector<LoopSite*>& sites) {
  const auto published = [this](const std::vector<deploy::WorkerVersion>& workers) {
    tell_others(workers);
  };
  SELVAGE_TRY(control_plane_, ControlPlane::open({sites, *kv_, *objects_, *files_, object_classes_,
                                                  hub_, config_, published},
                                                 installation_key_));
  SELVAGE_CHECK_STATUS(control_plane_->start());
  api_ = std::make_unique<ApiListener>(config_.threads + 1, *control_plane_);
  for (const int fd : config_.platform->api_fds) {
    SELVAGE_CHECK_STATUS(api_->listen(fd));
  }
  api_->start();
  return {};
}

/// Says which of them cannot start. One alone is started for good; many are not tried, since that
/// would keep all of them waiting.
void Engine::try_at_start(const Workers& workers) {
  if (workers.size() > kMostTriedAtStart) return;
  for (const auto& worker : workers) {
    Status able;
    run_on(sites_.front()->loop(), [&] {
      able = workers.size() == 1 ? sites_.front()->start_worker(worker->name())
                                 : sites_.front()->try_worker(worker);
    });
    if (able) continue;
    channel_.send(
        {{"type", "unable"}, {"worker", worker->name()}, {"message", able.error().describe()}});
  }
}

Status Engine::open_state() {
  std::error_code error;
  std::filesystem::create_directories(config_.data_directory, error);
  if (error) {
    return fail(ErrorCode::io,
                "cannot create the data folder " + config_.data_directory + ": " + error.message());
  }
  files_ = store::real_file_system();
  SELVAGE_TRY(installation_key_, installation_key(*files_, config_.data_directory));
  object_ids_ = std::make_unique<worker::ObjectIds>(installation_key_);
  SELVAGE_TRY(log_, store::LocalCommitLog::open(*files_, config_.data_directory + "/log"));
  object::ObjectStoreOptions object_options;
  object_options.history_retention = std::chrono::seconds(config_.object_limits.history_seconds);
  object_options.history_bytes = config_.object_limits.history_bytes;
  SELVAGE_TRY(objects_, object::ObjectStore::open(config_.data_directory + "/objects", *log_,
                                                  *files_, std::move(object_options)));
  feed_ = std::make_unique<store::LocalChangeFeed>();
  kv::KvStoreOptions kv_options;
  kv_options.max_row_bytes = std::max(kv_options.max_row_bytes, largest_kv_row(config_.kv_limits));
  SELVAGE_TRY(kv_, kv::KvStore::open(config_.data_directory + "/kv", *feed_, kv_options));
  SELVAGE_TRY(namespaces_, deploy::read_namespaces(*files_, config_.data_directory));
  object_classes_.set(namespaces_);
  return {};
}

Status Engine::open_logs() {
  const deploy::ObservabilitySettings& settings = config_.observability;
  if (!settings.access_log.empty()) {
    SELVAGE_TRY(access_log_, signals::LineFile::open(settings.access_log,
                                                     {.max_bytes = settings.access_log_bytes}));
  }
  if (!settings.keep_logs) return {};
  SELVAGE_TRY(log_file_, signals::LineFile::open(config_.data_directory + "/" + deploy::kLogFile,
                                                 {.max_bytes = settings.log_bytes}));
  log_keeper_ = hub_.subscribe("", signals::Recording::notable,
                               [this](const std::shared_ptr<const signals::Record>& record) {
                                 log_file_->append(signals::to_line(*record));
                               });
  return {};
}

void Engine::open_traces() {
  const deploy::TraceSettings& settings = config_.traces;
  if (settings.endpoint.empty()) return;
  trace::ExporterOptions options;
  options.endpoint = settings.endpoint;
  for (const auto& [name, value] : settings.headers) {
    options.headers.append(name).append(": ").append(value).append("\r\n");
  }
  std::random_device random;
  const uint64_t instance = uint64_t{random()} << 32 | random();
  options.resource = {.service_name = settings.service_name,
                      .instance = trace::to_hex(instance),
                      .version = config_.program_version};
  options.queue.spans = settings.max_queue;
  exporter_ = std::make_unique<trace::Exporter>(config_.threads + 2, std::move(options));
  tracer_ = std::make_unique<trace::Tracer>(
      trace::Sampling{.parent_based = settings.parent_based, .ratio = settings.sample_ratio},
      [this](trace::Span span) { exporter_->add(std::move(span)); });
}

Status Engine::open_operations(std::vector<LoopSite*> sites) {
  if (config_.operations_fds.empty()) return {};
  operations_ = std::make_unique<OperationsSite>(config_.threads, std::move(sites),
                                                 [this] { return shared_figures(); });
  for (const int fd : config_.operations_fds) {
    SELVAGE_CHECK_STATUS(operations_->listen(fd));
  }
  operations_->start();
  return {};
}

signals::SharedFigures Engine::shared_figures() const {
  const auto kv = kv_->statistics();
  const auto log = log_->statistics();
  const auto objects = objects_->statistics();
  const auto spans = exporter_ ? exporter_->statistics() : trace::Exporter::Statistics();
  return {.kv_waiting = kv.waiting,
          .kv_commits = kv.commits,
          .kv_committed = kv.requests,
          .kv_failures = kv.failures,
          .commit_log_waiting = log.waiting,
          .commit_log_batches = log.batches,
          .commit_log_records = log.records,
          .commit_log_bytes = log.bytes,
          .commit_log_failures = log.failures,
          .commit_log_segments = log.segments,
          .dirty_pages = objects.dirty_pages,
          .checkpointed_objects = objects.checkpointed_objects,
          .checkpoint_failures = objects.checkpoint_failures,
          .damaged_histories = objects.damaged_histories,
          .log_lines_waiting = log_file_ ? log_file_->waiting() : 0,
          .access_lines_waiting = access_log_ ? access_log_->waiting() : 0,
          .lost_log_lines =
              (log_file_ ? log_file_->lost() : 0) + (access_log_ ? access_log_->lost() : 0),
          .spans_waiting = spans.waiting,
          .spans_exported = spans.exported,
          .spans_dropped = spans.dropped,
          .spans_refused = spans.refused,
          .spans_failed = spans.failed};
}

Result<deploy::NamespaceRegistry> Engine::plan(std::vector<deploy::WorkerVersion>& versions,
                                               std::string& refused) {
  const auto has_objects = [this](const std::string& id) {
    const auto objects = objects_->list(id);
    return !objects || !objects->empty();
  };
  SELVAGE_TRY(deploy::NamespaceRegistry registry,
              deploy::plan_namespaces(namespaces_, versions, has_objects, refused));
  deploy::resolve_namespaces(registry, versions);
  return registry;
}

Status Engine::adopt(deploy::NamespaceRegistry registry) {
  if (registry == namespaces_) return {};
  SELVAGE_CHECK_STATUS(deploy::write_namespaces(*files_, config_.data_directory, registry));
  namespaces_ = std::move(registry);
  object_classes_.set(namespaces_);
  return {};
}

void Engine::remove_retired() {
  deploy::NamespaceRegistry registry = namespaces_;
  for (auto& retired : registry.retired) {
    if (retired.removed) continue;
    const Status erased = objects_->erase_namespace(retired.id);
    retired.removed = erased.has_value();
    if (!erased) {
      log_warn("engine", "objects of the deleted namespace " + retired.id +
                             " remain until the next start: " + erased.error().describe());
    }
  }
  if (Status adopted = adopt(std::move(registry)); !adopted) {
    log_warn("engine", adopted.error().describe());
  }
}

Result<Workers> Engine::load(const std::vector<deploy::WorkerVersion>& versions,
                             std::string& refused) {
  Workers workers;
  for (const deploy::WorkerVersion& version : versions) {
    refused = version.name;
    SELVAGE_TRY(std::shared_ptr<const worker::Worker> loaded, worker::Worker::load(version));
    workers.push_back(std::move(loaded));
  }
  return workers;
}

void Engine::deploy(std::vector<deploy::WorkerVersion> versions) {
  std::string refused;
  auto planned = plan(versions, refused);
  auto workers = planned ? load(versions, refused) : Result<Workers>(fail(planned.error()));
  Status checked = workers ? Status() : Status(fail(workers.error()));
  if (workers) {
    run_on(sites_.front()->loop(), [&] {
      for (const auto& worker : *workers) {
        refused = worker->name();
        checked = sites_.front()->check(worker);
        if (!checked) break;
      }
    });
  }
  if (checked) checked = adopt(std::move(*planned));
  if (!checked) {
    channel_.send(
        {{"type", "refused"}, {"worker", refused}, {"message", checked.error().describe()}});
    return;
  }
  for (auto& site : sites_) {
    run_on(site->loop(), [&] { site->deploy(*workers); });
  }
  tell_others(versions);
  if (operations_) operations_->set_ready(true);
  remove_retired();
  channel_.send({{"type", "deployed"}});
}

void Engine::run() {
  while (true) {
    auto message = channel_.receive();
    if (!message) {
      log_error("engine", message.error().describe());
      continue;
    }
    if (!*message) break;  // the supervisor is gone: nobody could reach us any more
    const std::string type = (**message)["type"];
    if (type == "drain") {
      drain();
      break;
    }
    if (type == "deploy") {
      deploy::EngineConfig parsed = config_;
      nlohmann::json json = deploy::to_json(parsed);
      json["workers"] = (**message)["workers"];
      auto config = deploy::engine_config_from_json(json);
      if (!config) {
        channel_.send(
            {{"type", "refused"}, {"worker", ""}, {"message", config.error().describe()}});
      } else {
        deploy(std::move(config->workers));
      }
    }
  }
  stop();
}

void Engine::drain() {
  if (operations_) operations_->set_ready(false);
  run_on(sites_.front()->loop(), [this] {
    alarms_->stop();
    if (crons_) crons_->stop();
  });
  auto latch = std::make_shared<Latch>(sites_.size() + (api_ ? 1 : 0));
  if (api_) api_->drain([latch] { latch->count_down(); });
  for (auto& site : sites_) {
    site->loop().post([&site = *site, latch] { site.drain([latch] { latch->count_down(); }); });
  }
  if (latch->wait_for(std::chrono::milliseconds(config_.drain_timeout_ms))) return;
  log_warn("engine", "requests are still in flight after " +
                         std::to_string(config_.drain_timeout_ms) + " ms: they are ended");
  watchdog_->interrupt_all();
}

void Engine::stop() {
  control_.reset();
  if (control_plane_) control_plane_->stop();
  api_.reset();
  operations_.reset();
  // Scripts that still compute are stopped; what cannot be stopped is left to the process's end.
  watchdog_->interrupt_all();
  js::IsolateMemory::leave_to_exit();
  auto latch = std::make_shared<Latch>(sites_.size());
  for (auto& site : sites_) {
    site->loop().post([this, &site = *site, latch] {
      if (&site == sites_.front().get()) {
        alarms_.reset();
        crons_.reset();
        tails_.reset();
      }
      site.close();
      latch->count_down();
    });
  }
  constexpr std::chrono::seconds kPatience{3};
  if (!latch->wait_for(kPatience)) {
    log_warn("engine", "a script could not be stopped; what it did not commit is lost");
    _exit(0);
  }
  control_plane_.reset();
  for (auto& site : sites_) site->loop().stop();
  for (std::thread& carrier : carriers_) carrier.join();
  watchdog_.reset();
  // What waits is written.
  log_keeper_.reset();
  log_file_.reset();
  access_log_.reset();
  if (exporter_) exporter_->close();
  // Objects first: they write to the log.
  objects_.reset();
  log_.reset();
  kv_.reset();
  _exit(0);
}

}  // namespace selvage::serve
