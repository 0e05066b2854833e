// Gives the records of workers' invocations to their tail workers (tail_consumers in the
// configuration): what is waiting is handed over together, on the first site's loop. A tail
// worker's own runs are nobody's: else two of them would feed each other for ever.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "deploy/worker_version.h"
#include "serve/loop_site.h"
#include "signals/hub.h"

namespace selvage::serve {

/// The loop's holder only. Everything must outlive it.
class TailConsumers {
 public:
  /// Records that may wait for one tail worker; beyond, the newest are dropped.
  static constexpr size_t kMostWaiting = 10'000;
  /// Of one call of tail().
  static constexpr size_t kMostAtOnce = 100;

  TailConsumers(LoopSite& site, signals::Hub& hub) : site_(site), hub_(hub) {}

  /// The consumers of these workers, from now on.
  void deploy(const std::vector<deploy::WorkerVersion>& versions);

 private:
  struct Consumer {
    std::string name;
    std::mutex mutex;
    std::vector<std::shared_ptr<const signals::Record>> waiting;
    bool posted = false;
  };
  static void hand_over(LoopSite& site, const std::shared_ptr<Consumer>& consumer);

  LoopSite& site_;
  signals::Hub& hub_;
  std::vector<std::unique_ptr<signals::Hub::Subscription>> subscriptions_;
};

}  // namespace selvage::serve
