#include "cli/object_view.h"

#include <algorithm>

#include "base/base64.h"
#include "cli/table.h"
#include "state/serialized_value.h"

namespace selvage::cli {
namespace {

using Json = nlohmann::ordered_json;

Json column(sqlite3_stmt* statement, int index) {
  switch (sqlite3_column_type(statement, index)) {
    case SQLITE_INTEGER: return sqlite3_column_int64(statement, index);
    case SQLITE_FLOAT: return sqlite3_column_double(statement, index);
    case SQLITE_NULL: return nullptr;
    default: break;
  }
  const bool blob = sqlite3_column_type(statement, index) == SQLITE_BLOB;
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, index));
  const std::string_view bytes(data == nullptr ? "" : data,
                               static_cast<size_t>(sqlite3_column_bytes(statement, index)));
  if (blob || !is_utf8(bytes)) return Json{{"$type", "blob"}, {"base64", base64_encode(bytes)}};
  return std::string(bytes);
}

std::string identifier(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

Result<ObjectView> ObjectView::open(const std::string& path) {
  SELVAGE_TRY(store::Database database,
              store::Database::open(path, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX));
  SELVAGE_CHECK_STATUS(database.execute("PRAGMA query_only = 1"));
  return ObjectView(std::move(database));
}

Result<bool> ObjectView::has_table(const std::string& name) {
  SELVAGE_TRY(store::Statement find,
              database_.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1"));
  find.bind_text(1, name);
  return find.step();
}

Result<uint64_t> ObjectView::entry_count() {
  SELVAGE_TRY(const bool there, has_table("_cf_KV"));
  if (!there) return 0;
  SELVAGE_TRY(store::Statement count, database_.prepare("SELECT count(*) FROM _cf_KV"));
  SELVAGE_TRY(const bool row, count.step());
  return row ? static_cast<uint64_t>(count.integer(0)) : 0;
}

Result<std::vector<Json>> ObjectView::entries(uint64_t most) {
  std::vector<Json> found;
  SELVAGE_TRY(const bool there, has_table("_cf_KV"));
  if (!there) return found;
  SELVAGE_TRY(store::Statement all,
              database_.prepare("SELECT key, value FROM _cf_KV ORDER BY key LIMIT ?1"));
  all.bind_integer(1, static_cast<int64_t>(std::min<uint64_t>(most, INT64_MAX)));
  for (;;) {
    SELVAGE_TRY(const bool row, all.step());
    if (!row) return found;
    Json entry{{"key", std::string(all.bytes(0))}};
    if (auto value = state::read_serialized(all.bytes(1))) {
      entry["value"] = std::move(*value);
    } else {
      entry["value"] = Json{{"$type", "serialized"}, {"base64", base64_encode(all.bytes(1))}};
    }
    found.push_back(std::move(entry));
  }
}

Result<std::vector<ObjectView::Table>> ObjectView::tables() {
  SELVAGE_TRY(store::Statement all,
              database_.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND "
                                "name NOT LIKE '\\_cf\\_%' ESCAPE '\\' AND "
                                "name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"));
  std::vector<Table> found;
  for (;;) {
    SELVAGE_TRY(const bool row, all.step());
    if (!row) break;
    found.push_back({std::string(all.bytes(0)), 0, std::string(all.bytes(1))});
  }
  for (Table& table : found) {
    SELVAGE_TRY(store::Statement count,
                database_.prepare("SELECT count(*) FROM " + identifier(table.name)));
    SELVAGE_TRY(const bool row, count.step());
    if (row) table.rows = static_cast<uint64_t>(count.integer(0));
  }
  return found;
}

Result<ObjectView::Rows> ObjectView::query(const std::string& sql) {
  SELVAGE_TRY(store::Statement statement, database_.prepare(sql));
  if (sqlite3_stmt_readonly(statement.handle()) == 0) {
    return fail(ErrorCode::permission_denied, "this statement writes",
                "Only the object itself writes its database; `selvage do export` makes a copy that "
                "can be changed");
  }
  Rows result;
  const int columns = sqlite3_column_count(statement.handle());
  for (int i = 0; i < columns; ++i) {
    result.columns.emplace_back(sqlite3_column_name(statement.handle(), i));
  }
  for (;;) {
    SELVAGE_TRY(const bool row, statement.step());
    if (!row) return result;
    std::vector<Json>& cells = result.rows.emplace_back();
    for (int i = 0; i < columns; ++i) cells.push_back(column(statement.handle(), i));
  }
}

std::string as_table(const ObjectView::Rows& rows) {
  Table table{rows.columns, {}};
  for (const auto& row : rows.rows) {
    std::vector<std::string>& line = table.rows.emplace_back();
    for (const Json& cell : row) {
      line.push_back(cell.is_string() ? cell.get<std::string>()
                                      : cell.dump(-1, ' ', false, Json::error_handler_t::replace));
    }
  }
  return to_text(table);
}

}  // namespace selvage::cli
