#include "deploy/project/config_value.h"

#include <nlohmann/json.hpp>

namespace selvage::deploy {
namespace {

nlohmann::ordered_json to_json(const ConfigValue& value) {
  switch (value.type) {
    case ConfigValue::Type::null: return nullptr;
    case ConfigValue::Type::boolean: return value.boolean;
    case ConfigValue::Type::integer: return value.integer;
    case ConfigValue::Type::floating: return value.floating;
    case ConfigValue::Type::string:
    case ConfigValue::Type::date: return value.string;
    case ConfigValue::Type::array: {
      auto array = nlohmann::ordered_json::array();
      for (const ConfigValue& element : value.elements) array.push_back(to_json(element));
      return array;
    }
    case ConfigValue::Type::table: {
      auto object = nlohmann::ordered_json::object();
      for (const ConfigValue& member : value.members) object[member.key] = to_json(member);
      return object;
    }
  }
  return nullptr;
}

}  // namespace

const ConfigValue* ConfigValue::find(std::string_view name) const {
  for (const ConfigValue& member : members) {
    if (member.key == name) return &member;
  }
  return nullptr;
}

std::string ConfigValue::to_json_text() const {
  return to_json(*this).dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string_view describe(ConfigValue::Type type) {
  switch (type) {
    case ConfigValue::Type::null: return "null";
    case ConfigValue::Type::boolean: return "a boolean";
    case ConfigValue::Type::integer:
    case ConfigValue::Type::floating: return "a number";
    case ConfigValue::Type::string: return "a string";
    case ConfigValue::Type::date: return "a date";
    case ConfigValue::Type::array: return "an array";
    case ConfigValue::Type::table: return "a table";
  }
  return "?";
}

}  // namespace selvage::deploy
