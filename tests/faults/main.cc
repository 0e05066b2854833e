// The fault campaign: thousands of simulated lives of the storage layer, then every broken variant
// of it until it is noticed. `./x faults` runs it; a sample of the same lives is in `./x test`.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/broken_variant.h"
#include "base/log.h"
#include "campaign.h"

namespace {

using namespace selvage;
using namespace selvage::faults;

constexpr const char* kUsage =
    "usage: faults [--seeds N] [--first N] [--life log|objects|kv] [--variants [seeds] [--variant "
    "NAME]]\n"
    "       faults --seed N [--life log|objects|kv] [--variant NAME]   one seed, with its trace\n"
    "       faults --list                                              the broken variants\n";

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void report(const Figures& figures) {
  fmt::print("  {} rounds: {} power losses, {} kills; {} full and {} read-only disks\n",
             figures.rounds, figures.power_losses, figures.kills, figures.full_disks,
             figures.read_only_disks);
  fmt::print("  failed operations:");
  for (size_t i = 0; i < store::kDiskOperations; ++i)
    fmt::print("{} {} {}", i == 0 ? "" : ",", figures.failed[i],
               to_string(static_cast<store::DiskOperation>(i)));
  fmt::print("\n  {} writes, {} of them acknowledged; everything compared {} times\n",
             figures.writes, figures.acknowledged, figures.checks);
}

/// Leads the lives on all cores. What is reported does not depend on who was faster, unless too
/// much goes wrong.
int run_campaign(const std::vector<Kind>& kinds, uint64_t first, uint64_t seeds) {
  const auto start = std::chrono::steady_clock::now();
  constexpr uint64_t kEnough = 5;
  std::atomic<uint64_t> next{first};
  std::mutex mutex;  // what follows is behind it
  uint64_t done = 0;
  std::map<uint64_t, std::string> wrong;
  std::map<Kind, Figures> figures;
  auto work = [&] {
    for (uint64_t seed = next++; seed < first + seeds; seed = next++) {
      for (Kind kind : kinds) {
        const Verdict verdict = live(kind, seed, {});
        std::lock_guard lock(mutex);
        figures[kind].add(verdict.figures);
        if (!verdict.wrong) continue;
        fmt::print("WRONG: {} life {}: {}\n  ./x faults --seed {} --life {}\n", to_string(kind),
                   seed, *verdict.wrong, seed, to_string(kind));
        wrong[seed] = *verdict.wrong;
      }
      std::lock_guard lock(mutex);
      if (wrong.size() >= kEnough) return;
      if (++done % 1000 == 0) fmt::print("{} seeds, {:.0f} s\n", done, seconds_since(start));
      std::fflush(stdout);
    }
  };
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i)
    workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
  fmt::print("{} seeds from {} on, {} lives, in {:.1f} s: {}\n", done, first, done * kinds.size(),
             seconds_since(start),
             wrong.empty() ? "no acknowledged write was lost, nothing was damaged"
                           : fmt::format("{} went wrong", wrong.size()));
  for (const auto& [kind, of_kind] : figures) {
    fmt::print("{} lives:\n", to_string(kind));
    report(of_kind);
  }
  return wrong.empty() ? 0 : 1;
}

/// `only` empty: all of them.
int run_variants(const std::vector<Kind>& kinds, uint64_t seeds, const std::string& only) {
  const std::vector<Variant> all = variants();
  std::atomic<size_t> next{0};
  std::atomic<int> tried{0};
  std::atomic<int> missed{0};
  std::mutex mutex;
  auto work = [&] {
    for (size_t i = next++; i < all.size(); i = next++) {
      const Variant& variant = all[i];
      if (!only.empty() && variant.name != only) continue;
      const auto start = std::chrono::steady_clock::now();
      const std::optional<Caught> caught = catch_variant(variant, kinds, seeds);
      ++tried;
      missed += caught ? 0 : 1;
      std::lock_guard lock(mutex);
      if (caught) {
        fmt::print("  {:<28} noticed by seed {} ({} life, {:.2f} s): {}\n", variant.name,
                   caught->seed, to_string(caught->kind), seconds_since(start), caught->wrong);
      } else {
        fmt::print("  {:<28} NOT NOTICED in {} seeds: {}\n", variant.name, seeds, variant.what);
      }
      std::fflush(stdout);
    }
  };
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i)
    workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
  fmt::print("{} broken variants, {} of them noticed\n", tried.load(), tried - missed);
  return missed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  set_log_level(static_cast<LogLevel>(4));
  std::vector<Kind> kinds = all_kinds();
  uint64_t first = 1;
  uint64_t seeds = 10'000;
  std::optional<uint64_t> seed;
  std::string variant_name;
  bool only_variants = false;
  for (int i = 1; i < argc; ++i) {
    std::string_view argument = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : nullptr;
    if (argument == "--list") {
      for (const Variant& variant : variants())
        fmt::print("  {:<28} {}\n", variant.name, variant.what);
      return 0;
    }
    if (argument == "--variants") {
      only_variants = true;
      seeds = 2000;
      if (value != nullptr && *value != '-') seeds = std::strtoull(argv[++i], nullptr, 10);
    } else if (argument == "--seeds" && value != nullptr) {
      seeds = std::strtoull(argv[++i], nullptr, 10);
    } else if (argument == "--first" && value != nullptr) {
      first = std::strtoull(argv[++i], nullptr, 10);
    } else if (argument == "--seed" && value != nullptr) {
      seed = std::strtoull(argv[++i], nullptr, 10);
    } else if (argument == "--variant" && value != nullptr) {
      variant_name = argv[++i];
    } else if (argument == "--life" && value != nullptr) {
      std::optional<Kind> kind = parse_kind(argv[++i]);
      if (!kind) {
        std::fputs(kUsage, stderr);
        return 2;
      }
      kinds = {*kind};
    } else {
      std::fputs(kUsage, stderr);
      return 2;
    }
  }
  if (only_variants) return run_variants(kinds, seeds, variant_name);
  if (!seed) return run_campaign(kinds, first, seeds);

  Variant broken;
  for (Variant& variant : variants())
    if (variant.name == variant_name) broken = std::move(variant);
  if (broken.name != variant_name) {
    fmt::print(stderr, "no variant is called {}; --list names them\n", variant_name);
    return 2;
  }
  bool wrong = false;
  for (Kind kind : kinds) {
    fmt::print("=== {} life {}\n", to_string(kind), *seed);
    LifeOptions options = broken.options;
    options.trace = [](const std::string& line) { fmt::print("{}\n", line); };
#ifdef SELVAGE_BROKEN_VARIANTS
    broken_variant = broken.in_source ? std::string_view(broken.name) : std::string_view();
#endif
    Verdict verdict = live(kind, *seed, options);
    report(verdict.figures);
    wrong = wrong || verdict.wrong;
    if (verdict.wrong) fmt::print("WRONG: {}\n", *verdict.wrong);
  }
  return wrong ? 1 : 0;
}
