// The fault campaign: thousands of simulated lives of the storage layer, then every broken variant
// of it until it is noticed. `./x faults` runs it; a sample of the same lives is in `./x test`.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "base/broken_variant.h"
#include "base/log.h"
#include "campaign.h"

namespace {

using namespace selvage;
using namespace selvage::faults;

constexpr const char* kUsage =
    "usage: faults [--seeds N] [--first N] [--life log|objects] [--variants [seeds]]\n"
    "       faults --seed N [--life log|objects] [--variant NAME]   one seed, with its trace\n"
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

int run_campaign(const std::vector<Kind>& kinds, uint64_t first, uint64_t seeds) {
  auto start = std::chrono::steady_clock::now();
  int wrong = 0;
  Figures figures;
  for (uint64_t seed = first; seed < first + seeds && wrong < 5; ++seed) {
    for (Kind kind : kinds) {
      Verdict verdict = live(kind, seed, {});
      figures.add(verdict.figures);
      if (!verdict.wrong) continue;
      ++wrong;
      fmt::print("WRONG: {} life {}: {}\n  ./x faults --seed {} --life {}\n", to_string(kind), seed,
                 *verdict.wrong, seed, to_string(kind));
    }
    uint64_t done = seed - first + 1;
    if (done % 1000 == 0) {
      fmt::print("{} seeds, {:.0f} s\n", done, seconds_since(start));
      std::fflush(stdout);
    }
  }
  fmt::print("{} seeds from {} on in {:.1f} s: {}\n", seeds, first, seconds_since(start),
             wrong == 0 ? "no acknowledged write was lost, nothing was damaged"
                        : fmt::format("{} went wrong", wrong));
  report(figures);
  return wrong == 0 ? 0 : 1;
}

int run_variants(const std::vector<Kind>& kinds, uint64_t seeds) {
  int missed = 0;
  for (const Variant& variant : variants()) {
    auto start = std::chrono::steady_clock::now();
    std::optional<Caught> caught = catch_variant(variant, kinds, seeds);
    if (caught) {
      fmt::print("  {:<28} noticed by seed {} ({} life, {:.2f} s): {}\n", variant.name,
                 caught->seed, to_string(caught->kind), seconds_since(start), caught->wrong);
    } else {
      ++missed;
      fmt::print("  {:<28} NOT NOTICED in {} seeds: {}\n", variant.name, seeds, variant.what);
    }
    std::fflush(stdout);
  }
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
  if (only_variants) return run_variants(kinds, seeds);
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
