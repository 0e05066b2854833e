// What was kept of a worker's events: those that logged something, or failed. An extension of
// Cloudflare's API, for `selvage logs --remote`:
//
//   GET .../workers/scripts/:script/logs?since&until (milliseconds since 1970), outcome (several
//   with commas), version, search, limit -> {"events": [records (signals/record.h), the oldest
//   first]}
#include <charconv>

#include "api/resources.h"
#include "api/shapes.h"

namespace selvage::api {
namespace {

constexpr int kBadQuery = 10042;
constexpr int64_t kListed = 100;
constexpr int64_t kMostListed = 1000;

/// `number` is left alone when the option is not given. False when it is no number.
bool read_number(const ApiRequest& request, const char* option, int64_t& number) {
  const std::string text = request.option(option);
  if (text.empty()) return true;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= 0;
}

std::vector<std::string> words_of(std::string_view list) {
  std::vector<std::string> words;
  while (!list.empty()) {
    const size_t end = list.find(',');
    words.emplace_back(list.substr(0, end));
    list = end == std::string_view::npos ? "" : list.substr(end + 1);
  }
  return words;
}

Result<ApiResponse> find_logs(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const auto script,
              platform.store.find_script(request.account.id, request.name("script")));
  if (!script) return no_such_worker();
  WantedLogs wanted{.worker = deploy::worker_key(request.account.number, script->name),
                    .version = request.option("version"),
                    .outcomes = words_of(request.option("outcome")),
                    .search = request.option("search"),
                    .limit = kListed};
  for (const auto& [option, number] :
       {std::pair{"since", &wanted.since}, {"until", &wanted.until}, {"limit", &wanted.limit}}) {
    if (!read_number(request, option, *number)) {
      return failure(400, kBadQuery, "\"" + std::string(option) + "\" is not a number");
    }
  }
  if (wanted.limit > kMostListed) {
    return failure(400, kBadQuery,
                   "\"limit\" is more than " + std::to_string(kMostListed) + " events");
  }
  SELVAGE_TRY(nlohmann::json events, platform.runtime.find_logs(wanted));
  return success({{"events", std::move(events)}});
}

}  // namespace

void add_logs(Router& router, Platform& platform) {
  router.add("GET", "/accounts/:account/workers/scripts/:script/logs", Access::read,
             [&](const ApiRequest& request) { return find_logs(platform, request); });
}

}  // namespace selvage::api
