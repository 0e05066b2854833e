#include "object/sql_session.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/sqlite.h"

namespace selvage::object {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::string show(const SqlValue& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) return std::to_string(*integer);
  if (const auto* real = std::get_if<double>(&value))
    return fmt::format("{:?}", fmt::format("{}", *real));
  if (const auto* text = std::get_if<std::string_view>(&value)) return std::string(*text);
  if (const auto* blob = std::get_if<SqlBlobView>(&value))
    return fmt::format("blob of {}", blob->bytes.size());
  return "NULL";
}

class SqlSessionTest : public testing::Test, public SqlHost {
 protected:
  SqlSessionTest() {
    auto opened = store::Database::open(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX);
    EXPECT_TRUE(opened);
    database_ = std::move(*opened);
    EXPECT_TRUE(database_.execute("CREATE TABLE _cf_KV(key TEXT PRIMARY KEY, value BLOB)"));
    authorizer_.attach(database_.handle(), 2'200'000);
    start({});
  }

  void start(SqlSession::Options options) {
    session_.reset();
    session_ = std::make_unique<SqlSession>(database_.handle(), authorizer_, *this, options);
  }

  Status before_write() override {
    ++writes_;
    return {};
  }
  Error failed_statement(Error error) override {
    ++failures_;
    return error;
  }

  Result<SqlCursor> exec(std::string_view query, std::vector<SqlBinding> bindings = {}) {
    return session_->exec(query, std::move(bindings));
  }
  static std::vector<std::string> read(SqlCursor& cursor) {
    std::vector<std::string> rows;
    while (cursor.has_row()) {
      std::string row;
      for (size_t i = 0; i < cursor.columns().names.size(); ++i)
        row += (i == 0 ? "" : ",") + show(cursor.value(static_cast<int>(i)));
      rows.push_back(std::move(row));
      EXPECT_TRUE(cursor.next());
    }
    return rows;
  }
  std::vector<std::string> all(std::string_view query, std::vector<SqlBinding> bindings = {}) {
    auto cursor = exec(query, std::move(bindings));
    EXPECT_TRUE(cursor) << cursor.error().message;
    return cursor ? read(*cursor) : std::vector<std::string>();
  }
  std::string refusal(std::string_view query, std::vector<SqlBinding> bindings = {}) {
    auto cursor = exec(query, std::move(bindings));
    EXPECT_FALSE(cursor) << query;
    return cursor ? "" : cursor.error().message;
  }

  store::Database database_;
  SqlAuthorizer authorizer_;
  std::unique_ptr<SqlSession> session_;
  int writes_ = 0;
  int failures_ = 0;
};

TEST_F(SqlSessionTest, ValuesComeBackAsTheirTypes) {
  std::vector<SqlBinding> bindings;
  bindings.emplace_back(std::monostate());
  bindings.emplace_back(1.5);
  bindings.emplace_back(std::string("a\0b", 3));
  bindings.emplace_back(SqlBlob{"xyz"});
  bindings.emplace_back(SqlBlob{""});
  EXPECT_THAT(all("SELECT ?, ?, ?, ?, typeof(?), 7", std::move(bindings)),
              ElementsAre("NULL,\"1.5\"," + std::string("a\0b", 3) + ",blob of 3,blob,7"));
}

TEST_F(SqlSessionTest, OfSeveralStatementsTheLastGivesRowsAndTakesParameters) {
  for (int round = 0; round < 2; ++round) {
    EXPECT_THAT(all("CREATE TABLE IF NOT EXISTS t(a); INSERT INTO t VALUES (1); "
                    "SELECT count(*), ? FROM t;\n ",
                    {SqlBinding(std::string("x"))}),
                ElementsAre(fmt::format("{},x", round + 1)));
  }
  EXPECT_EQ(refusal("SELECT ?; SELECT 1"),
            "When executing multiple SQL statements in a single call, only the last statement can "
            "have parameters.");
  EXPECT_EQ(refusal("SELECT 1, ?"), "Wrong number of parameter bindings for SQL query.");
  for (const char* none : {"", ";", "-- nothing", "SELECT 1; -- nothing"})
    EXPECT_EQ(refusal(none), "SQL code did not contain a statement.");
}

