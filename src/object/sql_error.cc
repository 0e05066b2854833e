#include "object/sql_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>

#include "store/sqlite.h"

namespace selvage::object {
namespace {

struct CodeName {
  int code;
  std::string_view name;
};

#define SELVAGE_CODE(name) {name, #name}

constexpr CodeName kPrimary[] = {
    SELVAGE_CODE(SQLITE_ERROR),      SELVAGE_CODE(SQLITE_INTERNAL), SELVAGE_CODE(SQLITE_PERM),
    SELVAGE_CODE(SQLITE_ABORT),      SELVAGE_CODE(SQLITE_BUSY),     SELVAGE_CODE(SQLITE_LOCKED),
    SELVAGE_CODE(SQLITE_NOMEM),      SELVAGE_CODE(SQLITE_READONLY), SELVAGE_CODE(SQLITE_INTERRUPT),
    SELVAGE_CODE(SQLITE_IOERR),      SELVAGE_CODE(SQLITE_CORRUPT),  SELVAGE_CODE(SQLITE_NOTFOUND),
    SELVAGE_CODE(SQLITE_FULL),       SELVAGE_CODE(SQLITE_CANTOPEN), SELVAGE_CODE(SQLITE_PROTOCOL),
    SELVAGE_CODE(SQLITE_EMPTY),      SELVAGE_CODE(SQLITE_SCHEMA),   SELVAGE_CODE(SQLITE_TOOBIG),
    SELVAGE_CODE(SQLITE_CONSTRAINT), SELVAGE_CODE(SQLITE_MISMATCH), SELVAGE_CODE(SQLITE_MISUSE),
    SELVAGE_CODE(SQLITE_NOLFS),      SELVAGE_CODE(SQLITE_AUTH),     SELVAGE_CODE(SQLITE_FORMAT),
    SELVAGE_CODE(SQLITE_RANGE),      SELVAGE_CODE(SQLITE_NOTADB),   SELVAGE_CODE(SQLITE_NOTICE),
    SELVAGE_CODE(SQLITE_WARNING),
};

// Those that a script can cause, and those that help to find what is wrong with a disk.
constexpr CodeName kExtended[] = {
    SELVAGE_CODE(SQLITE_ABORT_ROLLBACK),      SELVAGE_CODE(SQLITE_BUSY_SNAPSHOT),
    SELVAGE_CODE(SQLITE_CONSTRAINT_CHECK),    SELVAGE_CODE(SQLITE_CONSTRAINT_COMMITHOOK),
    SELVAGE_CODE(SQLITE_CONSTRAINT_DATATYPE), SELVAGE_CODE(SQLITE_CONSTRAINT_FOREIGNKEY),
    SELVAGE_CODE(SQLITE_CONSTRAINT_FUNCTION), SELVAGE_CODE(SQLITE_CONSTRAINT_NOTNULL),
    SELVAGE_CODE(SQLITE_CONSTRAINT_PINNED),   SELVAGE_CODE(SQLITE_CONSTRAINT_PRIMARYKEY),
    SELVAGE_CODE(SQLITE_CONSTRAINT_ROWID),    SELVAGE_CODE(SQLITE_CONSTRAINT_TRIGGER),
    SELVAGE_CODE(SQLITE_CONSTRAINT_UNIQUE),   SELVAGE_CODE(SQLITE_CONSTRAINT_VTAB),
    SELVAGE_CODE(SQLITE_CORRUPT_INDEX),       SELVAGE_CODE(SQLITE_CORRUPT_SEQUENCE),
    SELVAGE_CODE(SQLITE_CORRUPT_VTAB),        SELVAGE_CODE(SQLITE_ERROR_MISSING_COLLSEQ),
    SELVAGE_CODE(SQLITE_ERROR_RETRY),         SELVAGE_CODE(SQLITE_ERROR_SNAPSHOT),
    SELVAGE_CODE(SQLITE_IOERR_CORRUPTFS),     SELVAGE_CODE(SQLITE_IOERR_DATA),
    SELVAGE_CODE(SQLITE_IOERR_NOMEM),         SELVAGE_CODE(SQLITE_IOERR_READ),
    SELVAGE_CODE(SQLITE_IOERR_SHORT_READ),    SELVAGE_CODE(SQLITE_IOERR_TRUNCATE),
    SELVAGE_CODE(SQLITE_IOERR_WRITE),         SELVAGE_CODE(SQLITE_LOCKED_SHAREDCACHE),
    SELVAGE_CODE(SQLITE_LOCKED_VTAB),         SELVAGE_CODE(SQLITE_READONLY_ROLLBACK),
};

#undef SELVAGE_CODE

std::string_view name_of(std::span<const CodeName> names, int code) {
  const auto found = std::ranges::find(names, code, &CodeName::code);
  return found == names.end() ? std::string_view() : found->name;
}

}  // namespace

Error sql_error(sqlite3* database, int result) {
  Error error = store::sqlite_error(database, result, "SQL");
  std::string message = sqlite3_errmsg(database);
  if (const int offset = sqlite3_error_offset(database); offset >= 0)
    message += fmt::format(" at offset {}", offset);
  const int primary = result & 0xff;
  const std::string_view name = name_of(kPrimary, primary);
  message += name.empty() ? fmt::format(": SQLITE_UNKNOWN_ERROR_CODE({})", primary)
                          : fmt::format(": {}", name);
  const int extended = sqlite3_extended_errcode(database);
  if (const std::string_view detail = name_of(kExtended, extended);
      extended != primary && !detail.empty())
    message += fmt::format(" (extended: {})", detail);
  error.message = std::move(message);
  error.remedy.clear();
  return error;
}

}  // namespace selvage::object
