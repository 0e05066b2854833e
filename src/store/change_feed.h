// The change feed: how a new deployment or a changed KV entry reaches everything at this location
// that keeps a copy or a cache of it. The local form is a call within the process; the distributed
// form reads a table of changes that all locations share.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/function.h"

namespace selvage::store {

struct Change {
  enum class Kind {
    kv,          ///< `scope` is the namespace, `name` the key
    deployment,  ///< `scope` is the worker, `name` the version that is now live
  };
  Kind kind = Kind::kv;
  std::string scope;
  std::string name;
};

/// Any thread.
class ChangeFeed {
 public:
  /// `sequence` numbers the first of `changes`; the next one has `sequence` + 1, and so on without
  /// gaps. Must be quick, and must not publish or subscribe.
  using Subscriber = UniqueFunction<void(uint64_t sequence, const std::vector<Change>& changes)>;

  /// Destroying it ends the subscription; after that the subscriber is not called any more.
  class Subscription {
   public:
    virtual ~Subscription() = default;
  };

  virtual ~ChangeFeed() = default;

  /// Tells every subscriber, in one order that is the same for all. What the changes say must be
  /// durable before. When it returns, the subscribers of this process have been called. Returns the
  /// sequence number of the last change.
  virtual uint64_t publish(const std::vector<Change>& changes) = 0;

  /// Calls `subscriber` for everything published from now on. The feed must outlive the
  /// subscription.
  [[nodiscard]] virtual std::unique_ptr<Subscription> subscribe(Subscriber subscriber) = 0;
};

/// The changes of this process.
class LocalChangeFeed final : public ChangeFeed {
 public:
  uint64_t publish(const std::vector<Change>& changes) override;
  [[nodiscard]] std::unique_ptr<Subscription> subscribe(Subscriber subscriber) override;

 private:
  class LocalSubscription;
  std::mutex mutex_;  // held while subscribers are called: that makes the order
  uint64_t next_ = 1;
  std::vector<LocalSubscription*> subscriptions_;
};

}  // namespace selvage::store
