// Takes known keys out of a table of the configuration, and has something to say about all others.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "deploy/project/config_value.h"
#include "deploy/project/project_config.h"

namespace selvage::deploy {

/// Where remarks about one file go, and how examples are spelled in it.
struct ReadContext {
  std::string file;
  bool toml = true;
  std::vector<Diagnostic>* diagnostics = nullptr;

  void warn(int line, std::string message);
  void error(int line, std::string message);
  /// `main = "src/index.ts"` in TOML, `"main": "src/index.ts"` in JSON, from the value as JSON.
  [[nodiscard]] std::string spell(std::string_view key, std::string_view json_value) const;
};

/// One table. Every key that is asked for is thereby known; finish() warns of the others. The
/// `example` is a valid value, as JSON, shown when the one found has a wrong type or range.
/// The table and the context must outlive the reader.
class TableReader {
 public:
  /// `path` is the table's own ("env.staging", "kv_namespaces[0]"), "" for the root.
  TableReader(const ConfigValue& table, std::string path, ReadContext& context)
      : table_(table), path_(std::move(path)), context_(context) {}

  /// The value whatever its type; nullptr when absent (or null in JSON).
  const ConfigValue* any(std::string_view key);

  std::optional<std::string> text(std::string_view key, std::string_view example);
  /// As text(), and absent or empty is an error.
  std::optional<std::string> required_text(std::string_view key, std::string_view example);
  std::optional<bool> boolean(std::string_view key);
  std::optional<int64_t> whole_number(std::string_view key, int64_t least, int64_t most,
                                      std::string_view example);
  /// With or without a fraction.
  std::optional<double> number(std::string_view key, double least, double most,
                               std::string_view example);
  std::optional<std::vector<std::string>> texts(std::string_view key, std::string_view example);
  /// A table whose values are all strings.
  std::optional<std::vector<std::pair<std::string, std::string>>> text_table(
      std::string_view key, std::string_view example);
  const ConfigValue* table(std::string_view key, std::string_view example);
  /// An array in which every element is a table.
  const ConfigValue* tables(std::string_view key, std::string_view example);

  /// Known, and without effect here.
  void accept(std::initializer_list<std::string_view> keys);
  /// Known, but what it asks for is not there yet: a warning where one is used.
  void not_yet(std::initializer_list<std::string_view> keys);

  void finish();

  [[nodiscard]] int line() const { return table_.line; }
  [[nodiscard]] std::string path_of(std::string_view key) const;

 private:
  void wrong_type(const ConfigValue& value, std::string_view key, std::string_view expected,
                  std::string_view example);

  const ConfigValue& table_;
  std::string path_;
  ReadContext& context_;
  std::vector<std::string_view> known_;
};

}  // namespace selvage::deploy
