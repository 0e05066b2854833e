#include "object/sql_authorizer.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>

namespace selvage::object {
namespace {

constexpr const char* kUseTransaction =
    "To execute a transaction, please use the state.storage.transaction() or "
    "state.storage.transactionSync() APIs instead of the SQL BEGIN TRANSACTION or SAVEPOINT "
    "statements. The JavaScript API is safer because it will automatically roll back on "
    "exceptions, and because it interacts correctly with Durable Objects' automatic atomic write "
    "coalescing.";

// The functions that workerd allows, sorted.
constexpr std::string_view kFunctions[] = {
    "->",
    "->>",
    "abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "avg",
    "bm25",
    "ceil",
    "changes",
    "char",
    "coalesce",
    "concat",
    "concat_ws",
    "cos",
    "cosh",
    "count",
    "cume_dist",
    "current_date",
    "current_time",
    "current_timestamp",
    "date",
    "datetime",
    "degrees",
    "dense_rank",
    "exp",
    "first_value",
    "floor",
    "format",
    "glob",
    "group_concat",
    "hex",
    "highlight",
    "ifnull",
    "iif",
    "instr",
    "json",
    "json_array",
    "json_array_length",
    "json_each",
    "json_extract",
    "json_group_array",
    "json_group_object",
    "json_insert",
    "json_object",
    "json_patch",
    "json_quote",
    "json_remove",
    "json_replace",
    "json_set",
    "json_tree",
    "json_type",
    "json_valid",
    "jsonb",
    "jsonb_array",
    "jsonb_extract",
    "jsonb_group_array",
    "jsonb_group_object",
    "jsonb_insert",
    "jsonb_object",
    "jsonb_patch",
    "jsonb_remove",
    "jsonb_replace",
    "jsonb_set",
    "julianday",
    "lag",
    "last_insert_rowid",
    "last_value",
    "lead",
    "length",
    "like",
    "likelihood",
    "likely",
    "ln",
    "load_extension",
    "log",
    "log2",
    "lower",
    "ltrim",
    "match",
    "max",
    "max_scalar",
    "min",
    "min_scalar",
    "mod",
    "nth_value",
    "ntile",
    "nullif",
    "octet_length",
    "percent_rank",
    "pi",
    "pow",
    "printf",
    "quote",
    "radians",
    "random",
    "randomblob",
    "rank",
    "replace",
    "round",
    "row_number",
    "rtreecheck",
    "rtrim",
    "sign",
    "sin",
    "sinh",
    "snippet",
    "soundex",
    "sqlite_drop_column",
    "sqlite_rename_column",
    "sqlite_rename_quotefix",
    "sqlite_rename_table",
    "sqlite_rename_test",
    "sqrt",
    "strftime",
    "string_agg",
    "substr",
    "substring",
    "sum",
    "tan",
    "tanh",
    "time",
    "timediff",
    "total",
    "total_changes",
    "trim",
    "trunc",
    "typeof",
    "unhex",
    "unicode",
    "unixepoch",
    "unlikely",
    "upper",
    "zeroblob",
};
static_assert(std::ranges::is_sorted(kFunctions));

enum class Argument : uint8_t { none, boolean, name, optional_name, number, number_or_name };

struct Pragma {
  std::string_view name;
  Argument argument;
};

constexpr Pragma kPragmas[] = {
    {"case_sensitive_like", Argument::boolean},
    {"data_version", Argument::none},
    {"defer_foreign_keys", Argument::boolean},
    {"foreign_key_check", Argument::optional_name},
    {"foreign_key_list", Argument::name},
    {"foreign_keys", Argument::boolean},
    {"ignore_check_constraints", Argument::boolean},
    {"index_info", Argument::name},
    {"index_list", Argument::name},
    {"index_xinfo", Argument::name},
    {"legacy_alter_table", Argument::boolean},
    {"optimize", Argument::number},
    {"page_size", Argument::none},  // R*Tree asks for it
    {"quick_check", Argument::number_or_name},
    {"recursive_triggers", Argument::boolean},
    {"reverse_unordered_selects", Argument::boolean},
    {"table_info", Argument::name},
    {"table_xinfo", Argument::name},
};

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool name_allowed(const char* name) { return name != nullptr && strncasecmp(name, "_cf_", 4) != 0; }

bool is_number(std::string_view text) {
  int64_t value = 0;
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
    base = 16;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

bool is_boolean(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '\'' || text.front() == '"') &&
      text.front() == text.back())
    text = text.substr(1, text.size() - 2);
  constexpr std::string_view kWords[] = {"true", "false", "yes", "no", "on", "off", "1", "0"};
  return std::ranges::any_of(
      kWords, [text](std::string_view word) { return equal_ignoring_case(text, word); });
}

bool pragma_allowed(std::string_view name, const char* argument) {
  if (name == "table_list") return true;  // the names of the platform's tables are no secret
  const auto* pragma = std::ranges::find(kPragmas, name, &Pragma::name);
  if (pragma == std::end(kPragmas)) return false;
  switch (pragma->argument) {
    case Argument::none: return argument == nullptr;
    case Argument::boolean: return argument == nullptr || is_boolean(argument);
    case Argument::name: return name_allowed(argument);
    case Argument::optional_name: return argument == nullptr || name_allowed(argument);
    case Argument::number: return argument == nullptr || is_number(argument);
    case Argument::number_or_name:
      return argument == nullptr || is_number(argument) || name_allowed(argument);
  }
  return false;
}

bool module_allowed(std::string_view module) {
  constexpr std::string_view kModules[] = {"fts5", "fts5vocab", "rtree", "rtree_i32"};
  return std::ranges::any_of(
      kModules, [module](std::string_view known) { return equal_ignoring_case(module, known); });
}

}  // namespace

