// SQLite with owners: a connection closes itself, a statement finalizes itself, and every failure
// is a Result that carries SQLite's sentence and its extended code.
//
// SQLite is built with SQLITE_THREADSAFE=2: a connection and its statements belong to one thread
// at a time; different connections run on different threads freely.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace selvage::store {

class Database;

/// The Error for `result` (an extended code) of a call on `database`. The message ends with
/// "(SQLite 2067)"; codes: full disk -> limit_exceeded, constraint -> already_exists, damaged
/// file -> corrupt, refused by the authorizer -> permission_denied, a faulty statement ->
/// invalid_argument, input/output -> io.
Error sqlite_error(sqlite3* database, int result, std::string_view what);

/// A compiled statement. Must not outlive its Database.
///
///   SELVAGE_TRY(Statement get, database.prepare("SELECT value FROM t WHERE key = ?1"));
///   Statement::Use use(get);
///   get.bind_text(1, key);
///   SELVAGE_TRY(bool row, get.step());
class Statement {
 public:
  Statement() = default;

  explicit operator bool() const { return statement_ != nullptr; }
  [[nodiscard]] sqlite3_stmt* handle() const { return statement_.get(); }

  // Parameters count from 1. The bytes must stay alive until reset(); they are not copied.
  // Binding fails only for a wrong index or a value beyond SQLite's limits: step() then reports it.
  void bind_null(int parameter);
  void bind_integer(int parameter, int64_t value);
  void bind_text(int parameter, std::string_view value);
  void bind_blob(int parameter, std::string_view value);

  /// True: a row is there. False: the statement is done.
  Result<bool> step();
  /// step() until done, then reset(); for statements whose rows nobody wants.
  Status run();
  /// Ends the execution and drops the bindings, so that the statement can be used again.
  void reset();

  // Columns count from 0. Views are valid until the next step() or reset().
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] int64_t integer(int column) const;
  /// Text or blob as it is stored.
  [[nodiscard]] std::string_view bytes(int column) const;

  /// Resets the statement at the end of a scope, whatever way it is left.
  class Use {
   public:
    explicit Use(Statement& statement) : statement_(statement) {}
    ~Use() { statement_.reset(); }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    Statement& statement_;
  };

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  void note(int result) {
    if (result != SQLITE_OK && bind_error_ == SQLITE_OK) bind_error_ = result;
  }

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bind_error_ = SQLITE_OK;
};

/// A connection.
class Database {
 public:
  Database() = default;
  /// `flags` are SQLITE_OPEN_*; `vfs` null for the default one.
  static Result<Database> open(const std::string& name, int flags, const char* vfs = nullptr);

  explicit operator bool() const { return database_ != nullptr; }
  [[nodiscard]] sqlite3* handle() const { return database_.get(); }

  /// For a statement that is kept and used many times. `sql` holds exactly one.
  Result<Statement> prepare(std::string_view sql);
  /// Runs one or more statements without parameters or results.
  Status execute(const char* sql);
  /// Rows changed by the last INSERT, UPDATE or DELETE.
  [[nodiscard]] int64_t changes() const { return sqlite3_changes64(database_.get()); }
  /// Whether a transaction is open.
  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(database_.get()) == 0; }

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace selvage::store
