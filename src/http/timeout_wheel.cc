#include "http/timeout_wheel.h"

#include <algorithm>
#include <utility>

namespace selvage::http {

TimeoutWheel::TimeoutWheel(uint64_t now) : tick_(now / kTick) {}

void TimeoutWheel::add(Entry& entry, uint64_t deadline) {
  entry.deadline_ = deadline;
  file(entry);
}

void TimeoutWheel::remove(Entry& entry) {
  if (entry.filed_until_ == 0) return;
  unlink(entry);
}

void TimeoutWheel::refile(Entry& entry) {
  unlink(entry);
  file(entry);
}

void TimeoutWheel::file(Entry& entry) {
  // Those farther away than the wheel is round are looked at, and filed again, on the way.
  const uint64_t wanted = entry.deadline_ == kNever ? kNever : entry.deadline_ / kTick + 1;
  const uint64_t tick = std::clamp(wanted, tick_ + 1, tick_ + kSlots - 1);
  entry.filed_until_ = tick * kTick;
  Slot& slot = slots_[tick % kSlots];
  entry.previous_ = nullptr;
  entry.next_ = slot.first;
  if (slot.first != nullptr) slot.first->previous_ = &entry;
  slot.first = &entry;
}

void TimeoutWheel::unlink(Entry& entry) {
  if (entry.previous_ != nullptr) {
    entry.previous_->next_ = entry.next_;
  } else {
    slots_[entry.filed_until_ / kTick % kSlots].first = entry.next_;
  }
  if (entry.next_ != nullptr) entry.next_->previous_ = entry.previous_;
  entry.previous_ = entry.next_ = nullptr;
  entry.filed_until_ = 0;
}

void TimeoutWheel::advance(uint64_t now) {
  const uint64_t target = now / kTick;
  while (tick_ < target) {
    ++tick_;
    Slot& slot = slots_[tick_ % kSlots];
    // Taken off one by one: a callback may remove any other entry. What is filed meanwhile goes to
    // later slots.
    while (Entry* entry = slot.first) {
      unlink(*entry);
      const bool due = entry->deadline_ <= now;
      if (due) entry->deadline_ = kNever;
      file(*entry);
      if (due) entry->on_deadline(now);
    }
  }
}

}  // namespace selvage::http
