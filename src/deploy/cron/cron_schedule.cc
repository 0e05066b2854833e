#include "deploy/cron/cron_schedule.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace selvage::deploy {
namespace {

/// A clock that was set back by more than this counts anew; by less, nothing runs twice.
constexpr int64_t kClockSetBack = 3'600'000;

}  // namespace

void CronSchedule::restore(const nlohmann::json& state) {
  if (!state.is_array()) return;
  for (const auto& each : state) {
    if (!each.is_array() || each.size() != 3 || !each[0].is_string() || !each[1].is_string() ||
        !each[2].is_number_integer()) {
      continue;
    }
    restored_.emplace_back(CronTrigger{each[0], each[1]}, each[2].get<int64_t>());
  }
}

nlohmann::json CronSchedule::state() const {
  nlohmann::json state = nlohmann::json::array();
  for (const Entry& entry : entries_) {
    state.push_back({entry.trigger.worker, entry.trigger.cron, entry.looked});
  }
  return state;
}

void CronSchedule::set(const std::vector<CronTrigger>& triggers, int64_t now) {
  std::vector<Entry> entries;
  for (const CronTrigger& trigger : triggers) {
    const auto expression = CronExpression::parse(trigger.cron);
    if (!expression) continue;
    int64_t looked = now;
    for (const auto& [known, time] : restored_) {
      if (known == trigger) looked = std::min(now, time);
    }
    for (const Entry& entry : entries_) {
      if (entry.trigger == trigger) looked = entry.looked;
    }
    const bool twice = std::any_of(entries.begin(), entries.end(),
                                   [&](const Entry& each) { return each.trigger == trigger; });
    if (!twice) entries.push_back({trigger, *expression, looked});
  }
  entries_ = std::move(entries);
  restored_.clear();
}

CronSchedule::Look CronSchedule::look(int64_t now) {
  Look look;
  for (Entry& entry : entries_) {
    if (entry.looked > now + kClockSetBack) entry.looked = now;
    Missed missed{entry.trigger};
    while (const auto time = entry.expression.next(entry.looked)) {
      if (*time > now) break;
      entry.looked = *time;
      if (*time >= now - kGrace) {
        look.due.push_back({entry.trigger, *time, entry.expression.hourly_at_most()});
        continue;
      }
      missed.last = *time;
      if (++missed.count == kMostCounted) entry.looked = std::max(entry.looked, now - kGrace);
    }
    entry.looked = std::max(entry.looked, now);
    if (missed.count > 0) look.missed.push_back(std::move(missed));
  }
  std::sort(look.due.begin(), look.due.end(),
            [](const Due& a, const Due& b) { return a.scheduled < b.scheduled; });
  return look;
}

std::optional<int64_t> CronSchedule::next() const {
  std::optional<int64_t> first;
  for (const Entry& entry : entries_) {
    const auto time = entry.expression.next(entry.looked);
    if (time && (!first || *time < *first)) first = time;
  }
  return first;
}

}  // namespace selvage::deploy
