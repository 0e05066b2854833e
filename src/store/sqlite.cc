#include "store/sqlite.h"

#include <fmt/format.h>

#include "store/sqlite_memory.h"

namespace selvage::store {

Error sqlite_error(sqlite3* database, int result, std::string_view what) {
  ErrorCode code = ErrorCode::internal;
  std::string remedy;
  switch (result & 0xff) {
    case SQLITE_ERROR:
    case SQLITE_RANGE:
    case SQLITE_MISMATCH: code = ErrorCode::invalid_argument; break;
    case SQLITE_CONSTRAINT: code = ErrorCode::already_exists; break;
    case SQLITE_TOOBIG: code = ErrorCode::limit_exceeded; break;
    case SQLITE_FULL:
      code = ErrorCode::limit_exceeded;
      remedy = "Free space on the disk, or raise the limit";
      break;
    case SQLITE_AUTH:
    case SQLITE_PERM:
    case SQLITE_READONLY: code = ErrorCode::permission_denied; break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: code = ErrorCode::corrupt; break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: code = ErrorCode::unavailable; break;
    case SQLITE_ABORT:
    case SQLITE_INTERRUPT: code = ErrorCode::aborted; break;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN: code = ErrorCode::io; break;
    default: break;
  }
  const char* sentence = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(result);
  return Error{code, fmt::format("{}: {} (SQLite {})", what, sentence, result), std::move(remedy)};
}

void Statement::bind_null(int parameter) { note(sqlite3_bind_null(handle(), parameter)); }

void Statement::bind_integer(int parameter, int64_t value) {
  note(sqlite3_bind_int64(handle(), parameter, value));
}

void Statement::bind_text(int parameter, std::string_view value) {
  // A null pointer would bind NULL, and an empty view may carry one.
  const char* data = value.data() != nullptr ? value.data() : "";
  note(sqlite3_bind_text64(handle(), parameter, data, value.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::bind_blob(int parameter, std::string_view value) {
  const char* data = value.data() != nullptr ? value.data() : "";
  note(sqlite3_bind_blob64(handle(), parameter, data, value.size(), SQLITE_STATIC));
}

Result<bool> Statement::step() {
  if (bind_error_ != SQLITE_OK)
    return fail(sqlite_error(nullptr, bind_error_, "cannot bind a parameter"));
  int result = sqlite3_step(handle());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  sqlite3* database = sqlite3_db_handle(handle());
  return fail(sqlite_error(database, sqlite3_extended_errcode(database), "statement failed"));
}

Status Statement::run() {
  Use use(*this);
  for (;;) {
    SELVAGE_TRY(bool row, step());
    if (!row) return {};
  }
}

void Statement::reset() {
  sqlite3_reset(handle());
  sqlite3_clear_bindings(handle());
  bind_error_ = SQLITE_OK;
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle(), column) == SQLITE_NULL;
}

int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle(), column); }

std::string_view Statement::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(handle(), column));
  auto size = static_cast<size_t>(sqlite3_column_bytes(handle(), column));
  return data == nullptr ? std::string_view() : std::string_view(data, size);
}

Result<Database> Database::open(const std::string& name, int flags, const char* vfs) {
  prepare_sqlite_memory();
  sqlite3* handle = nullptr;
  int result = sqlite3_open_v2(name.c_str(), &handle, flags, vfs);
  Database database;
  database.database_.reset(handle);  // SQLite gives a handle for a failed open too
  if (result != SQLITE_OK)
    return fail(sqlite_error(handle, result, fmt::format("cannot open database {}", name)));
  sqlite3_extended_result_codes(handle, 1);
  return database;
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  int result = sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()),
                                  SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (result != SQLITE_OK)
    return fail(sqlite_error(handle(), result, fmt::format("cannot compile \"{}\"", sql)));
  return Statement(statement);
}

Status Database::execute(const char* sql) {
  int result = sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK)
    return fail(sqlite_error(handle(), result, fmt::format("cannot run \"{}\"", sql)));
  return {};
}

}  // namespace selvage::store
