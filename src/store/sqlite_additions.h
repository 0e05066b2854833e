// What the build adds to SQLite: functions that need to know its inside (sqlite_additions.c, which
// cmake/extend_sqlite.cmake puts behind the amalgamation). Each on the connection's thread.
#pragma once

#include <sqlite3.h>

#include <cstddef>

extern "C" {

/// How many rows the statement has read and written since sqlite3_selvage_reset_rows(). A row is
/// read when a cursor moves onto it, and written when a table or an index stores it.
void sqlite3_selvage_rows(sqlite3_stmt* statement, sqlite3_uint64* read, sqlite3_uint64* written);
void sqlite3_selvage_reset_rows(sqlite3_stmt* statement);

/// What the statement BEGIN does, without one. SQLITE_ERROR: a transaction is open already.
int sqlite3_selvage_begin(sqlite3* database);

using SelvageAddMemory = void (*)(void* context, const void* start, size_t bytes);

/// Shows `add` the memory that running the statement touches, of the connection's pages apart.
void sqlite3_selvage_statement_memory(sqlite3_stmt* statement, SelvageAddMemory add, void* context);
/// Shows `add` the memory that every use of the connection touches, and where a use of its first
/// few pages in memory begins; all of the page `written` (from 1; 0: none).
void sqlite3_selvage_connection_memory(sqlite3* database, unsigned int written,
                                       SelvageAddMemory add, void* context);

}  // extern "C"
