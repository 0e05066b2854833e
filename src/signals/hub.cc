#include "signals/hub.h"

#include <algorithm>

namespace selvage::signals {

std::unique_ptr<Hub::Subscription> Hub::subscribe(std::string worker, Recording wanted, Sink sink) {
  auto subscription = std::unique_ptr<Subscription>(
      new Subscription(*this, std::move(worker), wanted, std::move(sink)));
  std::lock_guard lock(mutex_);
  subscriptions_.push_back(subscription.get());
  recompute();
  return subscription;
}

void Hub::publish(std::shared_ptr<const Record> record) {
  const bool notable = !record->logs.empty() || !record->exceptions.empty() ||
                       record->outcome != Outcome::ok || record->status >= 500;
  std::lock_guard lock(mutex_);
  for (const Subscription* each : subscriptions_) {
    if (each->wanted_ == Recording::notable && !notable) continue;
    if (each->worker_.empty() || each->worker_ == record->worker) each->sink_(record);
  }
}

void Hub::remove(Subscription& subscription) {
  std::lock_guard lock(mutex_);
  std::erase(subscriptions_, &subscription);
  recompute();
}

void Hub::recompute() {
  Recording most = Recording::off;
  for (const Subscription* each : subscriptions_) most = std::max(most, each->wanted_);
  recording_.store(most, std::memory_order_relaxed);
}

}  // namespace selvage::signals