TEST_F(SqlSessionTest, FailuresAreNamedAsWorkerdNamesThem) {
  all("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT UNIQUE)");
  all("INSERT INTO t VALUES (1, 'a')");
  EXPECT_EQ(refusal("SELEC"), "near \"SELEC\": syntax error at offset 0: SQLITE_ERROR");
  EXPECT_EQ(refusal("SELECT * FROM nope"), "no such table: nope: SQLITE_ERROR");
  EXPECT_EQ(refusal("INSERT INTO t VALUES (1, 'b')"),
            "UNIQUE constraint failed: t.id: SQLITE_CONSTRAINT (extended: "
            "SQLITE_CONSTRAINT_PRIMARYKEY)");
  EXPECT_EQ(refusal("INSERT INTO t VALUES ('x', 'b')"), "datatype mismatch: SQLITE_MISMATCH");
  EXPECT_EQ(failures_, 4);
}

TEST_F(SqlSessionTest, ThePlatformsTablesAreOutOfReach) {
  EXPECT_EQ(refusal("SELECT * FROM _cf_KV"), "access to _cf_KV.key is prohibited: SQLITE_AUTH");
  all("CREATE TABLE r(a)");
  for (const char* query :
       {"CREATE TABLE _CF_x(a)", "DROP TABLE _cf_KV", "INSERT INTO _cf_KV VALUES (1, 2)",
        "DELETE FROM _cf_KV", "UPDATE _cf_KV SET key = 1", "CREATE INDEX i ON _cf_KV(value)",
        "CREATE TRIGGER i AFTER INSERT ON _cf_KV BEGIN SELECT 1; END", "PRAGMA table_info(_cf_KV)",
        "ALTER TABLE r RENAME TO _cf_r", "ALTER TABLE _cf_KV RENAME TO r2",
        "CREATE VIEW _cf_v AS SELECT 1"})
    EXPECT_THAT(refusal(query), HasSubstr("SQLITE_AUTH")) << query;
  all("CREATE VIEW v AS SELECT * FROM _cf_KV");
  EXPECT_THAT(refusal("SELECT * FROM v"), HasSubstr("prohibited"));
  all("CREATE TRIGGER t AFTER INSERT ON r BEGIN DELETE FROM _cf_KV; END");
  EXPECT_THAT(refusal("INSERT INTO r VALUES (1)"), HasSubstr("SQLITE_AUTH"));
}

TEST_F(SqlSessionTest, WhatIsNotAllowedIsRefused) {
  for (const char* query : {"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT x", "RELEASE x"})
    EXPECT_THAT(refusal(query), StartsWith("To execute a transaction, please use")) << query;
  for (const char* query :
       {"ATTACH 'x' AS y", "DETACH y", "PRAGMA journal_mode = WAL", "PRAGMA page_size = 8192",
        "PRAGMA writable_schema = 1", "PRAGMA foreign_keys = perhaps", "PRAGMA function_list",
        "CREATE TEMP TABLE x(a)", "CREATE VIRTUAL TABLE z USING dbstat",
        "PRAGMA quick_check(_cf_KV)"})
    EXPECT_THAT(refusal(query), HasSubstr("not authorized")) << query;
  EXPECT_THAT(refusal("SELECT sqlite_version()"),
              StartsWith("not authorized to use function: sqlite_version"));
  // A script's rights are the script's only.
  EXPECT_TRUE(database_.execute("SELECT sqlite_version(); DELETE FROM _cf_KV"));
}

