// What is counted for each worker on one loop: plain numbers, written by the loop's holder and read
// there, too, when somebody scrapes (metrics_text.h merges the loops' copies). Nothing is locked
// and nothing is atomic.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace selvage::signals {

/// Times up to ten seconds, in buckets.
class Histogram {
 public:
  static constexpr std::array<double, 14> kBounds = {
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

  void add(std::chrono::nanoseconds time) {
    size_t bucket = 0;
    while (bucket < kBounds.size() && time.count() > kBoundsNs[bucket]) ++bucket;
    ++counts_[bucket];
    sum_ns_ += static_cast<uint64_t>(time.count());
  }
  void merge(const Histogram& other);
  /// Times of at most kBounds[bucket] and above the one before; the last has the rest.
  [[nodiscard]] uint64_t count(size_t bucket) const { return counts_[bucket]; }
  [[nodiscard]] uint64_t total() const;
  [[nodiscard]] double sum_seconds() const { return static_cast<double>(sum_ns_) / 1e9; }

 private:
  static constexpr std::array<int64_t, kBounds.size()> kBoundsNs = [] {
    std::array<int64_t, kBounds.size()> bounds{};
    for (size_t i = 0; i < bounds.size(); ++i) {
      bounds[i] = static_cast<int64_t>(kBounds[i] * 1e9);
    }
    return bounds;
  }();
  std::array<uint64_t, kBounds.size() + 1> counts_{};
  uint64_t sum_ns_ = 0;
};

enum class KvCount : uint8_t { read, write, erase, list };
enum class ObjectCount : uint8_t { event, commit, alarm };
enum class Failure : uint8_t { exception, cpu, memory, hung };

struct WorkerCounters {
  std::array<uint64_t, 6> responses{};  // by hundreds of the status; 0: none was given
  Histogram wall;                       // from the request to its response
  Histogram cpu;                        // of an invocation that is no object's
  std::chrono::nanoseconds cpu_total{};
  std::array<uint64_t, 4> failures{};
  uint64_t cold_starts = 0;
  Histogram cold_start;
  std::array<uint64_t, 4> kv{};
  std::array<uint64_t, 3> objects{};

  // As they are, once a second.
  uint64_t isolates = 0;
  uint64_t memory_bytes = 0;
  uint64_t in_flight = 0;
  uint64_t waiting_events = 0;
  uint64_t awake_objects = 0;

  void count(KvCount operation) { ++kv[static_cast<size_t>(operation)]; }
  void count(ObjectCount operation) { ++objects[static_cast<size_t>(operation)]; }
  void count(Failure failure) { ++failures[static_cast<size_t>(failure)]; }
  void respond(int status, std::chrono::nanoseconds took) {
    const auto hundreds = static_cast<size_t>(status / 100);
    ++responses[hundreds < responses.size() ? hundreds : 0];
    wall.add(took);
  }
  void merge(const WorkerCounters& other);
  void reset_figures() { isolates = memory_bytes = in_flight = waiting_events = awake_objects = 0; }
};

/// Of Durable Objects' alarms: how their handlers ended, as object::AlarmQueue::Outcome says; those
/// that ran because a run before had failed; those that were given up.
enum class AlarmCount : uint8_t { done, not_due, failed, interrupted, retried, abandoned };

/// Of the loop that has the alarm clock.
struct AlarmCounters {
  std::array<uint64_t, 6> runs{};
  uint64_t waiting = 0;  // for their time
  uint64_t overdue = 0;  // their time has come, and others' handlers run
  uint64_t running = 0;

  void count(AlarmCount run) { ++runs[static_cast<size_t>(run)]; }
  void merge(const AlarmCounters& other);
};

/// One loop's. A copy is a snapshot.
class Counters {
 public:
  /// Workers beyond this number share the name "(other)": names are labels, and must not grow for
  /// ever.
  static constexpr size_t kMostWorkers = 1000;

  /// Stays where it is as long as this lives.
  WorkerCounters& of(std::string_view worker);
  void merge(const Counters& other);
  /// Before those who have figures add them.
  void reset_figures() {
    for (auto& [name, counters] : workers_) counters.reset_figures();
  }
  [[nodiscard]] const std::map<std::string, WorkerCounters, std::less<>>& all() const {
    return workers_;
  }
  AlarmCounters& alarms() { return alarms_; }
  [[nodiscard]] const AlarmCounters& alarms() const { return alarms_; }

 private:
  std::map<std::string, WorkerCounters, std::less<>> workers_;
  AlarmCounters alarms_;
};

}  // namespace selvage::signals
