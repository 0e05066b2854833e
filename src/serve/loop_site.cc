#include "serve/loop_site.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/log.h"
#include "http/syntax.h"
#include "loop/pipe_bridge.h"
#include "serve/manual_events.h"
#include "worker/error_page.h"
#include "worker/local_exchange.h"
#include "worker/rpc_table.h"
#include "worker/socket_bridge.h"

namespace selvage::serve {
namespace {

worker::HostSettings settings_of(const deploy::EngineConfig& config) {
  worker::HostSettings settings;
  settings.development = config.development;
  settings.log_requests = config.log_requests;
  settings.colour = config.colour;
  settings.isolate_idle = std::chrono::milliseconds(config.isolate_idle_ms);
  settings.kv_limits = config.kv_limits;
  settings.object_idle = std::chrono::milliseconds(config.object_idle_ms);
  settings.object_block_limit = std::chrono::milliseconds(config.time_limits.block_concurrency_ms);
  settings.wait_until_limit = std::chrono::milliseconds(config.time_limits.wait_until_ms);
  settings.code_update_grace = std::chrono::milliseconds(config.time_limits.code_update_grace_ms);
  return settings;
}

http::ClientOptions client_options(const deploy::EngineConfig& config) {
  http::ClientOptions options;
  options.allow_private = config.allow_private_network;
  options.private_remedy = "Start Selvage with --allow-private-network to permit it";
  return options;
}

/// Whether an isolate of `running` can go on as `worker`: its objects are where they were, too.
bool same(const worker::Worker& running, const worker::Worker& worker) {
  return running.version().id == worker.version().id &&
         running.version().object_namespaces == worker.version().object_namespaces;
}

/// "my-worker.localhost:8787" names my-worker.
std::string_view worker_name_of(std::string_view host) {
  return host.substr(0, host.find_first_of(".:"));
}

/// Moves what a message carries from one loop to another.
void carry_body(http::Body& body, loop::Loop& from, loop::Loop& to) {
  if (body.pipe) body.pipe = loop::bridge(std::move(body.pipe), from, to);
}

}  // namespace

LoopSite::LoopSite(Shared& shared, int index, std::unique_ptr<kv::KvReader> kv_reader)
    : shared_(shared),
      loop_(index),
      client_(loop_, client_options(*shared.config)),
      kv_reader_(std::move(kv_reader)),
      asset_server_(loop_, shared.compressor),
      server_(loop_, *this),
      host_{loop_,
            *shared.watchdog,
            *shared.isolates,
            *shared.code_cache,
            client_,
            *shared.kv,
            *kv_reader_,
            *shared.objects,
            *shared.object_ids,
            shared.rate_limits,
            *this,
            {*shared.hub, counters_, shared.access_log, shared.tracer},
            settings_of(*shared.config)},
      housekeeping_(loop_) {
  keep_house();
}

LoopSite::~LoopSite() = default;

template <class Visit>
void LoopSite::each_isolate(Visit visit) {
  for (auto& [name, isolates] : isolates_) {
    for (auto& isolate : isolates) visit(*isolate);
  }
}

void LoopSite::keep_house() {
  housekeeping_.start(kHousekeepingPeriod, [this] {
    counters_.reset_figures();
    each_isolate([](worker::WorkerIsolate& isolate) {
      isolate.add_figures();
      isolate.evict_idle_objects();
      isolate.end_overdue();
      isolate.put_away_if_idle();
    });
    for (auto& isolate : retired_) {
      isolate->add_figures();
      isolate->end_overdue();
      isolate->put_away_if_idle();  // ends its objects when their time is over
    }
    std::erase_if(retired_, [](const std::unique_ptr<worker::WorkerIsolate>& isolate) {
      return isolate->idle();
    });
    if (routes_) {
      for (auto& [name, isolates] : isolates_) {
        std::erase_if(isolates, [](const auto& isolate) { return isolate->empty(); });
      }
      std::erase_if(isolates_, [](const auto& entry) { return entry.second.empty(); });
    }
    asset_server_.forget_unused();
    keep_house();
  });
}

void LoopSite::deploy(const Workers& workers) {
  std::unordered_map<std::string, Isolates> next;
  for (const auto& worker : workers) {
    const auto existing = isolates_.find(worker->name());
    if (existing != isolates_.end() && same(existing->second.front()->worker(), *worker)) {
      next.emplace(worker->name(), std::move(existing->second));
      isolates_.erase(existing);
    } else {
      next[worker->name()].push_back(std::make_unique<worker::WorkerIsolate>(host_, worker));
    }
  }
  for (auto& [name, isolates] : isolates_) {
    for (auto& isolate : isolates) retire(std::move(isolate));
  }
  isolates_ = std::move(next);
  only_ = isolates_.size() == 1 ? isolates_.begin()->second.front().get() : nullptr;
}

void LoopSite::publish(std::shared_ptr<const deploy::RouteTable> routes, VersionSource& versions) {
  routes_ = std::move(routes);
  versions_ = &versions;
  for (auto& [name, isolates] : isolates_) {
    const deploy::LiveWorker* live = routes_->worker(name);
    for (auto& isolate : isolates) {
      const std::string& version = isolate->worker().version().id;
      const bool hosts = live != nullptr && deploy::object_version(*live) == version;
      const bool stays =
          live != nullptr &&
          std::ranges::find(live->versions, version, &deploy::VersionShare::version_id) !=
              live->versions.end() &&
          versions.is_current(isolate->shared_worker()) && (hosts || !isolate->hosts_objects());
      // One that loses its objects to another version ends, even if it keeps a share.
      if (!stays) retire(std::move(isolate));
    }
    std::erase(isolates, nullptr);
    // The objects have left by now.
    for (auto& isolate : isolates) {
      isolate->set_hosts_objects(deploy::object_version(*live) == isolate->worker().version().id);
    }
  }
}

void LoopSite::retire(std::unique_ptr<worker::WorkerIsolate> isolate) {
  isolate->retire();
  retired_.push_back(std::move(isolate));
}

Status LoopSite::check(const std::shared_ptr<const worker::Worker>& worker) {
  const auto existing = isolates_.find(worker->name());
  if (existing != isolates_.end() && same(existing->second.front()->worker(), *worker)) {
    return {};
  }
  return try_worker(worker);
}

Status LoopSite::try_worker(const std::shared_ptr<const worker::Worker>& worker,
                            std::string* exports) {
  if (worker->code() == nullptr) return {};
  worker::WorkerIsolate trial(host_, worker);
  return trial.check(exports);
}

Status LoopSite::start_worker(std::string_view name) {
  SELVAGE_TRY(worker::WorkerIsolate * isolate, find(name, {}, {}));
  // One that has only assets has nothing to start.
  return isolate->worker().code() != nullptr ? isolate->check() : Status();
}

void LoopSite::drain(UniqueFunction<void()> done) { server_.drain(std::move(done)); }

void LoopSite::close() {
  housekeeping_.cancel();
  retired_.clear();
  isolates_.clear();
  only_ = nullptr;
}

LoopSite::Found LoopSite::find(std::string_view worker, const worker::Target& target,
                               std::string_view fields) {
  const auto missing = [&] {
    return fail(ErrorCode::not_found, "There is no worker named \"" + std::string(worker) + "\"",
                routes_ ? "Deploy it, or correct the binding"
                        : "Start it together with this one, or correct the binding");
  };
  if (!routes_) {
    const auto found = isolates_.find(std::string(worker));
    if (found == isolates_.end()) return missing();
    return found->second.front().get();
  }
  const deploy::LiveWorker* live = routes_->worker(worker);
  if (live == nullptr) return missing();
  if (!target.version.empty()) return isolate_of(*live, target.version);
  if (live->versions.empty()) return missing();
  if (!target.object_class.empty()) return isolate_of(*live, deploy::object_version(*live));
  return isolate_of(*live, choose(*live, fields));
}

const std::string& LoopSite::choose(const deploy::LiveWorker& live, std::string_view fields) {
  if (live.versions.size() == 1) return live.versions.front().version_id;
  const double random = static_cast<double>(dice_() - std::minstd_rand::min()) /
                        (std::minstd_rand::max() - std::minstd_rand::min() + 1.0);
  return deploy::choose_version(live,
                                http::find_field(fields, "cloudflare-workers-version-overrides"),
                                http::find_field(fields, "cloudflare-workers-version-key"), random);
}

LoopSite::Found LoopSite::isolate_of(const deploy::LiveWorker& live, const std::string& version) {
  if (const auto known = isolates_.find(live.key); known != isolates_.end()) {
    for (const auto& isolate : known->second) {
      if (isolate->worker().version().id == version) return isolate.get();
    }
  }
  SELVAGE_TRY(std::shared_ptr<const worker::Worker> worker, versions_->load(live, version));
  Isolates& isolates = isolates_[live.key];
  isolates.push_back(std::make_unique<worker::WorkerIsolate>(host_, std::move(worker)));
  isolates.back()->set_hosts_objects(deploy::object_version(live) == version);
  return isolates.back().get();
}

worker::WorkerIsolate* LoopSite::route(http::Exchange& exchange) {
  if (only_ != nullptr) return only_;
  if (routes_) return route_on_platform(exchange);
  const std::string_view name = worker_name_of(exchange.host());
  if (const auto found = isolates_.find(std::string(name)); found != isolates_.end()) {
    return found->second.front().get();
  }
  worker::ErrorPage page;
  if (isolates_.empty()) {
    page = {503, "No worker is running yet", "",
            "The worker could not be built or started: see the terminal that runs Selvage."};
  } else {
    std::string names;
    for (const auto& each : isolates_) {
      names.append(names.empty() ? "" : ", ").append(each.first).append(".localhost");
    }
    page = {404, "There is no worker at this host",
            "No worker is named \"" + std::string(name) + "\"",
            host_.settings.development ? "Workers here: " + names : ""};
  }
  worker::respond_error(exchange, page, true);
  return nullptr;
}

worker::WorkerIsolate* LoopSite::route_on_platform(http::Exchange& exchange) {
  const auto refuse = [&](const worker::ErrorPage& page) {
    worker::respond_error(exchange, page, true);
    return nullptr;
  };
  const deploy::RouteTable::Match match = routes_->find(exchange.host(), exchange.target());
  if (match.worker == nullptr) {
    const std::string host(exchange.host());
    return refuse(
        {404, "There is no worker at this host",
         match.wanted.empty() ? host + " is not a name of this platform"
                              : "No worker answers at " + host,
         "A worker that is deployed answers at <worker>." + routes_->base_domain() +
             " (<worker>.<subdomain>." + routes_->base_domain() +
             " where its account has a subdomain), and at its routes and custom domains"});
  }
  if (match.preview.empty() && match.worker->versions.empty()) {
    return refuse(
        {404, "Nothing is deployed here yet",
         "The Pages project " + match.worker->name + " has no deployment of its production branch",
         ""});
  }
  std::string preview;
  if (!match.preview.empty()) {
    auto version = versions_->find(*match.worker, match.preview);
    if (!version) {
      log_error(match.worker->key, version.error().describe());
    } else if (*version) {
      preview = std::move(**version);
    }
    if (preview.empty()) {
      return refuse({404, "There is no such version",
                     match.worker->name + " has no version " + match.preview, ""});
    }
  }
  const Found found = isolate_of(
      *match.worker, preview.empty() ? choose(*match.worker, exchange.header_block()) : preview);
  if (found) return *found;
  log_error(match.worker->key, found.error().describe());
  return refuse({500, "Worker " + match.worker->name + " can't start", "",
                 "The log of the platform says why"});
}

void LoopSite::on_request(http::Exchange& exchange) {
  worker::WorkerIsolate* isolate = route(exchange);
  if (isolate == nullptr) return;
  if (host_.settings.development &&
      run_by_hand(exchange, *this, shared_.config->cron_limits, isolate->worker().name())) {
    return;
  }
  const auto& assets = isolate->worker().assets();
  if (assets && asset_server_.route(assets, exchange)) return;
  isolate->fetch(exchange);
}

size_t LoopSite::home_of(std::string_view object_id) const {
  return std::hash<std::string_view>()(object_id) % siblings_.size();
}

bool LoopSite::is_home(std::string_view object_id) const {
  return siblings_.size() == 1 || siblings_[home_of(object_id)] == this;
}

void LoopSite::request(std::string_view worker, std::unique_ptr<worker::Target> target,
                       http::Request request, http::ResponseCallback callback) {
  if (!target->object_id.empty() && !is_home(target->object_id)) {
    LoopSite& home = *siblings_[home_of(target->object_id)];
    request_there(home, std::string(worker), std::move(target), std::move(request),
                  std::move(callback));
  } else {
    request_here(worker, std::move(target), std::move(request), std::move(callback));
  }
}

void LoopSite::request_here(std::string_view worker, std::unique_ptr<worker::Target> target,
                            http::Request request, http::ResponseCallback callback) {
  const Found found = find(worker, *target, request.headers);
  if (!found) {
    loop_.defer([callback = std::move(callback), error = found.error()]() mutable {
      callback(fail(std::move(error)));
    });
    return;
  }
  worker::WorkerIsolate* isolate = *found;
  auto exchange = worker::LocalExchange::create(loop_, std::move(request), std::move(callback));
  http::Exchange& reference = *exchange;
  if (const auto& assets = isolate->worker().assets();
      assets && target->object_class.empty() && target->scheduled.empty()) {
    if (target->entrypoint == worker::kAssetsEntrypoint) {
      return asset_server_.answer(assets, reference, std::move(exchange));
    }
    // A service binding to a worker is as good as a request from outside.
    if (target->entrypoint.empty() && asset_server_.route(assets, reference, exchange)) return;
  }
  if (isolate->worker().code() == nullptr) {
    exchange->fail_with({ErrorCode::not_found, isolate->worker().name() + " has only assets", {}});
    return;
  }
  if (target->plain() && !target->caller) target = nullptr;
  isolate->fetch(reference, std::move(target), std::move(exchange));
}

void LoopSite::request_there(LoopSite& home, std::string worker,
                             std::unique_ptr<worker::Target> target, http::Request request,
                             http::ResponseCallback callback) {
  carry_body(request.body, loop_, home.loop_);
  struct Parcel {
    std::string worker;
    std::unique_ptr<worker::Target> target;
    http::Request request;
    http::ResponseCallback callback;
    Result<http::Response> response = fail(ErrorCode::internal, "no response");
  };
  auto parcel = std::make_shared<Parcel>(
      Parcel{std::move(worker), std::move(target), std::move(request), std::move(callback)});
  home.loop_.post([this, &home, parcel] {
    home.request_here(parcel->worker, std::move(parcel->target), std::move(parcel->request),
                      [this, &home, parcel](Result<http::Response> response) {
                        if (response) {
                          carry_body(response->body, home.loop_, loop_);
                          if (response->websocket) {
                            response->websocket = worker::bridge_socket(
                                std::move(response->websocket), home.loop_, loop_);
                          }
                        }
                        parcel->response = std::move(response);
                        loop_.post([parcel] { parcel->callback(std::move(parcel->response)); });
                      });
  });
}

void LoopSite::request_asset(const std::shared_ptr<const worker::Worker>& worker,
                             http::Request request, http::ResponseCallback callback) {
  auto exchange = worker::LocalExchange::create(loop_, std::move(request), std::move(callback));
  if (worker->assets() == nullptr) {
    exchange->fail_with({ErrorCode::not_found, worker->name() + " has no assets", {}});
    return;
  }
  http::Exchange& reference = *exchange;
  asset_server_.answer(worker->assets(), reference, std::move(exchange));
}

std::shared_ptr<worker::RpcMailbox> LoopSite::open_rpc(std::string_view worker,
                                                       std::unique_ptr<worker::Target> target,
                                                       std::shared_ptr<worker::RpcMailbox> caller,
                                                       worker::RpcMessage first) {
  LoopSite& home = target->object_id.empty() || is_home(target->object_id)
                       ? *this
                       : *siblings_[home_of(target->object_id)];
  auto mailbox = std::make_shared<worker::RpcMailbox>(home.loop_);
  if (&home == this) {
    accept_rpc(worker, std::move(target), mailbox, std::move(caller), std::move(first));
    return mailbox;
  }
  struct Parcel {
    std::string worker;
    std::unique_ptr<worker::Target> target;
    std::shared_ptr<worker::RpcMailbox> mailbox;
    std::shared_ptr<worker::RpcMailbox> caller;
    worker::RpcMessage first;
  };
  worker::carry_out(first, loop_, home.loop_);
  auto parcel = std::make_shared<Parcel>(
      Parcel{std::string(worker), std::move(target), mailbox, std::move(caller), std::move(first)});
  home.loop_.post([this, &home, parcel] {
    worker::carry_in(parcel->first, loop_, home.loop_);
    home.accept_rpc(parcel->worker, std::move(parcel->target), std::move(parcel->mailbox),
                    std::move(parcel->caller), std::move(parcel->first));
  });
  return mailbox;
}

void LoopSite::accept_rpc(std::string_view worker, std::unique_ptr<worker::Target> target,
                          std::shared_ptr<worker::RpcMailbox> mine,
                          std::shared_ptr<worker::RpcMailbox> caller, worker::RpcMessage first) {
  const Found found = find(worker, *target, {});
  if (!found) {
    const std::string reason = found.error().describe();
    worker::discard(first, reason);
    worker::RpcMailbox::send(caller, loop_, worker::rpc_close_message(reason));
    return;
  }
  worker::WorkerIsolate* isolate = *found;
  if (isolate->worker().code() == nullptr) {
    const std::string reason =
        "The worker \"" + std::string(worker) + "\" has only assets: there is no method to call";
    worker::discard(first, reason);
    worker::RpcMailbox::send(caller, loop_, worker::rpc_close_message(reason));
    return;
  }
  isolate->rpc().accept(std::move(target), std::move(mine), std::move(caller), std::move(first));
}

void LoopSite::ask_for_recycling(std::string_view reason) { shared_.ask_for_recycling(reason); }

}  // namespace selvage::serve
