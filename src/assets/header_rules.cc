#include "assets/header_rules.h"

#include <algorithm>
#include <optional>

#include "assets/rule_lines.h"
#include "assets/rule_url.h"
#include "http/syntax.h"

namespace selvage::assets {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, http::to_lower, http::to_lower);
}

bool looks_like_path(std::string_view line) {
  if (line.starts_with('/')) return true;
  const size_t scheme = line.find("://");
  return scheme != std::string_view::npos && scheme > 0 &&
         line.substr(0, scheme).find_first_of(" \t") == std::string_view::npos;
}

std::string wildcard_problem(std::string_view path) {
  const auto wildcards = std::ranges::count(path, '*');
  if (wildcards > 1) {
    return "only one * is allowed in a path; use placeholders such as :name for the others";
  }
  const size_t splat = path.find(":splat");
  if (wildcards == 1 && splat != std::string_view::npos) {
    return "a path cannot have both * and :splat, which is the name of what * stands for";
  }
  return "";
}

}  // namespace

void HeaderList::set(std::string_view name, std::string_view value) {
  remove(name);
  append(name, value);
}
void HeaderList::append(std::string_view name, std::string_view value) {
  fields_.emplace_back(name, value);
}
void HeaderList::remove(std::string_view name) {
  std::erase_if(fields_, [&](const auto& field) { return same_name(field.first, name); });
}
std::string_view HeaderList::get(std::string_view name) const {
  for (const auto& [known, value] : fields_) {
    if (same_name(known, name)) return value;
  }
  return "";
}
std::string HeaderList::block() const {
  std::string block;
  for (const auto& [name, value] : fields_) block += name + ": " + value + "\r\n";
  return block;
}

HeaderRules HeaderRules::parse(std::string_view text, std::vector<FileRemark>& remarks,
                               const HeaderRuleLimits& limits) {
  HeaderRules rules;
  std::optional<Rule> rule;
  int rule_line = 0;
  bool skipping = false;  // the fields of a path that cannot be used
  const auto remark = [&](int line, std::string message) {
    remarks.push_back({line, std::move(message)});
  };
  const auto finish_rule = [&] {
    if (!rule) return;
    if (rule->set.empty() && rule->unset.empty()) {
      remark(rule_line, "no headers follow this path");
    } else {
      rules.rules_.push_back(std::move(*rule));
    }
    rule.reset();
  };
  RuleLines lines(text, limits.max_line_length, remarks);
  while (const auto next = lines.next()) {
    const auto [number, line] = *next;
    if (looks_like_path(line)) {
      skipping = false;
      finish_rule();
      if (rules.rules_.size() >= limits.max_rules) {
        remark(number, "there are more than " + std::to_string(limits.max_rules) +
                           " rules: those from here on have no effect");
        return rules;
      }
      skipping = true;
      const auto path = parse_rule_url(line, {.ports_allowed = false});
      if (!path) {
        remark(number, path.error().message);
        continue;
      }
      if (std::string problem = wildcard_problem(*path); !problem.empty()) {
        remark(number, std::move(problem));
        continue;
      }
      auto pattern = PathPattern::compile(*path);
      if (!pattern) {
        remark(number, "a placeholder's name can be used only once in a path");
        continue;
      }
      skipping = false;
      rule = Rule{std::move(*pattern), {}, {}};
      rule_line = number;
      continue;
    }
    if (skipping) continue;
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
      if (!rule) {
        remark(number, "a path that begins with / should come before the headers");
      } else if (line.starts_with("! ")) {
        rule->unset.emplace_back(http::trim_whitespace(line.substr(2)));
      } else {
        remark(number, "a header is written \"name: value\"");
      }
      continue;
    }
    std::string name(http::trim_whitespace(line.substr(0, colon)));
    std::ranges::transform(name, name.begin(), http::to_lower);
    const std::string_view value = http::trim_whitespace(line.substr(colon + 1));
    if (!http::is_token(name)) {
      remark(number, "\"" + name + "\" is not the name of a header");
    } else if (value.empty()) {
      remark(number, "the header has no value");
    } else if (!http::is_field_value(value)) {
      remark(number, "the header's value has characters that no header may have");
    } else if (!rule) {
      remark(number, "a path that begins with / should come before the headers");
    } else {
      const auto known =
          std::ranges::find(rule->set, name, &std::pair<std::string, std::string>::first);
      if (known != rule->set.end()) {
        known->second.append(", ").append(value);
      } else {
        rule->set.emplace_back(std::move(name), value);
      }
    }
  }
  finish_rule();
  return rules;
}

void HeaderRules::apply(std::string_view hostname, std::string_view path,
                        HeaderList& headers) const {
  std::vector<std::string_view> already;  // names that a rule has set: further values are added
  for (const Rule& rule : rules_) {
    const auto captures = rule.pattern.match(hostname, path);
    if (!captures) continue;
    for (const std::string& name : rule.unset) headers.remove(name);
    for (const auto& [name, pattern] : rule.set) {
      const std::string value = captures->empty() ? pattern : fill_in(pattern, *captures);
      if (!http::is_field_value(value)) continue;
      if (std::ranges::find(already, name) != already.end()) {
        headers.append(name, value);
      } else {
        headers.set(name, value);
        already.push_back(name);
      }
    }
  }
}

bool HeaderRules::depends_on_host() const {
  return std::ranges::any_of(rules_, [](const Rule& rule) { return rule.pattern.names_host(); });
}

}  // namespace selvage::assets
