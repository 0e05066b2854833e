#include "assets/redirect_rules.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_set>

#include "assets/rule_lines.h"
#include "assets/rule_url.h"
#include "assets/url_path.h"

namespace selvage::assets {
namespace {

constexpr std::array kStatuses{200, 301, 302, 303, 307, 308};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\v' || c == '\f'; }

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (size_t at = 0; at < line.size();) {
    if (is_space(line[at])) {
      ++at;
      continue;
    }
    size_t end = at;
    while (end < line.size() && !is_space(line[end])) ++end;
    if (line[at] == '#' && !words.empty()) break;  // a comment
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

std::optional<int> status_from(std::string_view word) {
  int status = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), status);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  if (std::ranges::find(kStatuses, status) == kStatuses.end()) return std::nullopt;
  return status;
}

bool ends_in_index(std::string_view path) {
  return path.ends_with("/index") || path.ends_with("/index.html");
}

std::string without_port(std::string_view host) {
  const size_t colon = host.rfind(':');
  if (colon == std::string_view::npos || host.find(']', colon) != std::string_view::npos) {
    return std::string(host);
  }
  return std::string(host.substr(0, colon));
}

}  // namespace

RedirectRules RedirectRules::parse(std::string_view text, bool html_handling,
                                   std::vector<FileRemark>& remarks,
                                   const RedirectRuleLimits& limits) {
  RedirectRules rules;
  std::unordered_set<std::string> seen;
  bool static_allowed = true;
  size_t static_count = 0;
  size_t dynamic_count = 0;
  RuleLines lines(text, limits.max_line_length, remarks);
  while (const auto next = lines.next()) {
    const int number = next->first;
    const auto remark = [&](std::string message) {
      remarks.push_back({number, std::move(message)});
    };
    const std::vector<std::string_view> words = words_of(next->second);
    if (words.size() < 2 || words.size() > 3) {
      remark("a rule has 2 or 3 words (from, to, status), and this line has " +
             std::to_string(words.size()));
      continue;
    }
    const auto from = parse_rule_url(words[0], {.only_relative = true, .ports_allowed = false});
    if (!from) {
      remark(from.error().message);
      continue;
    }
    auto pattern = PathPattern::compile(*from);
    const bool is_static = pattern && pattern->is_static() && static_allowed;
    if (is_static) {
      if (++static_count > limits.max_static_rules) {
        remark("there are more than " + std::to_string(limits.max_static_rules) +
               " rules without * and placeholders: this one has no effect");
        continue;
      }
    } else {
      static_allowed = false;
      if (++dynamic_count > limits.max_dynamic_rules) {
        remark("there are more than " + std::to_string(limits.max_dynamic_rules) +
               " rules with * or placeholders (or after such a rule): those from here on have no "
               "effect");
        break;
      }
    }
    const auto to = parse_rule_url(words[1], {.keeps_search_and_hash = true});
    if (!to) {
      remark(to.error().message);
      continue;
    }
    const auto status = words.size() == 3 ? status_from(words[2]) : std::optional<int>(302);
    if (!status) {
      remark("the status should be 200, 301, 302, 303, 307 or 308, and is " +
             std::string(words[2]));
      continue;
    }
    const bool to_host = rule_url_has_host(*to);
    if (!to_host && ends_in_index(*to) &&
        (from->ends_with("/*") || (from->ends_with('/') && html_handling))) {
      remark(
          "this rule redirects for ever: its target loses \"index.html\" or \".html\" and comes "
          "back to it; remove it (not_found_handling = \"single-page-application\" answers "
          "every path with /index.html)");
      rules.loops_.push_back(number);
      continue;
    }
    if (!seen.insert(*from).second) {
      remark("there is a rule for " + *from + " already");
      continue;
    }
    if (*status == 200 && to_host) {
      remark("a rule with the status 200 serves another path of this site, not another site");
      continue;
    }
    if (!pattern) {
      remark("a placeholder's name can be used only once in a path");
      continue;
    }
    rules.depends_on_host_ = rules.depends_on_host_ || pattern->names_host();
    if (is_static) {
      rules.static_.emplace(*from, StaticRule{*status, *to, number});
    } else {
      rules.dynamic_.push_back({std::move(*pattern), *status, *to});
    }
  }
  return rules;
}

std::optional<Redirect> RedirectRules::find(std::string_view host, std::string_view path) const {
  if (static_.empty() && dynamic_.empty()) return std::nullopt;
  const auto here = static_.find(std::string(path));
  const auto there = depends_on_host_
                         ? static_.find("https://" + std::string(host) + std::string(path))
                         : static_.end();
  const StaticRule* found = here == static_.end() ? nullptr : &here->second;
  if (there != static_.end() && (found == nullptr || there->second.line < found->line)) {
    found = &there->second;
  }
  if (found != nullptr) return Redirect{found->status, found->to};
  const std::string hostname = without_port(host);
  for (const DynamicRule& rule : dynamic_) {
    const auto captures = rule.pattern.match(hostname, path);
    if (!captures) continue;
    std::string to = fill_in(rule.to, *captures);
    // What a placeholder stood for may begin with a slash: never "//another.host".
    if (!to.starts_with("https://")) to = collapse_slashes(to);
    return Redirect{rule.status, std::move(to)};
  }
  return std::nullopt;
}

}  // namespace selvage::assets
