#include <algorithm>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "deploy/project/config_value.h"

#define TOML_EXCEPTIONS 0
// TOML 1.0 and no more: the tables behind letters in bare keys have gaps with undefined behaviour.
#define TOML_ENABLE_UNRELEASED_FEATURES 0
#include <toml++/toml.h>

namespace selvage::deploy {
namespace {

int line_of(const toml::source_region& region) { return static_cast<int>(region.begin.line); }

template <class Date>
std::string text_of(const Date& date) {
  std::ostringstream text;
  text << date;
  return text.str();
}

ConfigValue convert(const toml::node& node);

// toml++ keeps a table's members sorted by key; a reader expects the order of the file.
void convert_members(const toml::table& table, ConfigValue& value) {
  std::vector<std::pair<const toml::key*, const toml::node*>> members;
  for (const auto& [key, member] : table) members.emplace_back(&key, &member);
  std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
    const toml::source_position& first = a.first->source().begin;
    const toml::source_position& second = b.first->source().begin;
    return std::tie(first.line, first.column) < std::tie(second.line, second.column);
  });
  for (const auto& [key, member] : members) {
    ConfigValue converted = convert(*member);
    converted.line = line_of(key->source());
    converted.key = key->str();
    value.members.push_back(std::move(converted));
  }
}

ConfigValue convert(const toml::node& node) {
  ConfigValue value;
  value.line = line_of(node.source());
  switch (node.type()) {
    case toml::node_type::string:
      value.type = ConfigValue::Type::string;
      value.string = node.as_string()->get();
      break;
    case toml::node_type::integer:
      value.type = ConfigValue::Type::integer;
      value.integer = node.as_integer()->get();
      break;
    case toml::node_type::floating_point:
      value.type = ConfigValue::Type::floating;
      value.floating = node.as_floating_point()->get();
      break;
    case toml::node_type::boolean:
      value.type = ConfigValue::Type::boolean;
      value.boolean = node.as_boolean()->get();
      break;
    case toml::node_type::date:
      value.type = ConfigValue::Type::date;
      value.string = text_of(node.as_date()->get());
      break;
    case toml::node_type::time:
      value.type = ConfigValue::Type::date;
      value.string = text_of(node.as_time()->get());
      break;
    case toml::node_type::date_time:
      value.type = ConfigValue::Type::date;
      value.string = text_of(node.as_date_time()->get());
      break;
    case toml::node_type::array:
      value.type = ConfigValue::Type::array;
      for (const toml::node& element : *node.as_array()) value.elements.push_back(convert(element));
      break;
    case toml::node_type::table:
      value.type = ConfigValue::Type::table;
      convert_members(*node.as_table(), value);
      break;
    case toml::node_type::none: break;
  }
  return value;
}

int depth_of(const ConfigValue& value) {
  int deepest = 0;
  for (const ConfigValue& element : value.elements) deepest = std::max(deepest, depth_of(element));
  for (const ConfigValue& member : value.members) deepest = std::max(deepest, depth_of(member));
  return deepest + 1;
}

}  // namespace

Result<ConfigValue> parse_toml(std::string_view text) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return fail(ErrorCode::invalid_argument,
                std::to_string(line_of(error.source())) + ": " + std::string(error.description()));
  }
  ConfigValue root = convert(parsed.table());
  if (depth_of(root) > kMaxConfigDepth) {
    return fail(ErrorCode::invalid_argument, "1: tables are nested too deeply");
  }
  return root;
}

}  // namespace selvage::deploy
