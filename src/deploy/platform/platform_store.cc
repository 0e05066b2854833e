#include "deploy/platform/platform_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "base/utc_text.h"
#include "base/wall_clock.h"

namespace selvage::deploy {
namespace {

constexpr int kFormat = 1;
constexpr int kBusyMilliseconds = 10'000;

constexpr const char* kSchema =
    "BEGIN;"
    "CREATE TABLE accounts(number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
    "  name TEXT NOT NULL, subdomain TEXT UNIQUE, created_on TEXT NOT NULL);"
    "CREATE TABLE tokens(id TEXT PRIMARY KEY, account TEXT NOT NULL, name TEXT NOT NULL,"
    "  hash TEXT NOT NULL UNIQUE, write INTEGER NOT NULL, created_on TEXT NOT NULL);"
    "CREATE TABLE scripts(number INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL,"
    "  name TEXT NOT NULL, tag TEXT NOT NULL, created_on TEXT NOT NULL, modified_on TEXT NOT NULL,"
    "  settings TEXT NOT NULL, UNIQUE(account, name));"
    "CREATE TABLE versions(id TEXT PRIMARY KEY, script INTEGER NOT NULL, number INTEGER NOT NULL,"
    "  created_on TEXT NOT NULL, document TEXT NOT NULL, UNIQUE(script, number));"
    "CREATE TABLE version_modules(hash TEXT NOT NULL, version TEXT NOT NULL,"
    "  PRIMARY KEY(hash, version)) WITHOUT ROWID;"
    "CREATE INDEX version_modules_version ON version_modules(version);"
    "CREATE TABLE deployments(number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
    "  script INTEGER NOT NULL, created_on TEXT NOT NULL, source TEXT NOT NULL,"
    "  author TEXT NOT NULL, annotations TEXT NOT NULL, versions TEXT NOT NULL);"
    "CREATE INDEX deployments_script ON deployments(script, number);"
    "CREATE TABLE routes(id TEXT PRIMARY KEY, account TEXT NOT NULL, zone TEXT NOT NULL,"
    "  pattern TEXT NOT NULL UNIQUE, script TEXT NOT NULL);"
    "CREATE TABLE domains(id TEXT PRIMARY KEY, account TEXT NOT NULL,"
    "  hostname TEXT NOT NULL UNIQUE, script TEXT NOT NULL);"
    "CREATE TABLE kv_namespaces(id TEXT PRIMARY KEY, account TEXT NOT NULL, title TEXT NOT NULL,"
    "  UNIQUE(account, title));"
    "CREATE TABLE documents(name TEXT PRIMARY KEY, document TEXT NOT NULL);"
    "CREATE TABLE audit(number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL,"
    "  account TEXT NOT NULL, token TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,"
    "  detail TEXT NOT NULL);"
    "PRAGMA user_version = 1;"
    "COMMIT";

constexpr const char* kLogins =
    "CREATE TABLE IF NOT EXISTS logins(token TEXT PRIMARY KEY, parent TEXT NOT NULL,"
    "  program TEXT NOT NULL, renewal TEXT NOT NULL UNIQUE, expires INTEGER NOT NULL,"
    "  renewable_until INTEGER NOT NULL)";

}  // namespace

std::string iso_time_now() { return iso_time(wall_clock_ms()); }

Result<std::unique_ptr<PlatformStore>> PlatformStore::open(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory + "/modules", error);
  if (error) return fail(ErrorCode::io, "cannot create " + directory + ": " + error.message());
  std::unique_ptr<PlatformStore> store(new PlatformStore(directory));
  SELVAGE_TRY(store->database_, store::Database::open(directory + "/platform.sqlite",
                                                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  SELVAGE_CHECK_STATUS(store->prepare());
  return store;
}

Status PlatformStore::prepare() {
  sqlite3_busy_timeout(database_.handle(), kBusyMilliseconds);
  SELVAGE_CHECK_STATUS(database_.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"));
  int64_t format = 0;
  const auto read_format = [&]() -> Status {
    return each("PRAGMA user_version", {}, [&](const store::Statement& row) -> Status {
      format = row.integer(0);
      return {};
    });
  };
  SELVAGE_CHECK_STATUS(read_format());
  if (format == 0) {
    // Somebody else may have been faster.
    const Status made = database_.execute(kSchema);
    if (!made && database_.in_transaction()) (void)database_.execute("ROLLBACK");
    SELVAGE_CHECK_STATUS(read_format());
    if (format == 0) return made;
  }
  // Later than the first platforms, and nothing that an older Selvage would miss.
  SELVAGE_CHECK_STATUS(database_.execute(kLogins));
  if (format != kFormat) {
    return fail(ErrorCode::unsupported,
                directory_ + "/platform.sqlite has the format " + std::to_string(format),
                "It was written by a newer Selvage: use that one");
  }
  return {};
}

Status PlatformStore::each(std::string_view sql, const std::vector<Value>& values,
                           const RowCallback& row) {
  SELVAGE_TRY(store::Statement statement, database_.prepare(sql));
  int parameter = 0;
  for (const Value& value : values) {
    ++parameter;
    if (const auto* number = std::get_if<int64_t>(&value)) {
      statement.bind_integer(parameter, *number);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      statement.bind_text(parameter, *text);
    } else {
      statement.bind_null(parameter);
    }
  }
  while (true) {
    SELVAGE_TRY(const bool more, statement.step());
    if (!more) return {};
    if (row) SELVAGE_CHECK_STATUS(row(statement));
  }
}

Status PlatformStore::run(std::string_view sql, const std::vector<Value>& values) {
  return each(sql, values, nullptr);
}

Result<PlatformStore::Change> PlatformStore::begin(Actor actor) {
  SELVAGE_CHECK_STATUS(database_.execute("BEGIN IMMEDIATE"));
  return Change(this, std::move(actor));
}

PlatformStore::Change::~Change() {
  if (store_ != nullptr && store_->database_.in_transaction()) {
    (void)store_->database_.execute("ROLLBACK");
  }
}

Status PlatformStore::Change::commit() {
  SELVAGE_CHECK_STATUS(store_->database_.execute("COMMIT"));
  store_ = nullptr;
  return {};
}

Status PlatformStore::note(Change& change, const std::string& action, const std::string& subject,
                           const nlohmann::json& detail) {
  return run(
      "INSERT INTO audit(at, account, token, action, subject, detail) "
      "VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
      {iso_time_now(), change.actor_.account, change.actor_.token, action, subject,
       detail.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)});
}

Result<std::vector<AuditRecord>> PlatformStore::audit_log(const std::string& account,
                                                          int64_t limit) {
  std::vector<AuditRecord> records;
  SELVAGE_CHECK_STATUS(
      each("SELECT number, at, account, token, action, subject, detail FROM audit "
           "WHERE account = ?1 ORDER BY number DESC LIMIT ?2",
           {account, limit}, [&](const store::Statement& row) -> Status {
             records.push_back({row.integer(0), std::string(row.bytes(1)),
                                std::string(row.bytes(2)), std::string(row.bytes(3)),
                                std::string(row.bytes(4)), std::string(row.bytes(5)),
                                nlohmann::json::parse(row.bytes(6), nullptr, false)});
             return {};
           }));
  return records;
}

Result<int64_t> PlatformStore::data_version() {
  int64_t version = 0;
  SELVAGE_CHECK_STATUS(each("PRAGMA data_version", {}, [&](const store::Statement& row) -> Status {
    version = row.integer(0);
    return {};
  }));
  return version;
}

}  // namespace selvage::deploy
