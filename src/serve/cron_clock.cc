#include "serve/cron_clock.h"

#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "base/utc_text.h"
#include "base/wall_clock.h"
#include "serve/scheduled_event.h"

namespace selvage::serve {
namespace {

/// A clock that was set is noticed after so long.
constexpr std::chrono::milliseconds kLongestSleep{30'000};

std::string utc(int64_t time_ms) { return utc_text(time_ms, "%Y-%m-%dT%H:%MZ"); }

}  // namespace

CronClock::CronClock(LoopSite& site, const deploy::CronLimits& limits,
                     const std::string& data_directory)
    : site_(site), limits_(limits), path_(data_directory + "/crons.json"), timer_(site.loop()) {
  timer_.keep_loop_alive(false);
  std::ifstream file(path_);
  schedule_.restore(nlohmann::json::parse(file, nullptr, false));
}

CronClock::~CronClock() = default;

void CronClock::deploy(const std::vector<deploy::WorkerVersion>& versions) {
  std::vector<deploy::CronTrigger> triggers;
  for (const deploy::WorkerVersion& version : versions) {
    for (const std::string& cron : version.crons) triggers.push_back({version.name, cron});
  }
  schedule_.set(triggers, wall_clock_ms());
  look();
}

void CronClock::stop() {
  stopped_ = true;
  timer_.cancel();
}

void CronClock::look() {
  if (stopped_) return;
  const deploy::CronSchedule::Look look = schedule_.look(wall_clock_ms());
  // Before anything runs: an engine that dies of it does not run it again for ever.
  if (!look.due.empty() || !look.missed.empty()) save();
  for (const auto& missed : look.missed) {
    log_warn(missed.trigger.worker,
             "the cron \"" + missed.trigger.cron + "\" was missed " + std::to_string(missed.count) +
                 (missed.count == 1 ? " time" : " times") + ", the last at " + utc(missed.last) +
                 ": Selvage was not running then, or the machine was asleep");
  }
  for (const auto& due : look.due) {
    const ScheduledEvent event{due.trigger.worker, due.trigger.cron, due.scheduled,
                               due.hourly_at_most};
    run_scheduled(site_, limits_, event, [trigger = due.trigger](const ScheduledOutcome& outcome) {
      if (outcome.outcome == "ok") return;
      log_warn(trigger.worker, "the cron \"" + trigger.cron + "\" ended with " + outcome.outcome +
                                   (outcome.message.empty() ? "" : ": " + outcome.message));
    });
  }
  const std::optional<int64_t> next = schedule_.next();
  if (!next) return timer_.cancel();
  const auto delay = std::chrono::milliseconds(std::max<int64_t>(0, *next - wall_clock_ms()));
  timer_.start(std::min(delay, kLongestSleep), [this] { this->look(); });
}

void CronClock::save() const {
  const std::string next = path_ + ".new";
  std::ofstream file(next, std::ios::trunc);
  file << schedule_.state().dump();
  file.close();
  if (!file || std::rename(next.c_str(), path_.c_str()) != 0) {
    log_warn("engine", "cannot write " + path_ + ": crons that are missed may not be told of");
  }
}

}  // namespace selvage::serve
