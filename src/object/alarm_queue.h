// When which alarm is due, and what follows from how its handler ended. Decides only: time comes in
// as an argument, and whoever asks runs the handlers.
//
// An alarm runs at least once. Its handler's failure has it run again, after 2 s, 4 s, 8 s, ...
// each up to a quarter longer; a failure that is the script's own counts, and after six of them the
// alarm is given up. A time that is set while the handler runs takes the place of all that.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "object/alarm.h"

namespace selvage::object {

/// One thread. Times are milliseconds since 1970.
class AlarmQueue {
 public:
  static constexpr uint32_t kMostTries = 6;
  static constexpr uint64_t kFirstDelay = 2'000;
  static constexpr uint32_t kMostDoublings = 9;
  static constexpr double kJitter = 0.25;

  /// `random` gives numbers from 0 up to 1.
  explicit AlarmQueue(std::function<double()> random) : random_(std::move(random)) {}

  /// An object's alarm has changed; without a time: it has none.
  void changed(const std::string& object, const Alarm& alarm);

  struct Due {
    std::string object;
    Alarm alarm;
    /// Failed tries before, those that count.
    uint32_t retries = 0;
  };
  /// The alarms whose time has come, the longest waiting first; they run from now on.
  std::vector<Due> take_due(uint64_t now, size_t most);
  /// When the next one is due; nullopt: none waits.
  [[nodiscard]] std::optional<uint64_t> next() const;

  enum class Outcome {
    done,         ///< the handler ended well
    not_due,      ///< the object knew better: it has no such alarm, or a later one
    failed,       ///< by the script's fault
    interrupted,  ///< by ours
  };
  /// How the handler of an alarm from take_due() ended. True: the alarm is given up, and the object
  /// is to be told.
  bool ended(const std::string& object, Outcome outcome, uint64_t now);

  [[nodiscard]] size_t size() const { return entries_.size(); }
  /// Those whose handler does not run now.
  [[nodiscard]] size_t waiting() const { return waiting_.size(); }
  /// Those of them whose time has come. Counts them.
  [[nodiscard]] size_t overdue(uint64_t now) const;

 private:
  struct Entry {
    Alarm alarm;
    uint64_t due = 0;
    bool running = false;
    /// What was set while it ran.
    std::optional<Alarm> next;
    uint32_t counted = 0;
    uint32_t doublings = 0;
    bool last_counted = false;
  };

  void wait(const std::string& object, Entry& entry, uint64_t due);
  void replace(const std::string& object, Entry& entry, const Alarm& alarm);

  std::function<double()> random_;
  std::unordered_map<std::string, Entry> entries_;
  /// Those that wait, by when they are due. The views are the entries' keys.
  std::set<std::pair<uint64_t, std::string_view>> waiting_;
};

}  // namespace selvage::object
