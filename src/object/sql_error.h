// SQLite's failures in the words in which Durable Objects report them to a script:
//
//   UNIQUE constraint failed: t.id: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_PRIMARYKEY)
//   near "SELEC": syntax error at offset 0: SQLITE_ERROR
#pragma once

#include <sqlite3.h>

#include "base/result.h"

namespace selvage::object {

/// For `result`, the code of the call on `database` that has just failed. The error's code says
/// what kind of failure it is, as store::sqlite_error() does; its message is for the script as it
/// stands.
Error sql_error(sqlite3* database, int result);

}  // namespace selvage::object
