// Which lives there are, and how one is led.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "life.h"
#include "variants.h"

namespace selvage::faults {

std::vector<Kind> all_kinds();
std::string_view to_string(Kind kind);
std::optional<Kind> parse_kind(std::string_view name);

struct Verdict {
  std::optional<std::string> wrong;
  Figures figures;
};

/// Leads the life of this kind and seed to its end.
Verdict live(Kind kind, uint64_t seed, const LifeOptions& options);

struct Caught {
  Kind kind = Kind::log;
  uint64_t seed = 0;
  std::string wrong;
};

/// Breaks the storage layer in this way, and tells which life notices first.
std::optional<Caught> catch_variant(const Variant& variant, const std::vector<Kind>& kinds,
                                    uint64_t seeds);

}  // namespace selvage::faults
