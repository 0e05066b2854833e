#include "cli/module_rules.h"

#include <algorithm>

namespace selvage::cli {
namespace {

using deploy::ModuleRule;

bool matches(std::string_view glob, std::string_view path);

// `glob` starts after "{"; tries each alternative with what follows the "}".
bool matches_choice(std::string_view glob, std::string_view path) {
  const size_t end = glob.find('}');
  if (end == std::string_view::npos) return false;
  std::string_view choices = glob.substr(0, end);
  const std::string_view rest = glob.substr(end + 1);
  for (;;) {
    const size_t comma = std::min(choices.find(','), choices.size());
    if (matches(std::string(choices.substr(0, comma)) + std::string(rest), path)) return true;
    if (comma == choices.size()) return false;
    choices.remove_prefix(comma + 1);
  }
}

bool matches(std::string_view glob, std::string_view path) {
  while (!glob.empty()) {
    const char c = glob[0];
    if (glob.starts_with("**/")) {
      if (matches(glob.substr(3), path)) return true;
      const size_t slash = path.find('/');
      return slash != std::string_view::npos && matches(glob, path.substr(slash + 1));
    }
    if (c == '*') {
      const bool across = glob.starts_with("**");
      const std::string_view rest = glob.substr(across ? 2 : 1);
      for (size_t taken = 0;; ++taken) {
        if (matches(rest, path.substr(taken))) return true;
        if (taken == path.size() || (!across && path[taken] == '/')) return false;
      }
    }
    if (c == '{') return matches_choice(glob.substr(1), path);
    if (path.empty()) return false;
    if (c == '[') {
      const size_t end = glob.find(']', 2);
      if (end == std::string_view::npos) return false;
      const bool inverted = glob[1] == '!';
      const std::string_view members = glob.substr(inverted ? 2 : 1, end - (inverted ? 2 : 1));
      if ((members.find(path[0]) != std::string_view::npos) == inverted || path[0] == '/') {
        return false;
      }
      glob.remove_prefix(end + 1);
    } else {
      if (c == '?' ? path[0] == '/' : path[0] != c) return false;
      glob.remove_prefix(1);
    }
    path.remove_prefix(1);
  }
  return path.empty();
}

}  // namespace

bool glob_matches(std::string_view glob, std::string_view path) {
  constexpr size_t kLongestGlob = 256;  // the choices are tried one by one
  return glob.size() <= kLongestGlob && matches(glob, path);
}

std::vector<ModuleRule> effective_rules(const std::vector<ModuleRule>& own) {
  const std::vector<ModuleRule> defaults{
      {ModuleRule::Type::text, {"**/*.txt", "**/*.html", "**/*.sql"}, false},
      {ModuleRule::Type::data, {"**/*.bin"}, false},
      {ModuleRule::Type::wasm, {"**/*.wasm", "**/*.wasm?module"}, false},
  };
  std::vector<ModuleRule> rules = own;
  for (const ModuleRule& rule : defaults) {
    const bool replaced = std::any_of(own.begin(), own.end(), [&](const ModuleRule& each) {
      return each.type == rule.type && !each.fallthrough;
    });
    if (!replaced) rules.push_back(rule);
  }
  return rules;
}

std::optional<ModuleRule::Type> type_by_rules(const std::vector<ModuleRule>& rules,
                                              std::string_view path) {
  for (const ModuleRule& rule : rules) {
    for (const std::string& glob : rule.globs) {
      if (glob_matches(glob, path)) return rule.type;
    }
  }
  return {};
}

std::vector<std::pair<std::string, ModuleRule::Type>> copied_extensions(
    const std::vector<ModuleRule>& rules) {
  std::vector<std::pair<std::string, ModuleRule::Type>> extensions;
  for (const ModuleRule& rule : rules) {
    if (rule.type == ModuleRule::Type::esm || rule.type == ModuleRule::Type::commonjs) continue;
    for (const std::string& glob : rule.globs) {
      const size_t dot = glob.rfind('.');
      if (dot == std::string::npos || glob.find('/', dot) != std::string::npos) continue;
      std::string extension = glob.substr(dot, glob.find('?', dot) - dot);
      const bool literal =
          extension.size() > 1 && extension.find_first_of("*[]{}?") == std::string::npos;
      const bool known = std::any_of(extensions.begin(), extensions.end(),
                                     [&](const auto& each) { return each.first == extension; });
      if (literal && !known) extensions.emplace_back(std::move(extension), rule.type);
    }
  }
  return extensions;
}

}  // namespace selvage::cli
