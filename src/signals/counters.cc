#include "signals/counters.h"

#include <numeric>

namespace selvage::signals {
namespace {

template <class T, size_t n>
void add_each(std::array<T, n>& to, const std::array<T, n>& from) {
  for (size_t i = 0; i < n; ++i) to[i] += from[i];
}

}  // namespace

void Histogram::merge(const Histogram& other) {
  add_each(counts_, other.counts_);
  sum_ns_ += other.sum_ns_;
}

uint64_t Histogram::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), uint64_t{0});
}

void WorkerCounters::merge(const WorkerCounters& other) {
  add_each(responses, other.responses);
  wall.merge(other.wall);
  cpu.merge(other.cpu);
  cpu_total += other.cpu_total;
  add_each(failures, other.failures);
  cold_starts += other.cold_starts;
  cold_start.merge(other.cold_start);
  add_each(kv, other.kv);
  add_each(objects, other.objects);
  isolates += other.isolates;
  memory_bytes += other.memory_bytes;
  in_flight += other.in_flight;
  waiting_events += other.waiting_events;
  awake_objects += other.awake_objects;
}

void AlarmCounters::merge(const AlarmCounters& other) {
  add_each(runs, other.runs);
  waiting += other.waiting;
  overdue += other.overdue;
  running += other.running;
}

WorkerCounters& Counters::of(std::string_view worker) {
  const auto found = workers_.find(worker);
  if (found != workers_.end()) return found->second;
  if (workers_.size() >= kMostWorkers) worker = "(other)";
  return workers_[std::string(worker)];
}

void Counters::merge(const Counters& other) {
  for (const auto& [name, counters] : other.workers_) of(name).merge(counters);
  alarms_.merge(other.alarms_);
}

}  // namespace selvage::signals
