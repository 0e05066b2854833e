#include "store/change_feed.h"

#include <algorithm>

namespace selvage::store {

class LocalChangeFeed::LocalSubscription final : public ChangeFeed::Subscription {
 public:
  LocalSubscription(LocalChangeFeed& feed, Subscriber subscriber)
      : subscriber_(std::move(subscriber)), feed_(feed) {
    std::lock_guard lock(feed_.mutex_);
    feed_.subscriptions_.push_back(this);
  }
  ~LocalSubscription() override {
    std::lock_guard lock(feed_.mutex_);
    std::erase(feed_.subscriptions_, this);
  }
  LocalSubscription(const LocalSubscription&) = delete;
  LocalSubscription& operator=(const LocalSubscription&) = delete;

  Subscriber subscriber_;

 private:
  LocalChangeFeed& feed_;
};

uint64_t LocalChangeFeed::publish(const std::vector<Change>& changes) {
  std::lock_guard lock(mutex_);
  uint64_t first = next_;
  next_ += changes.size();
  for (LocalSubscription* subscription : subscriptions_) subscription->subscriber_(first, changes);
  return next_ - 1;
}

std::unique_ptr<ChangeFeed::Subscription> LocalChangeFeed::subscribe(Subscriber subscriber) {
  return std::make_unique<LocalSubscription>(*this, std::move(subscriber));
}

}  // namespace selvage::store
