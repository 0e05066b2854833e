// What the isolates on one loop share: the loop itself, the services behind the bindings, and the
// way to other workers.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/window_counters.h"
#include "http/client.h"
#include "http/message.h"
#include "js/code_cache.h"
#include "js/spare_isolates.h"
#include "kv/kv_limits.h"
#include "kv/kv_store.h"
#include "loop/loop.h"
#include "loop/watchdog.h"
#include "object/object_store.h"
#include "signals/counters.h"
#include "signals/hub.h"
#include "signals/line_file.h"
#include "trace/tracer.h"
#include "worker/invocation.h"
#include "worker/object_id.h"
#include "worker/rpc_channel.h"

namespace selvage::worker {

class Worker;
class WorkerIsolate;

/// The entrypoint that means a worker's assets (env.ASSETS). No export has this name.
inline constexpr std::string_view kAssetsEntrypoint = "#assets";

struct HostSettings {
  bool development = false;   // readable error pages
  bool log_requests = false;  // one line for each, on standard output
  bool colour = false;
  std::chrono::milliseconds isolate_idle{60'000};
  std::chrono::milliseconds object_idle{10'000};
  std::chrono::milliseconds object_block_limit{30'000};  // of blockConcurrencyWhile()
  std::chrono::milliseconds wait_until_limit{30'000};    // after the response
  std::chrono::milliseconds code_update_grace{30'000};   // for requests at replaced objects
  std::string location = "local";                        // request.cf.colo
  kv::KvLimits kv_limits;
  int maximum_lost_isolates = 3;  // then the process asks to be replaced
};

/// Reaches workers and objects wherever they are. The loop's holder only.
class Router {
 public:
  virtual ~Router() = default;
  /// Sends `request` to `target` of the worker named `worker`; the callback is called on this loop,
  /// never from within the call.
  virtual void request(std::string_view worker, std::unique_ptr<Target> target,
                       http::Request request, http::ResponseCallback callback) = 0;
  /// Opens an RPC session with `target`: `first` is its first message, `caller` the end that gets
  /// what comes back. The other end's mailbox; what is sent there arrives after `first`.
  virtual std::shared_ptr<RpcMailbox> open_rpc(std::string_view worker,
                                               std::unique_ptr<Target> target,
                                               std::shared_ptr<RpcMailbox> caller,
                                               RpcMessage first) = 0;
  /// Sends `request` to the assets of `worker`, whether or not it is the one that is live.
  virtual void request_asset(const std::shared_ptr<const Worker>& worker, http::Request request,
                             http::ResponseCallback callback) = 0;
  /// Whether the object with this id lives on this loop.
  [[nodiscard]] virtual bool is_home(std::string_view object_id) const = 0;
  /// Any number of times: this process has lost too much memory to scripts and wants a successor.
  virtual void ask_for_recycling(std::string_view reason) = 0;
};

/// Where the events on one loop leave their traces.
struct LoopSignals {
  signals::Hub& hub;
  signals::Counters& counters;              // of this loop
  signals::LineFile* access_log = nullptr;  // nullptr: there is none
  const trace::Tracer* tracer = nullptr;    // nullptr: nothing is traced
};

/// Owned by the composition root, one for each loop; everything outlives the isolates.
struct Host {
  loop::Loop& loop;
  loop::Watchdog& watchdog;
  js::SpareIsolates& isolates;
  js::CodeCache& code_cache;
  http::Client& client;
  kv::KvStore& kv;
  kv::KvReader& kv_reader;
  object::ObjectStore& objects;
  const ObjectIds& object_ids;
  WindowCounters& rate_limits;
  Router& router;
  LoopSignals signals;
  HostSettings settings;
};

}  // namespace selvage::worker
