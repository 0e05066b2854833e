#include "cli/module_rules.h"

#include <algorithm>

namespace selvage::cli {
namespace {

using deploy::ModuleRule;

// Tries one way after the other, for a bounded number of steps.
class Matcher {
 public:
  bool matches(std::string_view glob, std::string_view path) {
    while (!glob.empty()) {
      if (--steps_left_ < 0) return false;
      if (glob.starts_with("**/")) return matches_folders(glob, path);
      if (glob[0] == '*') return matches_star(glob, path);
      if (glob[0] == '{') return matches_choice(glob.substr(1), path);
      if (path.empty()) return false;
      if (glob[0] == '[') {
        if (!take_class(glob, path[0])) return false;
      } else {
        if (glob[0] == '?' ? path[0] == '/' : path[0] != glob[0]) return false;
        glob.remove_prefix(1);
      }
      path.remove_prefix(1);
    }
    return path.empty();
  }

 private:
  bool matches_folders(std::string_view glob, std::string_view path) {
    for (;;) {
      if (matches(glob.substr(3), path)) return true;
      const size_t slash = path.find('/');
      if (slash == std::string_view::npos) return false;
      path.remove_prefix(slash + 1);
    }
  }

  bool matches_star(std::string_view glob, std::string_view path) {
    const bool across = glob.starts_with("**");
    const std::string_view rest = glob.substr(across ? 2 : 1);
    for (size_t taken = 0;; ++taken) {
      if (matches(rest, path.substr(taken))) return true;
      if (taken == path.size() || (!across && path[taken] == '/')) return false;
    }
  }

  // `glob` starts after "{"; each alternative is followed by what follows the "}".
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

  // Whether `c` is in the class that `glob` starts with; removes the class.
  static bool take_class(std::string_view& glob, char c) {
    const size_t end = glob.find(']', 2);
    if (end == std::string_view::npos) return false;
    const size_t first = glob[1] == '!' ? 2 : 1;
    const bool member = glob.substr(first, end - first).find(c) != std::string_view::npos;
    const bool inverted = first == 2;
    glob.remove_prefix(end + 1);
    return member != inverted && c != '/';
  }

  int steps_left_ = 100'000;
};

}  // namespace

bool glob_matches(std::string_view glob, std::string_view path) {
  return Matcher().matches(glob, path);
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
