// What operators and their tools ask, on a listener and a loop of its own, away from clients:
//
//   GET /metrics   counters for Prometheus (signals/metrics_text.h)
//   GET /healthz   200 when every loop answers within kPatience, else 503
//   GET /readyz    200 when, besides, workers are deployed and the engine takes requests
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "http/server.h"
#include "loop/loop.h"
#include "serve/loop_site.h"
#include "signals/metrics_text.h"

namespace selvage::serve {

class OperationsSite final : public http::RequestHandler {
 public:
  static constexpr std::chrono::milliseconds kPatience{2000};

  using Figures = std::function<signals::SharedFigures()>;

  /// `sites` must outlive this, and their loops run. `shared`: any thread.
  OperationsSite(int index, std::vector<LoopSite*> sites, Figures shared);
  ~OperationsSite() override;

  /// Takes the listening socket over. Before start().
  Status listen(int fd) { return server_->adopt_listener(fd); }
  /// Carries its loop on a thread of its own from now on.
  void start();
  /// Any thread.
  void set_ready(bool ready) { ready_.store(ready, std::memory_order_relaxed); }

  void on_request(http::Exchange& exchange) override;

 private:
  struct Round;
  void ask_all(std::function<void(Round&)> done);

  const std::vector<LoopSite*> sites_;
  const Figures shared_;
  const double started_seconds_;
  std::atomic<bool> ready_{false};
  loop::Loop loop_;
  std::unique_ptr<http::Server> server_;
  std::thread thread_;
};

}  // namespace selvage::serve
