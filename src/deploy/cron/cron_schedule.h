// Which cron triggers are due, and which were missed: the decisions, without a clock or a file.
//
// A trigger runs once for each of its minutes, late when the process was busy, frozen or being
// replaced, but not more than kGrace late: what is older than that was missed, and is only told of.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "deploy/cron/cron_expression.h"

namespace selvage::deploy {

/// Limits of a scheduled event; [limits.cron] of selvage.toml.
struct CronLimits {
  uint32_t cpu_ms = 30'000;          // of a cron that is due more often than hourly
  uint32_t hourly_cpu_ms = 900'000;  // of any other
  uint32_t wall_ms = 900'000;
};

struct CronTrigger {
  std::string worker;
  std::string cron;

  bool operator==(const CronTrigger&) const = default;
};

/// Times in milliseconds since 1970.
class CronSchedule {
 public:
  static constexpr int64_t kGrace = 60'000;

  struct Due {
    CronTrigger trigger;
    int64_t scheduled = 0;
    bool hourly_at_most = false;
  };
  struct Missed {
    CronTrigger trigger;
    uint64_t count = 0;  // at most kMostCounted
    int64_t last = 0;
  };
  struct Look {
    std::vector<Due> due;  // the earliest first
    std::vector<Missed> missed;
  };
  static constexpr uint64_t kMostCounted = 1'000'000;

  /// What state() gave in an earlier life. Before anything else; nonsense is ignored.
  void restore(const nlohmann::json& state);
  [[nodiscard]] nlohmann::json state() const;

  /// The triggers from now on. Those that were not there before begin at `now`. Crons that cannot
  /// be read are left out: whoever took them in has refused them.
  void set(const std::vector<CronTrigger>& triggers, int64_t now);
  /// What has become due since the last look, or since restored state.
  Look look(int64_t now);
  /// When something is due next, after the last look.
  [[nodiscard]] std::optional<int64_t> next() const;

 private:
  struct Entry {
    CronTrigger trigger;
    CronExpression expression;
    int64_t looked = 0;  // what was due until then is dealt with
  };
  std::vector<Entry> entries_;
  std::vector<std::pair<CronTrigger, int64_t>> restored_;
};

}  // namespace selvage::deploy
