#include "deploy/cron/cron_expression.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <vector>

namespace selvage::deploy {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr int64_t kMinuteMs = 60'000;
constexpr int64_t kDayMs = 24 * 60 * kMinuteMs;
constexpr int kLastYear = 9999;
/// Every date there is comes back within 28 years, but for a century without a leap year.
constexpr int kMostDays = 41 * 366;

constexpr std::array<std::string_view, 12> kMonths = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                      "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kWeekdays = {"SUN", "MON", "TUE", "WED",
                                                       "THU", "FRI", "SAT"};

struct Field {
  std::string_view name;
  unsigned least;
  unsigned most;
  std::span<const std::string_view> names;  // of the values from 1 on
};

constexpr Field kMinute{"minute", 0, 59, {}};
constexpr Field kHour{"hour", 0, 23, {}};
constexpr Field kDay{"day of the month", 1, 31, {}};
constexpr Field kMonth{"month", 1, 12, kMonths};
constexpr Field kWeekday{"weekday", 1, 7, kWeekdays};

std::string range_of(const Field& field) {
  std::string text = std::to_string(field.least) + " to " + std::to_string(field.most);
  if (!field.names.empty()) {
    text += " or " + std::string(field.names.front()) + " to " + std::string(field.names.back());
  }
  return text;
}

tl::unexpected<Error> refuse(const Field& field, std::string_view text, const std::string& why) {
  return fail(ErrorCode::invalid_argument,
              "the " + std::string(field.name) + " \"" + std::string(text) + "\" " + why);
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

/// A number or a name; nullopt when it is neither.
std::optional<unsigned> value_of(const Field& field, std::string_view text) {
  if (is_digits(text)) {
    unsigned value = 0;
    for (char c : text) {
      value = value * 10 + static_cast<unsigned>(c - '0');
      if (value > field.most) return std::nullopt;
    }
    return value < field.least ? std::nullopt : std::optional(value);
  }
  for (size_t i = 0; i < field.names.size(); ++i) {
    const std::string_view name = field.names[i];
    if (text.size() == name.size() && upper(text[0]) == name[0] && upper(text[1]) == name[1] &&
        upper(text[2]) == name[2]) {
      return static_cast<unsigned>(i) + 1;
    }
  }
  return std::nullopt;
}

Result<unsigned> take_value(const Field& field, std::string_view whole, std::string_view text) {
  if (const auto value = value_of(field, text)) return *value;
  if (&field == &kWeekday && text == "0") {
    return refuse(field, whole, "has a 0: Sunday is 1 here, and Saturday 7");
  }
  return refuse(field, whole,
                text.empty()
                    ? "lacks a value (" + range_of(field) + ")"
                    : "has \"" + std::string(text) + "\", which is not " + range_of(field));
}

/// One part of a list: a value, a range or a step. `all`: every value of the field.
Result<uint64_t> read_part(const Field& field, std::string_view whole, std::string_view part) {
  const size_t slash = part.find('/');
  const std::string_view values = part.substr(0, slash);
  const size_t dash = values.find('-');
  unsigned first = field.least;
  unsigned last = field.most;
  if (values != "*") {
    SELVAGE_TRY(first, take_value(field, whole, values.substr(0, dash)));
    last = slash == std::string_view::npos ? first : field.most;
    if (dash != std::string_view::npos) {
      SELVAGE_TRY(last, take_value(field, whole, values.substr(dash + 1)));
      if (last < first) {
        return refuse(field, whole,
                      "has a range that descends; write two, such as " + std::to_string(first) +
                          "-" + std::to_string(field.most) + "," + std::to_string(field.least) +
                          "-" + std::to_string(last));
      }
    }
  }
  unsigned step = 1;
  if (slash != std::string_view::npos) {
    const std::string_view text = part.substr(slash + 1);
    const unsigned most = field.most - field.least;
    if (!is_digits(text) || text.size() > 2 ||
        (step = static_cast<unsigned>(std::stoul(std::string(text)))) < 1 || step > most) {
      return refuse(field, whole, "has a step that is not 1 to " + std::to_string(most));
    }
  }
  uint64_t bits = 0;
  for (unsigned value = first; value <= last; value += step) bits |= uint64_t{1} << value;
  return bits;
}

/// "*" is all of them, and only alone.
Result<uint64_t> read_list(const Field& field, std::string_view text) {
  if (text == "*") return read_part(field, text, text);
  uint64_t bits = 0;
  std::string_view rest = text;
  for (;;) {
    const size_t comma = rest.find(',');
    const std::string_view part = rest.substr(0, comma);
    if (part == "*") return refuse(field, text, "has \"*\" in a list; let \"*\" stand alone");
    if (part.find_first_of("LW#lw?") != std::string_view::npos && !value_of(field, part)) {
      // "L", "W" and "#" where they can't be; names with these letters are values.
      if (part.find_first_of("-/") == std::string_view::npos) {
        return refuse(field, text,
                      &field == &kDay || &field == &kWeekday
                          ? "has \"" + std::string(part) +
                                "\": L, W and # stand alone in their field, and # and a number's L "
                                "belong to weekdays, W and L to days of the month"
                          : "has \"" + std::string(part) + "\", which is not " + range_of(field));
      }
    }
    SELVAGE_TRY(const uint64_t more, read_part(field, text, part));
    bits |= more;
    if (comma == std::string_view::npos) return bits;
    rest.remove_prefix(comma + 1);
  }
}

unsigned days_of(int year, unsigned month) {
  const std::chrono::year_month_day_last last{std::chrono::year(year) / std::chrono::month(month) /
                                              std::chrono::last};
  return static_cast<unsigned>(last.day());
}

/// 1 = Sunday.
unsigned weekday_of(int year, unsigned month, unsigned day) {
  const sys_days date{std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day)};
  return std::chrono::weekday(date).c_encoding() + 1;
}

