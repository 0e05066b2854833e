// Which requests the script answers before the assets do: the rules of `run_worker_first`, and of
// Pages' _routes.json.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "assets/path_pattern.h"
#include "base/result.h"

namespace selvage::assets {

struct RoutingRuleLimits {
  size_t max_rules = 100;
  size_t max_rule_length = 100;
};

/// Immutable once parsed; any thread.
class RoutingRules {
 public:
  enum class Decision { script, assets, undecided };

  /// "/api/*" goes to the script, "!/api/docs/*" to the assets, and wins.
  static Result<RoutingRules> parse(const std::vector<std::string>& rules,
                                    const RoutingRuleLimits& limits = {});

  [[nodiscard]] Decision decide(std::string_view path) const;

 private:
  std::vector<PathPattern> script_;
  std::vector<PathPattern> assets_;
};

/// Of the rules of a Pages site as they are when pages_rules() has been over them, or of
/// run_worker_first.
RoutingRuleLimits limits_of(bool pages);

/// Rules as Pages means them, as rules for parse(): "/a/*" stands for "/a", too, and "/a" for
/// "/a/".
std::vector<std::string> pages_rules(const std::vector<std::string>& rules);

/// _routes.json (developers.cloudflare.com/pages/functions/routing) as rules for parse():
/// {"version": 1, "include": ["/*"], "exclude": ["/build/*"]}.
Result<std::vector<std::string>> rules_from_routes_json(std::string_view json,
                                                        const RoutingRuleLimits& limits = {});

}  // namespace selvage::assets
