#include "serve/manual_events.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string>

#include "base/percent.h"
#include "base/wall_clock.h"
#include "serve/scheduled_event.h"
#include "serve/waiting_client.h"

namespace selvage::serve {
namespace {

/// application/x-www-form-urlencoded
std::string decoded(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');
  return percent_decode_leniently(spaced);
}

std::optional<std::string> parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const size_t equals = std::min(pair.find('='), pair.size());
    if (decoded(pair.substr(0, equals)) != name) continue;
    return decoded(pair.substr(std::min(equals + 1, pair.size())));
  }
  return std::nullopt;
}

}  // namespace

bool run_by_hand(http::Exchange& exchange, worker::Router& router, const deploy::CronLimits& limits,
                 std::string_view worker) {
  const std::string_view target = exchange.target();
  if (!target.starts_with("/cdn-cgi/") && !target.starts_with("/__scheduled")) return false;
  const size_t question = std::min(target.find('?'), target.size());
  const std::string_view path = target.substr(0, question);
  const bool of_wrangler = path == "/__scheduled";
  if (!of_wrangler && path != "/cdn-cgi/local/scheduled" && path != "/cdn-cgi/handler/scheduled") {
    return false;
  }
  const std::string query(target.substr(std::min(question + 1, target.size())));
  auto asker = std::make_shared<WaitingClient>(exchange);
  ScheduledEvent event{std::string(worker), parameter(query, "cron").value_or(""), wall_clock_ms()};
  if (const auto time = parameter(query, "time"); time && !time->empty()) {
    const auto [end, error] =
        std::from_chars(time->data(), time->data() + time->size(), event.scheduled_ms);
    if (error != std::errc() || end != time->data() + time->size()) {
      asker->answer(400, "text/plain; charset=utf-8",
                    "\"time\" is not a whole number of milliseconds since 1970: " + *time + "\n");
      return true;
    }
  }
  if (const auto cron = deploy::CronExpression::parse(event.cron)) {
    event.hourly_at_most = cron->hourly_at_most();
  }
  const bool json = parameter(query, "format") == "json";
  run_scheduled(router, limits, event, [asker, json, of_wrangler](const ScheduledOutcome& outcome) {
    const bool good = outcome.outcome == "ok";
    if (json) {
      asker->answer(good ? 200 : 500, "application/json",
                    R"({"outcome":")" + outcome.outcome + R"(","noRetry":)" +
                        (outcome.no_retry ? "true}" : "false}"));
    } else {
      asker->answer(good ? 200 : 500, "text/plain; charset=utf-8",
                    good && of_wrangler ? "Ran scheduled event" : outcome.outcome);
    }
  });
  return true;
}

}  // namespace selvage::serve
