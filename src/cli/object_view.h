// Reads the database of a Durable Object, of which the command line has a copy of its own.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/sqlite.h"

namespace selvage::cli {

class ObjectView {
 public:
  static Result<ObjectView> open(const std::string& path);

  /// Entries of the key-value interfaces: {"key", "value"}; values as state/serialized_value.h
  /// shows them, {"$type":"serialized","base64"} where it cannot.
  Result<std::vector<nlohmann::ordered_json>> entries(uint64_t most);
  Result<uint64_t> entry_count();

  struct Table {
    std::string name;
    uint64_t rows = 0;
    std::string sql;
  };
  /// The object's own; not those that keep the platform's books.
  Result<std::vector<Table>> tables();

  struct Rows {
    std::vector<std::string> columns;
    std::vector<std::vector<nlohmann::ordered_json>> rows;
  };
  /// One statement that only reads. Blobs become {"$type":"blob","base64"}.
  Result<Rows> query(const std::string& sql);

 private:
  explicit ObjectView(store::Database database) : database_(std::move(database)) {}
  Result<bool> has_table(const std::string& name);
  store::Database database_;
};

/// For a terminal: columns under each other.
std::string as_table(const ObjectView::Rows& rows);

}  // namespace selvage::cli
