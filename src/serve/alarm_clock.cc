#include "serve/alarm_clock.h"

#include <chrono>
#include <random>

#include "base/wall_clock.h"
#include "object/object_key.h"

namespace selvage::serve {
namespace {

using Outcome = object::AlarmQueue::Outcome;

/// A clock that was set back or forward is noticed after so long.
constexpr std::chrono::milliseconds kLongestSleep{60'000};

uint64_t now_ms() { return static_cast<uint64_t>(wall_clock_ms()); }

double random_fraction() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return std::uniform_real_distribution<double>()(random);
}

/// As in builtins/alarm.ts. Any other status comes from the platform, not from the handler.
Outcome outcome_of(const Result<http::Response>& response) {
  if (!response) return Outcome::interrupted;
  switch (response->status) {
    case 200: return Outcome::done;
    case 409: return Outcome::not_due;
    case 422: return Outcome::failed;
    default: return Outcome::interrupted;
  }
}

signals::AlarmCount count_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::done: return signals::AlarmCount::done;
    case Outcome::not_due: return signals::AlarmCount::not_due;
    case Outcome::failed: return signals::AlarmCount::failed;
    case Outcome::interrupted: break;
  }
  return signals::AlarmCount::interrupted;
}

}  // namespace

AlarmClock::AlarmClock(LoopSite& site, object::ObjectStore& objects, const ObjectClasses& classes)
    : site_(site),
      objects_(objects),
      classes_(classes),
      queue_(random_fraction),
      timer_(site.loop()),
      figures_(site.loop()) {
  timer_.keep_loop_alive(false);
  figures_.keep_loop_alive(false);
}

AlarmClock::~AlarmClock() {
  *alive_ = false;
  objects_.listen_to_alarms(nullptr);
}

void AlarmClock::start() {
  objects_.listen_to_alarms([this, alive = alive_, &loop = site_.loop()](
                                const object::ObjectKey& key, const object::Alarm& alarm) {
    loop.post([this, alive, key, alarm] {
      if (*alive) changed(key, alarm);
    });
  });
  for (const auto& [key, alarm] : objects_.alarms()) queue_.changed(key.log_name(), alarm);
  look();
  show_figures();
}

void AlarmClock::stop() {
  stopped_ = true;
  timer_.cancel();
}

void AlarmClock::changed(const object::ObjectKey& key, const object::Alarm& alarm) {
  queue_.changed(key.log_name(), alarm);
  look();
}

void AlarmClock::look() {
  if (stopped_) return;
  for (const auto& due : queue_.take_due(now_ms(), kMostRunning - running_)) run(due);
  const std::optional<uint64_t> next = queue_.next();
  if (!next || running_ >= kMostRunning) {
    timer_.cancel();
    return;
  }
  const uint64_t now = now_ms();
  const auto delay = std::chrono::milliseconds(*next > now ? *next - now : 0);
  timer_.start(std::min(delay, kLongestSleep), [this] { look(); });
}

void AlarmClock::show_figures() {
  signals::AlarmCounters& figures = site_.alarm_counters();
  figures.running = running_;
  figures.overdue = running_ < kMostRunning ? 0 : queue_.overdue(now_ms());
  figures.waiting = queue_.waiting() - figures.overdue;
  figures_.start(kFiguresPeriod, [this] { show_figures(); });
}

void AlarmClock::run(const object::AlarmQueue::Due& due) {
  ++running_;
  if (due.retries > 0) site_.alarm_counters().count(signals::AlarmCount::retried);
  const std::string order =
      "run " + std::to_string(due.alarm.time) + " " + std::to_string(due.retries);
  ask(due.object, due.alarm.object_name, order,
      [this, alive = alive_, due](Result<http::Response> response) {
        if (*alive) ended(due, response);
      });
}

void AlarmClock::ended(const object::AlarmQueue::Due& due, const Result<http::Response>& response) {
  --running_;
  const Outcome outcome = outcome_of(response);
  site_.alarm_counters().count(count_of(outcome));
  if (queue_.ended(due.object, outcome, now_ms())) {
    site_.alarm_counters().count(signals::AlarmCount::abandoned);
    // Whatever comes of it: the object's database has an alarm that will not run, which is found
    // again at the next start.
    ask(due.object, due.alarm.object_name, "abandon " + std::to_string(due.alarm.time),
        [](const Result<http::Response>&) {});
  }
  look();
}

void AlarmClock::ask(const std::string& object, const std::string& name, std::string order,
                     http::ResponseCallback callback) {
  auto key = object::ObjectKey::from_log_name(object);
  const auto target_class = key ? classes_.find(key->namespace_id) : std::nullopt;
  if (!target_class) {
    site_.loop().defer([callback = std::move(callback)]() mutable {
      callback(fail(ErrorCode::not_found, "the alarm belongs to no worker"));
    });
    return;
  }
  auto target = std::make_unique<worker::Target>();
  target->object_class = target_class->class_name;
  target->object_id = key->id;
  target->object_name = name;
  target->alarm = std::move(order);
  http::Request request;
  request.method = "POST";
  request.url = "http://alarm/";
  site_.request(target_class->worker, std::move(target), std::move(request), std::move(callback));
}

}  // namespace selvage::serve
