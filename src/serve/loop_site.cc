#include "serve/loop_site.h"

#include <functional>

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
            *this,
            {*shared.hub, counters_, shared.access_log},
            settings_of(*shared.config)},
      housekeeping_(loop_) {
  keep_house();
}

LoopSite::~LoopSite() = default;

void LoopSite::keep_house() {
  housekeeping_.start(kHousekeepingPeriod, [this] {
    counters_.reset_figures();
    for (auto& [name, isolate] : isolates_) {
      isolate->add_figures();
      isolate->evict_idle_objects();
      isolate->end_overdue();
      isolate->put_away_if_idle();
    }
    for (auto& isolate : retired_) {
      isolate->add_figures();
      isolate->end_overdue();
      isolate->put_away_if_idle();  // ends its objects when their time is over
    }
    std::erase_if(retired_, [](const std::unique_ptr<worker::WorkerIsolate>& isolate) {
      return isolate->idle();
    });
    asset_server_.forget_unused();
    keep_house();
  });
}

void LoopSite::deploy(const Workers& workers) {
  std::unordered_map<std::string, std::unique_ptr<worker::WorkerIsolate>> next;
  for (const auto& worker : workers) {
    const auto existing = isolates_.find(worker->name());
    if (existing != isolates_.end() && same(existing->second->worker(), *worker)) {
      next.emplace(worker->name(), std::move(existing->second));
      isolates_.erase(existing);
    } else {
      next.emplace(worker->name(), std::make_unique<worker::WorkerIsolate>(host_, worker));
    }
  }
  for (auto& [name, isolate] : isolates_) {
    isolate->retire();
    retired_.push_back(std::move(isolate));
  }
  isolates_ = std::move(next);
  only_ = isolates_.size() == 1 ? isolates_.begin()->second.get() : nullptr;
}

Status LoopSite::check(const std::shared_ptr<const worker::Worker>& worker) {
  const auto existing = isolates_.find(worker->name());
  if (existing != isolates_.end() && same(existing->second->worker(), *worker)) {
    return {};
  }
  return try_worker(worker);
}

Status LoopSite::try_worker(const std::shared_ptr<const worker::Worker>& worker) {
  if (worker->code() == nullptr) return {};
  worker::WorkerIsolate trial(host_, worker);
  return trial.check();
}

Status LoopSite::start_worker(std::string_view name) {
  worker::WorkerIsolate* isolate = find(name);
  // One that has only assets has nothing to start.
  const bool starts = isolate != nullptr && isolate->worker().code() != nullptr;
  return starts ? isolate->check() : Status();
}

void LoopSite::drain(UniqueFunction<void()> done) { server_.drain(std::move(done)); }

void LoopSite::close() {
  housekeeping_.cancel();
  retired_.clear();
  isolates_.clear();
  only_ = nullptr;
}

worker::WorkerIsolate* LoopSite::find(std::string_view worker) {
  const auto found = isolates_.find(std::string(worker));
  return found == isolates_.end() ? nullptr : found->second.get();
}

worker::WorkerIsolate* LoopSite::route(std::string_view host) {
  return only_ != nullptr ? only_ : find(worker_name_of(host));
}

void LoopSite::on_request(http::Exchange& exchange) {
  if (worker::WorkerIsolate* isolate = route(exchange.host())) {
    if (host_.settings.development &&
        run_by_hand(exchange, *this, shared_.config->cron_limits, isolate->worker().name())) {
      return;
    }
    const auto& assets = isolate->worker().assets();
    if (assets && asset_server_.route(assets, exchange)) return;
    isolate->fetch(exchange);
    return;
  }
  worker::ErrorPage page;
  if (isolates_.empty()) {
    page = {503, "No worker is running yet", "",
            "The worker could not be built or started: see the terminal that runs Selvage."};
  } else {
    std::string names;
    for (const auto& [name, isolate] : isolates_) {
      names.append(names.empty() ? "" : ", ").append(name).append(".localhost");
    }
    page = {404, "There is no worker at this host",
            "No worker is named \"" + std::string(worker_name_of(exchange.host())) + "\"",
            host_.settings.development ? "Workers here: " + names : ""};
  }
  worker::respond_error(exchange, page, true);
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
  worker::WorkerIsolate* isolate = find(worker);
  if (isolate == nullptr) {
    loop_.defer([callback = std::move(callback), name = std::string(worker)]() mutable {
      callback(fail(ErrorCode::not_found, "There is no worker named \"" + name + "\"",
                    "Start it together with this one, or correct the binding"));
    });
    return;
  }
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
  if (target->entrypoint.empty() && target->object_class.empty() && target->props.empty() &&
      target->scheduled.empty() && target->tail.empty()) {
    target = nullptr;
  }
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
  worker::WorkerIsolate* isolate = find(worker);
  if (isolate == nullptr) {
    const std::string reason = "There is no worker named \"" + std::string(worker) +
                               "\". Start it together with this one, or correct the binding";
    worker::discard(first, reason);
    worker::RpcMailbox::send(caller, loop_, worker::rpc_close_message(reason));
    return;
  }
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