/// The Monday to Friday nearest to that day, without leaving the month.
unsigned workday_near(int year, unsigned month, unsigned day) {
  const unsigned weekday = weekday_of(year, month, day);
  if (weekday == 7) return day > 1 ? day - 1 : day + 2;
  if (weekday == 1) return day < days_of(year, month) ? day + 1 : day - 2;
  return day;
}

}  // namespace

Result<CronExpression> CronExpression::parse(std::string_view text) {
  std::vector<std::string_view> fields;
  std::string_view rest = text;
  while (true) {
    const size_t start = rest.find_first_not_of(" \t");
    if (start == std::string_view::npos) break;
    rest.remove_prefix(start);
    const size_t end = std::min(rest.find_first_of(" \t"), rest.size());
    fields.push_back(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  if (fields.size() != 5) {
    return fail(ErrorCode::invalid_argument,
                "a cron has five fields (minute, hour, day of the month, month, weekday), but \"" +
                    std::string(text) + "\" has " + std::to_string(fields.size()));
  }
  CronExpression cron;
  SELVAGE_TRY(cron.minutes_, read_list(kMinute, fields[0]));
  SELVAGE_TRY(const uint64_t hours, read_list(kHour, fields[1]));
  cron.hours_ = static_cast<uint32_t>(hours);
  SELVAGE_CHECK_STATUS(cron.read_days(fields[2]));
  SELVAGE_TRY(const uint64_t months, read_list(kMonth, fields[3]));
  cron.months_ = static_cast<uint16_t>(months);
  SELVAGE_CHECK_STATUS(cron.read_weekdays(fields[4]));
  constexpr int64_t kYear2000 = 946'684'800'000;
  if (!cron.next(kYear2000)) {
    return fail(ErrorCode::invalid_argument,
                "no day of the calendar matches \"" + std::string(text) + "\"");
  }
  return cron;
}

Status CronExpression::read_days(std::string_view field) {
  any_day_ = field == "*";
  if (field.empty()) return refuse(kDay, field, "is empty");
  const bool workday = field.back() == 'W';
  std::string_view day = workday ? field.substr(0, field.size() - 1) : field;
  if (!day.empty() && day.front() == 'L') {
    day_rule_ = workday ? DayRule::last_workday : DayRule::last;
    if (day.size() == 1) return {};
    const std::string_view before = day.substr(1);
    const auto number = before.front() == '-' ? value_of(kDay, before.substr(1)) : std::nullopt;
    if (!number || *number > 30) {
      return refuse(kDay, field, "begins with L, after which only W or -1 to -30 can follow");
    }
    day_number_ = *number;
    return {};
  }
  if (workday && is_digits(day)) {
    day_rule_ = DayRule::nearest_workday;
    SELVAGE_TRY(day_number_, take_value(kDay, field, day));
    return {};
  }
  SELVAGE_TRY(const uint64_t bits, read_list(kDay, field));
  days_ = static_cast<uint32_t>(bits);
  return {};
}

Status CronExpression::read_weekdays(std::string_view field) {
  any_weekday_ = field == "*";
  const size_t hash = field.find('#');
  if (hash != std::string_view::npos && field.find(',') == std::string_view::npos) {
    const std::string_view number = field.substr(hash + 1);
    SELVAGE_TRY(const unsigned weekday, take_value(kWeekday, field, field.substr(0, hash)));
    if (number.size() != 1 || number[0] < '1' || number[0] > '5') {
      return refuse(kWeekday, field, "has a number after # that is not 1 to 5");
    }
    weekday_rule_ = WeekdayRule::nth;
    weekdays_ = static_cast<uint8_t>(1u << weekday);
    nth_ = static_cast<unsigned>(number[0] - '0');
    return {};
  }
  if (field == "L" || field == "l") {
    return refuse(kWeekday, field,
                  "does not say which weekday: write 7 for Saturdays, 7L for the month's last one");
  }
  if (field.size() > 1 && field.back() == 'L' && field.find(',') == std::string_view::npos) {
    SELVAGE_TRY(const unsigned weekday,
                take_value(kWeekday, field, field.substr(0, field.size() - 1)));
    weekday_rule_ = WeekdayRule::last;
    weekdays_ = static_cast<uint8_t>(1u << weekday);
    return {};
  }
  SELVAGE_TRY(const uint64_t bits, read_list(kWeekday, field));
  weekdays_ = static_cast<uint8_t>(bits);
  return {};
}

bool CronExpression::day_due(int year, unsigned month, unsigned day) const {
  if ((months_ >> month & 1) == 0) return false;
  const unsigned length = days_of(year, month);
  const auto by_day = [&] {
    switch (day_rule_) {
      case DayRule::list: return (days_ >> day & 1) != 0;
      case DayRule::last: return day + day_number_ == length;
      case DayRule::last_workday:
        return day_number_ < length && day == workday_near(year, month, length - day_number_);
      case DayRule::nearest_workday:
        return day_number_ <= length && day == workday_near(year, month, day_number_);
    }
    return false;
  };
  const auto by_weekday = [&] {
    if ((weekdays_ >> weekday_of(year, month, day) & 1) == 0) return false;
    switch (weekday_rule_) {
      case WeekdayRule::list: return true;
      case WeekdayRule::last: return day + 7 > length;
      case WeekdayRule::nth: return (day - 1) / 7 + 1 == nth_;
    }
    return false;
  };
  if (any_day_) return any_weekday_ || by_weekday();
  if (any_weekday_) return by_day();
  return by_day() || by_weekday();
}

std::optional<int64_t> CronExpression::next(int64_t time) const {
  // The minute after.
  int64_t minute = (time >= 0 ? time / kMinuteMs : (time - kMinuteMs + 1) / kMinuteMs) + 1;
  for (int tried = 0; tried < kMostDays; ++tried) {
    const int64_t day = minute >= 0 ? minute / 1440 : (minute - 1439) / 1440;
    const std::chrono::year_month_day date{sys_days{days{day}}};
    if (static_cast<int>(date.year()) > kLastYear) return std::nullopt;
    if (day_due(static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()))) {
      for (auto at = static_cast<unsigned>(minute - day * 1440); at < 1440; ++at) {
        if ((hours_ >> (at / 60) & 1) == 0) {
          at = at / 60 * 60 + 59;
        } else if ((minutes_ >> (at % 60) & 1) != 0) {
          return day * kDayMs + at * kMinuteMs;
        }
      }
    }
    minute = (day + 1) * 1440;
  }
  return std::nullopt;
}

bool CronExpression::due(int64_t time) const {
  const int64_t minute = (time >= 0 ? time : time - kMinuteMs + 1) / kMinuteMs * kMinuteMs;
  return next(minute - 1) == minute;
}

}  // namespace selvage::deploy
