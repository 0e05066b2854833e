// When a cron trigger is due: five fields, in UTC, to the minute.
//
//   minute 0-59 · hour 0-23 · day of the month 1-31 · month 1-12 or JAN-DEC · weekday 1-7 or
//   SUN-SAT
//
// The weekdays count from 1 = Sunday, as on Cloudflare (other crons count from 0). Each field is
// "*", or a list of values, ranges "a-b", and steps "*/n", "a/n", "a-b/n". Besides, alone in its
// field:
//   day of the month   L (the last), L-3 (three before it), LW (the last Monday to Friday), L-3W
//   and
//                      15W (the Monday to Friday nearest to that day, within the month)
//   weekday            6L (the month's last Friday), 2#1 (its first Monday)
// When both days are restricted, a day that matches either is due.
//
// What other implementations read in different ways is refused: descending ranges, "*" in a list,
// and a weekday of "L". So is what never comes, such as the 31st of February.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace selvage::deploy {

/// A value.
class CronExpression {
 public:
  /// ErrorCode::invalid_argument, with a sentence that names the field and what it takes.
  static Result<CronExpression> parse(std::string_view text);

  /// The first due minute after `time`; both in milliseconds since 1970. nullopt past the year
  /// 9999.
  [[nodiscard]] std::optional<int64_t> next(int64_t time) const;
  /// Whether the minute of `time` is due.
  [[nodiscard]] bool due(int64_t time) const;
  /// Whether it is due at most once an hour.
  [[nodiscard]] bool hourly_at_most() const { return (minutes_ & (minutes_ - 1)) == 0; }

 private:
  enum class DayRule { list, last, last_workday, nearest_workday };
  enum class WeekdayRule { list, last, nth };

  CronExpression() = default;
  Status read_days(std::string_view field);
  Status read_weekdays(std::string_view field);
  [[nodiscard]] bool day_due(int year, unsigned month, unsigned day) const;

  uint64_t minutes_ = 0;  // bit n: minute n
  uint32_t hours_ = 0;
  uint32_t days_ = 0;     // bits 1 to 31
  uint16_t months_ = 0;   // bits 1 to 12
  uint8_t weekdays_ = 0;  // bits 1 to 7
  bool any_day_ = false;
  bool any_weekday_ = false;
  DayRule day_rule_ = DayRule::list;
  unsigned day_number_ = 0;  // days before the last one, or the day that a workday is nearest to
  WeekdayRule weekday_rule_ = WeekdayRule::list;
  unsigned nth_ = 0;
};

}  // namespace selvage::deploy
