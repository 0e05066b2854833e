// SQL from a script, on its Durable Object's database: storage.sql.
//
// A query is one or more statements; all but the last run at once, the last can have parameters,
// and its rows are read through a cursor. Compiled queries are kept, the least used going first
// when their text exceeds a limit; one that is running is compiled a second time. A cursor is one
// row ahead of what was read from it, so that a query whose last row was read is over.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/result.h"
#include "object/hot_memory.h"
#include "object/sql_authorizer.h"

namespace selvage::object {

struct SqlBlob {
  std::string bytes;
};
/// A parameter: NULL, a number (never an integer: scripts have none), a text, a blob.
using SqlBinding = std::variant<std::monostate, double, std::string, SqlBlob>;

struct SqlBlobView {
  std::string_view bytes;
};
/// A column's value. Views are valid until the cursor moves.
using SqlValue = std::variant<std::monostate, int64_t, double, std::string_view, SqlBlobView>;

struct SqlColumns {
  /// Never used twice in a process.
  uint32_t number = 0;
  std::vector<std::string> names;
};

/// What a SqlSession works for. Called on its thread.
class SqlHost {
 public:
  /// A statement that can write is about to run: a transaction is to be open.
  virtual Status before_write() = 0;
  /// A statement has failed; perhaps that ended more than the statement. Returns what to report.
  virtual Error failed_statement(Error error) = 0;

 protected:
  ~SqlHost() = default;
};

class SqlSession;

/// A query in execution. Must not outlive its session; ends with it, or when it is read to its end.
/// One that writes must be read to its end before anything else happens on the session: an open one
/// would be in the way of the commit.
class SqlCursor {
 public:
  SqlCursor(SqlCursor&&) noexcept = default;
  SqlCursor& operator=(SqlCursor&& other) noexcept;
  ~SqlCursor();

  /// The names of its columns; the same object for as long as they stay the same.
  [[nodiscard]] const SqlColumns& columns() const { return *columns_; }
  /// Whether there is a row to read.
  [[nodiscard]] bool has_row() const { return query_ != nullptr; }
  [[nodiscard]] SqlValue value(int column) const;
  /// To the next row; has_row() says whether there is one. An error ends the cursor.
  Status next();
  [[nodiscard]] bool writes() const { return writes_; }
  /// So far; also after the end.
  [[nodiscard]] uint64_t rows_read() const { return rows_read_; }
  [[nodiscard]] uint64_t rows_written() const { return rows_written_; }
  /// Whether the query had been compiled before.
  [[nodiscard]] bool was_cached() const { return was_cached_; }

 private:
  friend class SqlSession;
  struct Query;

  SqlCursor(SqlSession& session, std::shared_ptr<Query> query, std::vector<SqlBinding> bindings);
  Status start();
  void count();
  void end();

  SqlSession* session_;
  std::shared_ptr<Query> query_;  // null: at the end
  std::vector<SqlBinding> bindings_;
  std::shared_ptr<const SqlColumns> columns_;
  uint64_t rows_read_ = 0;
  uint64_t rows_written_ = 0;
  bool writes_ = false;
  bool was_cached_ = false;
};

/// Belongs to one connection; used by one thread at a time.
class SqlSession {
 public:
  struct Options {
    /// Bytes of SQL text whose compiled queries are kept.
    size_t cache_bytes = size_t{1024} * 1024;
    /// CPU time of the thread between two calls of start_clock(); then statements are interrupted.
    std::chrono::nanoseconds cpu_time = std::chrono::seconds(30);
  };

  /// All references must outlive the session. The authorizer is attached to the database.
  SqlSession(sqlite3* database, SqlAuthorizer& authorizer, SqlHost& host, Options options);
  /// Ends its cursors.
  ~SqlSession();
  SqlSession(const SqlSession&) = delete;
  SqlSession& operator=(const SqlSession&) = delete;

  /// Runs `query` up to its first row.
  Result<SqlCursor> exec(std::string_view query, std::vector<SqlBinding> bindings);

  /// Before a call that may compute: its time counts from here.
  void start_clock() { clock_started_.reset(); }

  /// What running the last query again would touch.
  void add_to(HotMemory& memory) const;

  // Cursors that are not read at once.

  /// Keeps it under a number above 0, which no other session uses.
  int32_t keep(SqlCursor cursor);
  /// Null when there is none (any more).
  SqlCursor* find(int32_t number);
  void drop(int32_t number) { kept_.erase(number); }
  [[nodiscard]] size_t kept() const { return kept_.size(); }

  [[nodiscard]] size_t cached_queries() const { return cache_.size(); }

 private:
  friend class SqlCursor;
  using Query = SqlCursor::Query;
  using Order = std::list<std::shared_ptr<Query>>;

  Result<std::shared_ptr<Query>> compile(std::string_view text, bool to_keep);
  Status run_again(Query& query);
  static void find_columns(Query& query);
  Status step_once(sqlite3_stmt* statement);
  tl::unexpected<Error> failed(int result);
  tl::unexpected<Error> refused(std::string message);
  void shrink();
  bool out_of_time();

  sqlite3* const database_;
  SqlAuthorizer& authorizer_;
  SqlHost& host_;
  const Options options_;
  /// Least used first.
  Order order_;
  /// The keys are the queries' own texts.
  std::unordered_map<std::string_view, Order::iterator> cache_;
  size_t cached_bytes_ = 0;
  std::unordered_map<int32_t, SqlCursor> kept_;
  /// Read only when a statement turns out to take a while.
  std::optional<std::chrono::nanoseconds> clock_started_;
};

}  // namespace selvage::object
