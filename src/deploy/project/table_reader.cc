#include "deploy/project/table_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "deploy/project/nearest.h"

namespace selvage::deploy {
namespace {

using Type = ConfigValue::Type;

std::string toml_key(std::string_view key) {
  const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  return bare ? std::string(key) : nlohmann::json(key).dump();
}

std::string to_toml(const nlohmann::ordered_json& value) {
  if (value.is_array()) {
    std::string text = "[";
    for (const auto& element : value) text += (text.size() > 1 ? ", " : "") + to_toml(element);
    return text + "]";
  }
  if (value.is_object()) {
    std::string text = "{";
    for (const auto& [key, member] : value.items()) {
      text += (text.size() > 1 ? ", " : " ") + toml_key(key) + " = " + to_toml(member);
    }
    return text + " }";
  }
  return value.dump();
}

}  // namespace

void ReadContext::warn(int line, std::string message) {
  diagnostics->push_back({Diagnostic::Severity::warning, file, line, std::move(message)});
}

void ReadContext::error(int line, std::string message) {
  diagnostics->push_back({Diagnostic::Severity::error, file, line, std::move(message)});
}

std::string ReadContext::spell(std::string_view key, std::string_view json_value) const {
  if (!toml) return nlohmann::json(key).dump() + ": " + std::string(json_value);
  return toml_key(key) + " = " + to_toml(nlohmann::ordered_json::parse(json_value));
}

std::string TableReader::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

const ConfigValue* TableReader::any(std::string_view key) {
  known_.push_back(key);
  const ConfigValue* value = table_.find(key);
  return value == nullptr || value->type == Type::null ? nullptr : value;
}

void TableReader::wrong_type(const ConfigValue& value, std::string_view key,
                             std::string_view expected, std::string_view example) {
  context_.error(value.line, "\"" + path_of(key) + "\" should be " + std::string(expected) +
                                 ", but is " + std::string(describe(value.type)) +
                                 "; for example: " + context_.spell(key, example));
}

std::optional<std::string> TableReader::text(std::string_view key, std::string_view example) {
  const ConfigValue* value = any(key);
  if (value == nullptr) return {};
  if (value->type != Type::string) {
    wrong_type(*value, key, "a string", example);
    return {};
  }
  return value->string;
}

std::optional<std::string> TableReader::required_text(std::string_view key,
                                                      std::string_view example) {
  const ConfigValue* value = any(key);
  if (value != nullptr && (value->type != Type::string || !value->string.empty())) {
    return text(key, example);
  }
  context_.error(value == nullptr ? line() : value->line,
                 "\"" + path_of(key) + "\" is " + (value == nullptr ? "missing" : "empty") +
                     "; for example: " + context_.spell(key, example));
  return {};
}

std::optional<bool> TableReader::boolean(std::string_view key) {
  const ConfigValue* value = any(key);
  if (value == nullptr) return {};
  if (value->type != Type::boolean) {
    wrong_type(*value, key, "true or false", "true");
    return {};
  }
  return value->boolean;
}

std::optional<int64_t> TableReader::whole_number(std::string_view key, int64_t least, int64_t most,
                                                 std::string_view example) {
  const ConfigValue* value = any(key);
  if (value == nullptr) return {};
  if (value->type != Type::integer) {
    wrong_type(*value, key, "a whole number", example);
    return {};
  }
  if (value->integer < least || value->integer > most) {
    context_.error(value->line, "\"" + path_of(key) + "\" should be between " +
                                    std::to_string(least) + " and " + std::to_string(most) +
                                    ", but is " + std::to_string(value->integer));
    return {};
  }
  return value->integer;
}

std::optional<double> TableReader::number(std::string_view key, double least, double most,
                                          std::string_view example) {
  const ConfigValue* value = any(key);
  if (value == nullptr) return {};
  if (value->type != Type::integer && value->type != Type::floating) {
    wrong_type(*value, key, "a number", example);
    return {};
  }
  const double number =
      value->type == Type::integer ? static_cast<double>(value->integer) : value->floating;
  if (!(number >= least && number <= most)) {
    context_.error(value->line, fmt::format("\"{}\" should be between {} and {}, but is {}",
                                            path_of(key), least, most, number));
    return {};
  }
  return number;
}

std::optional<std::vector<std::string>> TableReader::texts(std::string_view key,
                                                           std::string_view example) {
  const ConfigValue* value = any(key);
  if (value == nullptr) return {};
  if (value->type != Type::array) {
    wrong_type(*value, key, "an array of strings", example);
    return {};
  }
  std::vector<std::string> found;
  for (const ConfigValue& element : value->elements) {
    if (element.type != Type::string) {
      context_.error(element.line, "\"" + path_of(key) + "\" should hold strings only, but holds " +
                                       std::string(describe(element.type)) +
                                       "; for example: " + context_.spell(key, example));
      return {};
    }
    found.push_back(element.string);
  }
  return found;
}

std::optional<std::vector<std::pair<std::string, std::string>>> TableReader::text_table(
    std::string_view key, std::string_view example) {
  const ConfigValue* value = table(key, example);
  if (value == nullptr) return {};
  std::vector<std::pair<std::string, std::string>> found;
  for (const ConfigValue& member : value->members) {
    if (member.type != Type::string) {
      context_.error(member.line, "\"" + path_of(key) + "." + member.key +
                                      "\" should be a string, but is " +
                                      std::string(describe(member.type)) +
                                      "; for example: " + context_.spell(key, example));
      return {};
    }
    found.emplace_back(member.key, member.string);
  }
  return found;
}

const ConfigValue* TableReader::table(std::string_view key, std::string_view example) {
  const ConfigValue* value = any(key);
  if (value != nullptr && value->type != Type::table) {
    wrong_type(*value, key, "a table", example);
    return nullptr;
  }
  return value;
}

const ConfigValue* TableReader::tables(std::string_view key, std::string_view example) {
  const ConfigValue* value = any(key);
  if (value == nullptr) return nullptr;
  if (value->type != Type::array) {
    wrong_type(*value, key, "an array of tables", example);
    return nullptr;
  }
  for (const ConfigValue& element : value->elements) {
    if (element.type != Type::table) {
      context_.error(element.line, "\"" + path_of(key) + "\" should hold tables only, but holds " +
                                       std::string(describe(element.type)) +
                                       "; for example: " + context_.spell(key, example));
      return nullptr;
    }
  }
  return value;
}

void TableReader::accept(std::initializer_list<std::string_view> keys) {
  known_.insert(known_.end(), keys.begin(), keys.end());
}

void TableReader::not_yet(std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (const ConfigValue* value = any(key)) {
      context_.warn(value->line,
                    "\"" + path_of(key) + "\" is not supported yet by Selvage, and is ignored");
    }
  }
}

void TableReader::finish() {
  for (const ConfigValue& value : table_.members) {
    if (std::find(known_.begin(), known_.end(), value.key) != known_.end()) continue;
    std::string message = "unknown key \"" + path_of(value.key) + "\"";
    const std::string meant = nearest(value.key, known_);
    if (!meant.empty()) message += "; did you mean \"" + meant + "\"?";
    context_.warn(value.line, std::move(message));
  }
}

}  // namespace selvage::deploy
