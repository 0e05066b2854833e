#include "object/alarm_queue.h"

#include <algorithm>

namespace selvage::object {

void AlarmQueue::changed(const std::string& object, const Alarm& alarm) {
  auto found = entries_.find(object);
  if (found != entries_.end() && found->second.running) {
    found->second.next = alarm;
    return;
  }
  if (found == entries_.end()) {
    if (!alarm) return;
    found = entries_.try_emplace(object).first;
  } else {
    waiting_.erase({found->second.due, found->first});
  }
  replace(found->first, found->second, alarm);
}

/// Starts over with another alarm, or ends the entry.
void AlarmQueue::replace(const std::string& object, Entry& entry, const Alarm& alarm) {
  if (!alarm) {
    entries_.erase(entries_.find(object));
    return;
  }
  entry = Entry();
  entry.alarm = alarm;
  wait(entries_.find(object)->first, entry, alarm.time);
}

void AlarmQueue::wait(const std::string& object, Entry& entry, uint64_t due) {
  entry.running = false;
  entry.due = due;
  waiting_.emplace(due, object);
}

std::vector<AlarmQueue::Due> AlarmQueue::take_due(uint64_t now, size_t most) {
  std::vector<Due> due;
  while (!waiting_.empty() && waiting_.begin()->first <= now && due.size() < most) {
    auto found = entries_.find(std::string(waiting_.begin()->second));
    waiting_.erase(waiting_.begin());
    Entry& entry = found->second;
    entry.running = true;
    due.push_back({found->first, entry.alarm, entry.counted});
  }
  return due;
}

std::optional<uint64_t> AlarmQueue::next() const {
  if (waiting_.empty()) return std::nullopt;
  return waiting_.begin()->first;
}

size_t AlarmQueue::overdue(uint64_t now) const {
  size_t count = 0;
  for (auto at = waiting_.begin(); at != waiting_.end() && at->first <= now; ++at) ++count;
  return count;
}

bool AlarmQueue::ended(const std::string& object, Outcome outcome, uint64_t now) {
  const auto found = entries_.find(object);
  if (found == entries_.end() || !found->second.running) return false;
  Entry& entry = found->second;
  if (entry.next) {
    const Alarm next = *entry.next;
    replace(found->first, entry, next);
    return false;
  }
  if (outcome == Outcome::done || outcome == Outcome::not_due) {
    entries_.erase(found);
    return false;
  }
  const bool counts = outcome == Outcome::failed;
  if (counts && entry.counted >= kMostTries) {
    entries_.erase(found);
    return true;
  }
  if (counts) {
    ++entry.counted;
    // What the script does wrong must not wait longer for what we did before.
    if (!entry.last_counted) entry.doublings = 0;
  }
  entry.last_counted = counts;
  const uint64_t delay = kFirstDelay << std::min(entry.doublings, kMostDoublings);
  ++entry.doublings;
  const auto jitter = static_cast<uint64_t>(static_cast<double>(delay) * kJitter * random_());
  wait(found->first, entry, now + delay + jitter);
  return false;
}

}  // namespace selvage::object
