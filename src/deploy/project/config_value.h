// The tree that a configuration file is, whatever its syntax: every value knows its line, so that
// whoever finds fault with it can say where.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace selvage::deploy {

struct ConfigValue {
  enum class Type { null, boolean, integer, floating, string, date, array, table };

  Type type = Type::null;
  int line = 0;  // 1-based; of the key for a table's member, of the value otherwise
  bool boolean = false;
  int64_t integer = 0;
  double floating = 0;
  std::string string;  // also the text of a date
  std::vector<ConfigValue> elements;
  std::string key;                   // of a table's member
  std::vector<ConfigValue> members;  // in the file's order

  [[nodiscard]] const ConfigValue* find(std::string_view name) const;
  /// The value as one line of JSON.
  [[nodiscard]] std::string to_json_text() const;
};

/// "a string", "an array", ...: for sentences.
std::string_view describe(ConfigValue::Type type);

/// Deeper nesting is refused.
inline constexpr int kMaxConfigDepth = 128;

/// TOML 1.0. Errors read "12: what is wrong" (the line first), without the file's name.
Result<ConfigValue> parse_toml(std::string_view text);

/// JSON with comments and trailing commas (what wrangler accepts as both .json and .jsonc).
/// A key given twice is an error. Errors as with parse_toml.
Result<ConfigValue> parse_jsonc(std::string_view text);

}  // namespace selvage::deploy
