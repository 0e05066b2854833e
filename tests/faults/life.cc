#include "life.h"

#include <fmt/format.h>

namespace selvage::faults {

using store::DiskOperation;

void Figures::add(const Figures& other) {
  rounds += other.rounds;
  power_losses += other.power_losses;
  kills += other.kills;
  full_disks += other.full_disks;
  read_only_disks += other.read_only_disks;
  for (size_t i = 0; i < failed.size(); ++i) failed[i] += other.failed[i];
  acknowledged += other.acknowledged;
  writes += other.writes;
  checks += other.checks;
}

Life::Life(uint64_t seed, LifeOptions options)
    : options_(std::move(options)), random_(seed), disk_(seed * 31 + 7) {
  if (options_.trace) disk_.set_trace(options_.trace);
}

void Life::wrong(std::string what) {
  trace("WRONG: " + what);
  if (!wrong_) wrong_ = std::move(what);
}

store::FileSystem& Life::files() {
  if (!options_.wrap_files) return disk_;
  if (!wrapped_files_) wrapped_files_ = options_.wrap_files(disk_);
  return *wrapped_files_;
}

void Life::arm_fault() {
  switch (pick(14)) {
    case 0: trace("--- a round in which the disk works"); return;
    case 1: {
      uint64_t first = pick(200);
      trace(fmt::format("--- a round in which disk operation {} from now fails", first));
      disk_.fail_after(first);
      return;
    }
    case 10:
    case 11: {
      uint64_t first = pick(60);
      trace(
          fmt::format("--- a round in which sync {} from now fails, and all that follows", first));
      disk_.fail_from(DiskOperation::sync, first);
      return;
    }
    case 2:
    case 12:
    case 13: {
      // Syncs above all: what a failed one leaves behind is the hardest to get right.
      auto kind = pick(2) == 0 ? DiskOperation::sync
                               : static_cast<DiskOperation>(pick(store::kDiskOperations));
      const bool frequent = kind == DiskOperation::write || kind == DiskOperation::read;
      uint64_t first = pick(frequent && pick(2) == 0 ? 60 : 8);
      trace(fmt::format("--- a round in which a '{}' fails: number {} from now", to_string(kind),
                        first));
      disk_.fail_one(kind, first);
      return;
    }
    case 3: {
      uint64_t first = pick(150);
      uint64_t count = 2 + pick(20);
      trace(fmt::format("--- a round in which {} disk operations fail, from number {} from now on",
                        count, first));
      disk_.fail_after(first, count);
      return;
    }
    case 4:
    case 5: {
      // From what is there already, so that any byte may be the last.
      uint64_t room = pick(pick(2) == 0 ? 20'000 : 400'000);
      trace(fmt::format("--- a round in which the disk has room for {} bytes", room));
      disk_.set_capacity(disk_.used() + room);
      ++figures_.full_disks;
      return;
    }
    case 6: {
      uint64_t first = pick(150);
      trace(fmt::format("--- a round in which the disk is read-only from operation {} on", first));
      disk_.become_read_only_after(first);
      ++figures_.read_only_disks;
      return;
    }
    default: {
      uint64_t first = pick(pick(3) == 0 ? 20 : 300);
      trace(
          fmt::format("--- a round in which the power goes at disk operation {} from now", first));
      disk_.cut_power_after(first);
      return;
    }
  }
}

std::optional<std::string> Life::run(int rounds) {
  for (int round = 0; round < rounds && fine(); ++round) {
    ++figures_.rounds;
    arm_fault();
    bool opened = open();
    if (opened) work();
    if (opened && fine() && !disk_.power_is_out() && pick(2) == 0) {
      trace("--- the disk is sound again");
      disk_.stop_faults();
      check_service();
    }
    // The process ends in an orderly way, or is killed, or loses its power, if it has not already.
    uint64_t end = pick(4);
    if (end != 0) disk_.cut_power_after(0);
    close();
    wrapped_files_.reset();
    if (disk_.power_is_out()) {
      bool power_was_lost = end != 1;
      ++(power_was_lost ? figures_.power_losses : figures_.kills);
      disk_.restart(power_was_lost);
    } else {
      trace("--- an orderly end");
      disk_.stop_faults();
    }
    if (!fine()) break;
    trace("--- the check");
    ++figures_.checks;
    check_everything();
    // What was shown is there to stay, even if the power goes right now.
    const bool loses_power = pick(3) == 0;
    if (loses_power) disk_.cut_power_after(0);
    close();
    wrapped_files_.reset();
    if (loses_power) disk_.restart();
    figures_.power_losses += loses_power ? 1 : 0;
  }
  for (size_t i = 0; i < store::kDiskOperations; ++i)
    figures_.failed[i] = disk_.failed(static_cast<DiskOperation>(i));
  return wrong_;
}

}  // namespace selvage::faults
