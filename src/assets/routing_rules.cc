#include "assets/routing_rules.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace selvage::assets {
namespace {

bool matches(const std::vector<PathPattern>& patterns, std::string_view path) {
  return std::ranges::any_of(
      patterns, [&](const PathPattern& pattern) { return pattern.match("", path).has_value(); });
}

tl::unexpected<Error> bad_routes(std::string problem) {
  return fail(ErrorCode::invalid_argument, "_routes.json: " + std::move(problem),
              R"(For example: {"version": 1, "include": ["/*"], "exclude": []})");
}

}  // namespace

Result<RoutingRules> RoutingRules::parse(const std::vector<std::string>& rules,
                                         const RoutingRuleLimits& limits) {
  RoutingRules parsed;
  if (rules.size() > limits.max_rules) {
    return fail(ErrorCode::limit_exceeded, "there are " + std::to_string(rules.size()) +
                                               " rules, and at most " +
                                               std::to_string(limits.max_rules) + " are allowed");
  }
  std::set<std::string_view> seen;
  for (const std::string& rule : rules) {
    const bool negative = rule.starts_with('!');
    const std::string_view path = std::string_view(rule).substr(negative ? 1 : 0);
    if (!path.starts_with('/')) {
      return fail(ErrorCode::invalid_argument,
                  "the rule \"" + rule + "\" begins neither with / nor with !/");
    }
    if (rule.size() > limits.max_rule_length) {
      return fail(ErrorCode::limit_exceeded, "the rule \"" + rule + "\" is longer than " +
                                                 std::to_string(limits.max_rule_length) +
                                                 " characters");
    }
    if (!seen.insert(rule).second) {
      return fail(ErrorCode::invalid_argument, "the rule \"" + rule + "\" is there twice");
    }
    (negative ? parsed.assets_ : parsed.script_).push_back(PathPattern::glob(path));
  }
  if (parsed.script_.empty() && !parsed.assets_.empty()) {
    return fail(ErrorCode::invalid_argument,
                "there are only rules with !, so that nothing goes to the script first",
                "Add what does, such as \"/*\"");
  }
  return parsed;
}

RoutingRules::Decision RoutingRules::decide(std::string_view path) const {
  if (matches(assets_, path)) return Decision::assets;
  if (matches(script_, path)) return Decision::script;
  return Decision::undecided;
}

Result<std::vector<std::string>> rules_from_routes_json(std::string_view json,
                                                        const RoutingRuleLimits& limits) {
  const nlohmann::json routes = nlohmann::json::parse(json, nullptr, false);
  if (!routes.is_object()) return bad_routes("it is not a JSON object");
  const auto version = routes.find("version");
  if (version == routes.end() || *version != 1) return bad_routes("\"version\" is not 1");
  std::vector<std::string> rules;
  for (const bool include : {true, false}) {
    const char* key = include ? "include" : "exclude";
    const auto list = routes.find(key);
    if (list == routes.end() || !list->is_array()) {
      return bad_routes("\"" + std::string(key) + "\" is not an array");
    }
    if (include && list->empty()) return bad_routes("\"include\" needs at least one rule");
    for (const nlohmann::json& rule : *list) {
      if (!rule.is_string() || !rule.get_ref<const std::string&>().starts_with('/')) {
        return bad_routes("a rule of \"" + std::string(key) +
                          "\" does not begin with /: " + rule.dump());
      }
      if (rule.get_ref<const std::string&>().size() > limits.max_rule_length) {
        return bad_routes("a rule is longer than " + std::to_string(limits.max_rule_length) +
                          " characters: " + rule.dump());
      }
      rules.push_back((include ? "" : "!") + rule.get<std::string>());
    }
  }
  if (rules.size() > limits.max_rules) {
    return bad_routes("there are " + std::to_string(rules.size()) + " rules, and at most " +
                      std::to_string(limits.max_rules) + " are allowed");
  }
  return pages_rules(rules);
}

RoutingRuleLimits limits_of(bool pages) {
  RoutingRuleLimits limits;
  if (pages) limits = {2 * limits.max_rules, limits.max_rule_length + 2};
  return limits;
}

std::vector<std::string> pages_rules(const std::vector<std::string>& rules) {
  std::vector<std::string> expanded = rules;
  for (const std::string& rule : rules) {
    if (rule.ends_with("/*")) {
      const std::string folder = rule.substr(0, rule.size() - 2);
      if (!folder.empty() && folder != "!") expanded.push_back(folder);
    } else if (rule.ends_with('/')) {
      if (rule != "/" && rule != "!/") expanded.push_back(rule.substr(0, rule.size() - 1));
    } else if (!rule.ends_with('*')) {
      expanded.push_back(rule + "/");
    }
  }
  std::ranges::sort(expanded);
  expanded.erase(std::unique(expanded.begin(), expanded.end()), expanded.end());
  return expanded;
}

}  // namespace selvage::assets
