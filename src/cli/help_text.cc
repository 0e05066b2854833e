#include "cli/help_text.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace selvage::cli {
namespace {

constexpr size_t kWidth = 90;

using Row = std::pair<std::string, std::string>;

// Two columns, the second wrapped.
std::string table(const std::vector<Row>& rows) {
  size_t first = 0;
  for (const Row& row : rows) first = std::max(first, row.first.size());
  std::string text;
  for (const auto& [left, right] : rows) {
    std::string line = "  " + left + std::string(first - left.size() + 2, ' ');
    const std::string indent(line.size(), ' ');
    size_t at = 0;
    while (at < right.size()) {
      const size_t space = std::min(right.find(' ', at), right.size());
      const std::string_view word = std::string_view(right).substr(at, space - at);
      if (line.size() + 1 + word.size() > kWidth) {
        text += line + "\n";
        line = indent;
      }
      if (line.back() != ' ') line += ' ';
      line += word;
      at = space + 1;
    }
    text += line + "\n";
  }
  return text;
}

std::string names_of(const CLI::Option& option) {
  std::string names;
  for (const std::string& name : option.get_snames()) names += "-" + name + ", ";
  for (const std::string& name : option.get_lnames()) names += "--" + name + ", ";
  names.resize(names.size() - 2);
  if (option.get_expected_max() > 0 && !option.get_type_name().empty()) {
    // Without the range that CLI11 appends.
    names += " " + option.get_type_name().substr(0, option.get_type_name().find(':'));
  }
  return names;
}

}  // namespace

std::string help_text(const CLI::App& command) {
  const bool program = command.get_parent() == nullptr;
  const std::vector<const CLI::App*> below = command.get_subcommands(nullptr);
  std::string words;
  for (const CLI::App* each = &command; each->get_parent() != nullptr; each = each->get_parent()) {
    words = " " + each->get_name() + words;
  }
  std::string usage = "usage: selvage" + words + (below.empty() ? "" : " <command>");
  std::vector<Row> positionals;
  std::vector<Row> options;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional()) {
      std::string name = option->get_name(true);
      if (option->get_expected_max() > 1) name += "...";
      usage += " " + (option->get_required() ? name : "[" + name + "]");
      positionals.emplace_back(option->get_name(true), option->get_description());
    } else {
      options.emplace_back(names_of(*option), option->get_description());
    }
  }
  if (!options.empty()) usage += " [options]";
  std::string text = command.get_description() + "\n\n" + usage + "\n";
  if (!positionals.empty()) text += "\n" + table(positionals);
  if (!below.empty()) {
    std::vector<Row> commands;
    for (const CLI::App* each : below) {
      commands.emplace_back(each->get_name(), each->get_description());
    }
    text += "\n" + table(commands);
  }
  text += "\n" + table(options);
  if (program) text += "\nStart: selvage init my-api && cd my-api && selvage dev\n";
  text.pop_back();
  return text;
}

}  // namespace selvage::cli
