// Who listens to the records of invocations, and how much they want. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "signals/record.h"

namespace selvage::signals {

/// Nothing is recorded; only invocations that log something or fail; all.
enum class Recording : uint8_t { off, notable, all };

/// Must outlive its subscriptions, and the loops that publish to it.
class Hub {
 public:
  /// Called by whichever thread publishes, one at a time for each subscription: must only hand
  /// over.
  using Sink = std::function<void(const std::shared_ptr<const Record>&)>;

  /// Ends when it is destroyed: the sink is not called after that.
  class Subscription {
   public:
    ~Subscription() { hub_.remove(*this); }
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

   private:
    friend class Hub;
    Subscription(Hub& hub, std::string worker, Recording wanted, Sink sink)
        : hub_(hub), worker_(std::move(worker)), wanted_(wanted), sink_(std::move(sink)) {}
    Hub& hub_;
    const std::string worker_;
    const Recording wanted_;
    const Sink sink_;
  };

  /// To the invocations of `worker`, "" for all workers'.
  std::unique_ptr<Subscription> subscribe(std::string worker, Recording wanted, Sink sink);

  /// What must be recorded now. Asked for at the beginning of each invocation: a relaxed load.
  [[nodiscard]] Recording recording() const { return recording_.load(std::memory_order_relaxed); }
  void publish(std::shared_ptr<const Record> record);

 private:
  void remove(Subscription& subscription);
  void recompute();

  std::atomic<Recording> recording_{Recording::off};
  std::mutex mutex_;
  std::vector<Subscription*> subscriptions_;
};

}  // namespace selvage::signals