/// A call of SQLite's authorizer, its parameters in the places that their meaning has elsewhere.
struct SqlAuthorizer::Request {
  int action;
  const char* first;
  const char* second;
  std::string_view database;
};

bool SqlAuthorizer::allowed(const Request& request) {
  if (request.database == "temp") {
    // Reading the (empty) list of temporary tables is all; triggers read and update through it.
    return (request.action == SQLITE_READ || request.action == SQLITE_UPDATE) &&
           name_allowed(request.first);
  }
  if (!request.database.empty() && request.database != "main") return false;
  switch (request.action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
    case SQLITE_ANALYZE:  // PRAGMA optimize names every table
      return true;
    case SQLITE_CREATE_TABLE:
    case SQLITE_CREATE_VIEW:
    case SQLITE_DROP_TABLE:
    case SQLITE_DROP_VIEW:
    case SQLITE_INSERT:
    case SQLITE_DELETE:
    case SQLITE_READ:
    case SQLITE_UPDATE:
    case SQLITE_REINDEX: return name_allowed(request.first);
    case SQLITE_ALTER_TABLE:
      return name_allowed(request.first) &&
             (request.second == nullptr || name_allowed(request.second));
    case SQLITE_CREATE_INDEX:
    case SQLITE_CREATE_TRIGGER:
    case SQLITE_DROP_INDEX:
    case SQLITE_DROP_TRIGGER: return name_allowed(request.first) && name_allowed(request.second);
    case SQLITE_CREATE_VTABLE:
    case SQLITE_DROP_VTABLE:
      return name_allowed(request.first) && request.second != nullptr &&
             module_allowed(request.second);
    case SQLITE_FUNCTION:
      return request.second != nullptr &&
             std::ranges::binary_search(kFunctions, std::string_view(request.second));
    case SQLITE_PRAGMA: return pragma_allowed(request.first, request.second);
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT: refusal_ = kUseTransaction; return false;
    default: return false;  // ATTACH, DETACH, everything temporary
  }
}

void SqlAuthorizer::attach(sqlite3* database, int max_value_bytes) {
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  struct Limit {
    int which;
    int value;
  };
  for (const Limit limit : {
           Limit{SQLITE_LIMIT_LENGTH, max_value_bytes},
           Limit{SQLITE_LIMIT_SQL_LENGTH, 100'000},
           Limit{SQLITE_LIMIT_COLUMN, 100},
           Limit{SQLITE_LIMIT_EXPR_DEPTH, 100},
           Limit{SQLITE_LIMIT_COMPOUND_SELECT, 5},
           Limit{SQLITE_LIMIT_VDBE_OP, 25'000},
           Limit{SQLITE_LIMIT_FUNCTION_ARG, 127},
           Limit{SQLITE_LIMIT_ATTACHED, 0},
           Limit{SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50},
           Limit{SQLITE_LIMIT_VARIABLE_NUMBER, 100},
           Limit{SQLITE_LIMIT_TRIGGER_DEPTH, 10},
           Limit{SQLITE_LIMIT_WORKER_THREADS, 0},
       })
    sqlite3_limit(database, limit.which, limit.value);
  sqlite3_set_authorizer(
      database,
      [](void* self, int action, const char* first, const char* second, const char* name,
         const char* /*trigger*/) {
        auto& authorizer = *static_cast<SqlAuthorizer*>(self);
        if (!authorizer.for_script_) return SQLITE_OK;
        Request request{action, first, second, name != nullptr ? name : ""};
        // These two carry the database's name first, and a new name for the table last.
        if (action == SQLITE_ALTER_TABLE || action == SQLITE_DETACH)
          request = {action, second, name, first != nullptr ? first : ""};
        return authorizer.allowed(request) ? SQLITE_OK : SQLITE_DENY;
      },
      this);
}

}  // namespace selvage::object
