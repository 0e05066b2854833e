// What a script's SQL may do to its Durable Object's database.
//
// Everything an application needs, on its own tables: names that start with "_cf_" belong to the
// platform. Refused are transactions (storage.transaction() exists), other databases, temporary
// tables, functions that tell of the build, and pragmas that change how the database is kept. The
// limits of SQLite are lowered to those that Cloudflare documents.
#pragma once

#include <sqlite3.h>

#include <optional>
#include <string>

#include "base/result.h"

namespace selvage::object {

/// Belongs to one connection, must outlive it, and is used by its thread.
class SqlAuthorizer {
 public:
  SqlAuthorizer() = default;
  SqlAuthorizer(const SqlAuthorizer&) = delete;
  SqlAuthorizer& operator=(const SqlAuthorizer&) = delete;

  /// Sets the limits, and watches what is compiled. `max_value_bytes` bounds a string, a blob and a
  /// row.
  void attach(sqlite3* database, int max_value_bytes);

  /// While one exists, statements are compiled (or compiled again, in the middle of their
  /// execution, because the schema has changed) for the script.
  class ForScript {
   public:
    explicit ForScript(SqlAuthorizer& authorizer) : authorizer_(authorizer) {
      authorizer_.for_script_ = true;
      authorizer_.refusal_ = nullptr;
    }
    ~ForScript() { authorizer_.for_script_ = false; }
    ForScript(const ForScript&) = delete;
    ForScript& operator=(const ForScript&) = delete;

   private:
    SqlAuthorizer& authorizer_;
  };

  /// After SQLITE_AUTH: a sentence that says more than SQLite's, or null.
  [[nodiscard]] const char* refusal() const { return refusal_; }

 private:
  struct Request;
  bool allowed(const Request& request);

  bool for_script_ = false;
  const char* refusal_ = nullptr;
};

}  // namespace selvage::object
