#include "campaign.h"

#include <algorithm>

#include "base/broken_variant.h"
#include "kv_life.h"
#include "log_life.h"
#include "object_life.h"

namespace selvage::faults {
namespace {

constexpr int kRounds = 5;

}  // namespace

std::vector<Kind> all_kinds() { return {Kind::log, Kind::objects, Kind::kv}; }

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::log: return "log";
    case Kind::objects: return "objects";
    case Kind::kv: return "kv";
  }
  return "";
}

std::optional<Kind> parse_kind(std::string_view name) {
  for (Kind kind : all_kinds())
    if (name == to_string(kind)) return kind;
  return std::nullopt;
}

Verdict live(Kind kind, uint64_t seed, const LifeOptions& options) {
  std::unique_ptr<Life> life;
  switch (kind) {
    case Kind::log: life = std::make_unique<LogLife>(seed, options); break;
    case Kind::objects: life = std::make_unique<ObjectLife>(seed, options); break;
    case Kind::kv: life = std::make_unique<KvLife>(seed, options); break;
  }
  std::optional<std::string> wrong = life->run(kRounds);
  return {.wrong = std::move(wrong), .figures = life->figures()};
}

std::optional<Caught> catch_variant(const Variant& variant, const std::vector<Kind>& kinds,
                                    uint64_t seeds) {
#ifdef SELVAGE_BROKEN_VARIANTS
  broken_variant = variant.in_source ? std::string_view(variant.name) : std::string_view();
#endif
  std::optional<Caught> caught;
  for (uint64_t seed = 1; seed <= seeds && !caught; ++seed) {
    for (Kind kind : kinds) {
      if (std::find(variant.lives.begin(), variant.lives.end(), kind) == variant.lives.end())
        continue;
      Verdict verdict = live(kind, seed, variant.options);
      if (!verdict.wrong) continue;
      caught = Caught{.kind = kind, .seed = seed, .wrong = *verdict.wrong};
      break;
    }
  }
#ifdef SELVAGE_BROKEN_VARIANTS
  broken_variant = "";
#endif
  return caught;
}

}  // namespace selvage::faults
