#include "kv/kv_schema.h"

#include <fmt/format.h>

namespace selvage::kv {
namespace {

constexpr int64_t kVersion = 2;

// The value after what a list reads, so that a list does not read it. Integers for namespaces,
// since their names would be in every row.
constexpr const char* kVersion1 =
    "CREATE TABLE namespaces(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE entries("
    "  namespace INTEGER NOT NULL, key TEXT NOT NULL, expiration INTEGER, metadata TEXT,"
    "  value BLOB NOT NULL, PRIMARY KEY(namespace, key)) WITHOUT ROWID;"
    "CREATE INDEX entries_expiration ON entries(expiration) WHERE expiration IS NOT NULL;";

// Changes no row: NULL is what a row has that ends before a column. Long values that are within
// their rows stay there until they are written again.
constexpr const char* kVersion2 =
    "ALTER TABLE entries ADD COLUMN long_value INTEGER;"
    "ALTER TABLE entries ADD COLUMN long_size INTEGER;"
    "CREATE TABLE pieces("
    "  value INTEGER NOT NULL, start INTEGER NOT NULL, bytes BLOB NOT NULL,"
    "  PRIMARY KEY(value, start)) WITHOUT ROWID;"
    "CREATE TABLE dropped(value INTEGER PRIMARY KEY);";

}  // namespace

Status prepare_schema(store::Database& database, const std::string& path) {
  int64_t found = 0;
  {
    SELVAGE_TRY(store::Statement version, database.prepare("PRAGMA user_version"));
    SELVAGE_TRY(const bool row, version.step());
    if (row) found = version.integer(0);
  }
  if (found == kVersion) return {};
  if (found > kVersion || found < 0) {
    return fail(ErrorCode::unsupported,
                fmt::format("{} has version {}, this program reads {}", path, found, kVersion),
                "Open it with the version of Selvage that wrote it");
  }
  const Status made = database.execute(fmt::format("BEGIN IMMEDIATE; {}{} PRAGMA user_version = {};"
                                                   "COMMIT",
                                                   found < 1 ? kVersion1 : "", kVersion2, kVersion)
                                           .c_str());
  if (!made && database.in_transaction()) (void)database.execute("ROLLBACK");
  return made;
}

}  // namespace selvage::kv