TEST_F(SqlSessionTest, WhatApplicationsNeedIsAllowed) {
  EXPECT_THAT(all("CREATE VIRTUAL TABLE f USING FTS5(a); INSERT INTO f VALUES ('hello world'); "
                  "SELECT highlight(f, 0, '[', ']') FROM f('hello')"),
              ElementsAre("[hello] world"));
  EXPECT_THAT(all("CREATE VIRTUAL TABLE g USING rtree(id, x0, x1); "
                  "INSERT INTO g VALUES (1, 0, 5); SELECT id FROM g WHERE x0 < 1"),
              ElementsAre("1"));
  EXPECT_THAT(all("SELECT json_extract('{\"a\":[1,2]}', '$.a[1]'), '{\"a\":1}' ->> 'a'"),
              ElementsAre("2,1"));
  EXPECT_THAT(all("SELECT pow(2, 3) = 8.0, max(1, 2), \"text\""), ElementsAre("1,2,text"));
  EXPECT_THAT(all("PRAGMA defer_foreign_keys = 'Yes'; PRAGMA defer_foreign_keys"),
              ElementsAre("1"));
  all("CREATE TABLE t(a); ALTER TABLE t RENAME TO u; ALTER TABLE u ADD COLUMN b; "
      "ALTER TABLE u RENAME COLUMN b TO c; ALTER TABLE u DROP COLUMN c; PRAGMA optimize(0x10002)");
  EXPECT_THAT(all("DELETE FROM u ORDER BY a LIMIT 1; PRAGMA quick_check"), ElementsAre("ok"));
}

