#include "signals/log_search.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <deque>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "signals/search_text.h"

namespace selvage::signals {
namespace {

using Json = nlohmann::ordered_json;

/// "<path>.3", "<path>.2", "<path>.1", "<path>"
std::vector<std::string> files_of(const std::string& path) {
  std::vector<std::string> files;
  std::error_code error;
  unsigned last = 0;
  while (std::filesystem::exists(path + "." + std::to_string(last + 1), error)) ++last;
  for (unsigned i = last; i > 0; --i) files.push_back(path + "." + std::to_string(i));
  files.push_back(path);
  return files;
}

bool admits(const LogQuery& query, const Json& record) {
  const int64_t time = record.value("eventTimestamp", int64_t{0});
  if (time < query.since || time > query.until) return false;
  if (!query.worker.empty() && record.value("scriptName", "") != query.worker) return false;
  if (!query.version.empty()) {
    const auto version = record.find("scriptVersion");
    if (version == record.end() || !version->is_object() ||
        version->value("id", "") != query.version) {
      return false;
    }
  }
  return query.outcomes.empty() ||
         std::ranges::find(query.outcomes, record.value("outcome", "")) != query.outcomes.end();
}

}  // namespace

Status search_logs(const std::string& path, const LogQuery& query,
                   const std::function<void(const Json&)>& found) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return fail(ErrorCode::not_found, "no logs are kept in " + path,
                "selvage serve keeps them from its start on, unless selvage.toml says otherwise");
  }
  const SearchText search(query.search);
  std::deque<Json> newest;  // when there is a limit
  for (const std::string& file : files_of(path)) {
    std::ifstream in(file, std::ios::binary);
    for (std::string line; std::getline(in, line);) {
      // Most lines are none that are looked for: text is compared before anything is parsed.
      if (!search.found_in(line)) continue;
      const Json record = Json::parse(line, nullptr, false);
      if (!record.is_object() || !admits(query, record)) continue;
      if (query.limit == UINT64_MAX) {
        found(record);
        continue;
      }
      newest.push_back(record);
      if (newest.size() > query.limit) newest.pop_front();
    }
  }
  for (const Json& record : newest) found(record);
  return {};
}

Result<int64_t> parse_since(std::string_view text, int64_t now) {
  const auto refuse = [&] {
    return fail(ErrorCode::invalid_argument, "\"" + std::string(text) + "\" is not a time",
                "Write how long ago (90s, 15m, 2h, 7d), or a time in UTC (2026-01-31T12:00:00Z)");
  };
  const auto number = [](std::string_view digits, int64_t& value) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && end == digits.data() + digits.size() && value >= 0;
  };
  if (text.size() >= 2 && text.size() <= 10 && text.find('-') == std::string_view::npos) {
    int64_t value = 0;
    if (!number(text.substr(0, text.size() - 1), value)) return refuse();
    switch (text.back()) {
      case 's': return now - value * 1000;
      case 'm': return now - value * 60'000;
      case 'h': return now - value * 3'600'000;
      case 'd': return now - value * 86'400'000;
      default: return refuse();
    }
  }
  int64_t parts[6] = {0, 1, 1, 0, 0, 0};
  std::string_view rest = text;
  constexpr std::string_view kSeparators = "--T::";
  size_t part = 0;
  for (; part < 6 && !rest.empty(); ++part) {
    const size_t length = part == 0 ? 4 : 2;
    if (rest.size() < length || !number(rest.substr(0, length), parts[part])) return refuse();
    rest.remove_prefix(length);
    if (rest == "Z") rest = {};
    if (part == 5 || rest.empty()) continue;
    if (rest[0] != kSeparators[part]) return refuse();
    rest.remove_prefix(1);
    if (rest.empty()) return refuse();
  }
  if (part < 3) return refuse();
  int64_t milliseconds = 0;
  if (rest.starts_with('.')) {
    const std::string_view digits = rest.substr(1, rest.find_first_not_of("0123456789", 1) - 1);
    rest.remove_prefix(digits.size() + 1);
    std::string first(digits.substr(0, 3));
    first.resize(3, '0');
    if (!number(first, milliseconds)) return refuse();
  }
  if (!rest.empty() && rest != "Z") return refuse();
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(parts[0])),
                                         std::chrono::month(static_cast<unsigned>(parts[1])),
                                         std::chrono::day(static_cast<unsigned>(parts[2]))};
  if (!date.ok() || parts[3] > 23 || parts[4] > 59 || parts[5] > 60) return refuse();
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return (((days * 24 + parts[3]) * 60 + parts[4]) * 60 + parts[5]) * 1000 + milliseconds;
}

}  // namespace selvage::signals
