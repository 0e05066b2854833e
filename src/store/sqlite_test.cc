#include "store/sqlite.h"

#include <gtest/gtest.h>

#include "store/huge_page_heap.h"
#include "store/sqlite_memory.h"

namespace selvage::store {
namespace {

class SqliteTest : public testing::Test {
 protected:
  SqliteTest() {
    database_ = *Database::open(":memory:", SQLITE_OPEN_READWRITE);
    EXPECT_TRUE(database_.execute("CREATE TABLE t(key TEXT PRIMARY KEY, value ANY NOT NULL)"));
  }
  Database database_;
};

TEST_F(SqliteTest, MemoryComesFromHugePages) {
  if (!kSqliteHasHugePages) GTEST_SKIP() << "the address sanitizer looks after SQLite's memory";
  constexpr int kBytes = 1000;
  auto* block = static_cast<unsigned char*>(sqlite3_malloc(kBytes));
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(sqlite3_msize(block),
            HugePageHeap::rounded(kBytes));  // the general allocator's is less
  for (int i = 0; i < kBytes; ++i) block[i] = static_cast<unsigned char>(i);
  // Larger than the heap's blocks, and back.
  for (const int bytes : {100'000, 300'000, 2'000, kBytes}) {
    block = static_cast<unsigned char*>(sqlite3_realloc(block, bytes));
    ASSERT_NE(block, nullptr);
    EXPECT_GE(sqlite3_msize(block), static_cast<sqlite3_uint64>(bytes));
    for (int i = 0; i < kBytes; ++i) ASSERT_EQ(block[i], static_cast<unsigned char>(i)) << bytes;
  }
  sqlite3_free(block);
}

TEST_F(SqliteTest, ValuesOfEveryKindComeBack) {
  Statement put = *database_.prepare("INSERT INTO t VALUES(?1, ?2)");
  std::string blob("\0\xff\0", 3);
  put.bind_text(1, "blob");
  put.bind_blob(2, blob);
  ASSERT_TRUE(put.run());
  put.bind_text(1, "integer");
  put.bind_integer(2, -1'234'567'890'123);
  ASSERT_TRUE(put.run());
  put.bind_text(1, "");
  put.bind_text(2, {});
  ASSERT_TRUE(put.run());
  EXPECT_EQ(database_.changes(), 1);

  Statement get = *database_.prepare("SELECT value FROM t WHERE key = ?1");
  auto with = [&get](std::string_view key, auto check) {
    Statement::Use use(get);
    get.bind_text(1, key);
    auto row = get.step();
    ASSERT_TRUE(row && *row);
    EXPECT_FALSE(get.is_null(0));
    check();
  };
  with("blob", [&] { EXPECT_EQ(get.bytes(0), blob); });
  with("integer", [&] { EXPECT_EQ(get.integer(0), -1'234'567'890'123); });
  with("", [&] { EXPECT_EQ(get.bytes(0), ""); });
}

TEST_F(SqliteTest, AFailureSaysWhatSqliteSays) {
  Statement put = *database_.prepare("INSERT INTO t VALUES('a', ?1)");
  put.bind_integer(1, 1);
  ASSERT_TRUE(put.run());
  put.bind_integer(1, 2);
  Status again = put.run();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::already_exists);
  EXPECT_EQ(again.error().message,
            "statement failed: UNIQUE constraint failed: t.key (SQLite 1555)");

  auto syntax = database_.prepare("SELEC 1");
  ASSERT_FALSE(syntax);
  EXPECT_EQ(syntax.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(syntax.error().message,
            "cannot compile \"SELEC 1\": near \"SELEC\": syntax error (SQLite 1)");

  auto missing = Database::open("/no/such/folder/db", SQLITE_OPEN_READWRITE);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::io);
}

TEST_F(SqliteTest, AWrongParameterIsReportedByTheNextStepOnly) {
  Statement put = *database_.prepare("INSERT INTO t VALUES(?1, 'v')");
  put.bind_integer(2, 1);
  EXPECT_FALSE(put.run());
  put.bind_text(1, "a");
  EXPECT_TRUE(put.run());
}

TEST_F(SqliteTest, TransactionsAreKnown) {
  EXPECT_FALSE(database_.in_transaction());
  ASSERT_TRUE(database_.execute("BEGIN"));
  EXPECT_TRUE(database_.in_transaction());
  ASSERT_TRUE(database_.execute("ROLLBACK"));
  EXPECT_FALSE(database_.in_transaction());
}

}  // namespace
}  // namespace selvage::store