TEST_F(SqlSessionTest, TheLimitsAreThoseThatAreDocumented) {
  const auto repeat = [](std::string_view what, size_t times, std::string_view between) {
    std::string all;
    for (size_t i = 0; i < times; ++i) all += fmt::format("{}{}", i == 0 ? "" : between, what);
    return all;
  };
  all("SELECT " + repeat("1", 100, ","));
  EXPECT_EQ(refusal("SELECT " + repeat("1", 101, ",")),
            "too many columns in result set: SQLITE_ERROR");
  EXPECT_EQ(refusal("SELECT '" + std::string(100'000, 'x') + "'"),
            "statement too long: SQLITE_TOOBIG");
  EXPECT_EQ(refusal("SELECT 'a' LIKE '" + std::string(51, 'x') + "'"),
            "LIKE or GLOB pattern too complex: SQLITE_ERROR");
  all("SELECT " + repeat("1", 100, "+"));
  EXPECT_EQ(refusal("SELECT " + repeat("1", 101, "+")),
            "Expression tree is too large (maximum depth 100): SQLITE_ERROR");
  all(repeat("SELECT 1", 5, " UNION "));
  EXPECT_EQ(refusal(repeat("SELECT 1", 6, " UNION ")),
            "too many terms in compound SELECT: SQLITE_ERROR");
  EXPECT_THAT(refusal("SELECT ?101"), StartsWith("variable number must be between ?1 and ?100"));
  all("SELECT max(" + repeat("1", 127, ",") + ")");
  EXPECT_THAT(refusal("SELECT max(" + repeat("1", 128, ",") + ")"),
              StartsWith("too many arguments on function max"));
  all("SELECT zeroblob(2200000)");
  EXPECT_EQ(refusal("SELECT zeroblob(2200001)"), "string or blob too big: SQLITE_TOOBIG");
  EXPECT_EQ(refusal("SELECT ?", {SqlBinding(std::string(2'200'001, 'x'))}),
            "string or blob too big: SQLITE_TOOBIG");
}

TEST_F(SqlSessionTest, CursorsOfOneQueryDoNotDisturbEachOther) {
  all("CREATE TABLE t(a); INSERT INTO t VALUES (1), (2), (3)");
  constexpr std::string_view kQuery = "SELECT a FROM t";
  auto first = exec(kQuery);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->next());
  auto second = exec(kQuery);
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->was_cached());
  all("INSERT INTO t VALUES (4)");
  EXPECT_THAT(read(*second), ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(read(*first), ElementsAre("2", "3", "4"));
  auto third = exec(kQuery);
  ASSERT_TRUE(third);
  EXPECT_TRUE(third->was_cached());
}

TEST_F(SqlSessionTest, ACursorMayOutliveItsQuerysPlaceInTheCache) {
  start({.cache_bytes = 20});
  const int32_t number = session_->keep(std::move(*exec("SELECT 1 UNION SELECT 2")));
  all("SELECT 'another query'");
  EXPECT_EQ(session_->cached_queries(), 0U);
  SqlCursor* kept = session_->find(number);
  ASSERT_NE(kept, nullptr);
  EXPECT_THAT(read(*kept), ElementsAre("1", "2"));
  session_->drop(number);
  EXPECT_EQ(session_->find(number), nullptr);
}

TEST_F(SqlSessionTest, TheCacheKeepsWhatWasUsedLast) {
  start({.cache_bytes = 3 * 8});
  for (const char* query : {"SELECT 1", "SELECT 2", "SELECT 3", "SELECT 1", "SELECT 4"}) all(query);
  EXPECT_EQ(session_->cached_queries(), 3U);
  EXPECT_TRUE(exec("SELECT 1")->was_cached());
  EXPECT_FALSE(exec("SELECT 2")->was_cached());
}

TEST_F(SqlSessionTest, ASchemaThatChangesChangesTheColumns) {
  all("CREATE TABLE t(a); INSERT INTO t VALUES (1)");
  auto before = exec("SELECT * FROM t");
  const uint32_t number = before->columns().number;
  EXPECT_THAT(read(*before), ElementsAre("1"));
  EXPECT_EQ(exec("SELECT * FROM t")->columns().number, number);
  all("ALTER TABLE t ADD COLUMN b");
  auto after = exec("SELECT * FROM t");
  EXPECT_NE(after->columns().number, number);
  EXPECT_THAT(after->columns().names, ElementsAre("a", "b"));
  EXPECT_THAT(read(*after), ElementsAre("1,NULL"));
}

TEST_F(SqlSessionTest, RowsAreCounted) {
  all("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT UNIQUE NOT NULL, b); CREATE INDEX tb ON t(b)");
  const auto counts = [&](std::string_view query) {
    auto cursor = exec(query);
    EXPECT_TRUE(cursor) << cursor.error().message;
    read(*cursor);
    return fmt::format("{} {}", cursor->rows_read(), cursor->rows_written());
  };
  // As workerd counts them: an index is a table, too.
  EXPECT_EQ(counts("INSERT INTO t VALUES (1,'a',1),(2,'b',2),(3,'c',3)"), "3 9");
  EXPECT_EQ(counts("INSERT INTO t(a) VALUES ('x'),('y') RETURNING *"), "4 6");
  EXPECT_EQ(counts("SELECT * FROM t"), "5 0");
  EXPECT_EQ(counts("SELECT count(*) FROM t"), "5 0");
  EXPECT_EQ(counts("SELECT * FROM t WHERE id = 2"), "1 0");
  EXPECT_EQ(counts("SELECT * FROM t WHERE b > 1"), "2 0");
  EXPECT_EQ(counts("SELECT * FROM t WHERE id IN (1, 2, 99)"), "6 0");
  EXPECT_EQ(counts("DELETE FROM t WHERE id = 1"), "1 1");
  EXPECT_EQ(counts("DELETE FROM t"), "0 4");
}

TEST_F(SqlSessionTest, AQueryThatNeverEndsIsInterrupted) {
  start({.cpu_time = std::chrono::milliseconds(20)});
  EXPECT_EQ(refusal("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) "
                    "SELECT sum(n) FROM r"),
            "interrupted: SQLITE_INTERRUPT");
  session_->start_clock();
  EXPECT_THAT(all("SELECT 1"), ElementsAre("1"));
}

TEST_F(SqlSessionTest, OnlyWhatCanWriteOpensATransaction) {
  all("SELECT 1");
  all("PRAGMA foreign_keys");
  EXPECT_EQ(writes_, 0);
  all("CREATE TABLE t(a)");
  EXPECT_EQ(writes_, 1);
  EXPECT_TRUE(exec("INSERT INTO t VALUES (1) RETURNING a")->writes());
  EXPECT_EQ(writes_, 2);
  EXPECT_FALSE(exec("SELECT * FROM t")->writes());
  all("INSERT INTO t VALUES (2); SELECT 1");
  EXPECT_EQ(writes_, 3);
}

}  // namespace
}  // namespace selvage::object
