// SQLite over the simulated disk does what it does over a real one.
#include "store/file_vfs.h"

#include <gtest/gtest.h>

#include "store/simulated_file_system.h"
#include "store/sqlite.h"

namespace selvage::store {
namespace {

constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;

class FileVfsTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(disk_.create_directories("/d")); }

  Database opened() {
    auto database = Database::open("/d/test.sqlite", kFlags, vfs_.name());
    EXPECT_TRUE(database) << database.error().describe();
    return std::move(*database);
  }
  static void run(Database& database, const char* sql) {
    const Status status = database.execute(sql);
    EXPECT_TRUE(status) << status.error().describe();
  }
  static int64_t number(Database& database, const char* sql) {
    auto statement = database.prepare(sql);
    EXPECT_TRUE(statement) << statement.error().describe();
    const auto row = statement->step();
    return row && *row ? statement->integer(0) : -1;
  }
  void lose_power() {
    disk_.cut_power_after(0);
    EXPECT_FALSE(disk_.sync_directory("/d"));
  }

  SimulatedFileSystem disk_{1};
  FileVfs vfs_{disk_};
};

TEST_F(FileVfsTest, CommitsSurviveInBothJournalModes) {
  for (const char* mode : {"PRAGMA journal_mode = DELETE", "PRAGMA journal_mode = WAL"}) {
    SCOPED_TRACE(mode);
    {
      Database database = opened();
      run(database, mode);
      run(database, "PRAGMA synchronous = EXTRA; CREATE TABLE IF NOT EXISTS t(x)");
      run(database, "DELETE FROM t; INSERT INTO t VALUES(1), (2)");
      run(database, "BEGIN; INSERT INTO t VALUES(3)");
      lose_power();
    }
    disk_.restart();
    Database database = opened();
    EXPECT_EQ(number(database, "SELECT count(*) FROM t"), 2);
  }
}

TEST_F(FileVfsTest, AReaderSeesWhatIsCommittedAndOneWritesAtATime) {
  Database writer = opened();
  run(writer, "PRAGMA journal_mode = WAL; CREATE TABLE t(x)");
  Database reader = opened();
  run(writer, "BEGIN IMMEDIATE; INSERT INTO t VALUES(1)");
  EXPECT_EQ(number(reader, "SELECT count(*) FROM t"), 0);
  const Status refused = reader.execute("BEGIN IMMEDIATE");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  run(writer, "COMMIT");
  EXPECT_EQ(number(reader, "SELECT count(*) FROM t"), 1);
  run(reader, "INSERT INTO t VALUES(2)");
  EXPECT_EQ(number(writer, "SELECT count(*) FROM t"), 2);
}

TEST_F(FileVfsTest, AFullDiskIsSaidToBeFull) {
  Database database = opened();
  run(database, "CREATE TABLE t(x)");
  disk_.set_capacity(disk_.used() + 10'000);
  const Status refused = database.execute("INSERT INTO t VALUES(zeroblob(100000))");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::limit_exceeded);
  disk_.stop_faults();
  run(database, "INSERT INTO t VALUES(zeroblob(100000))");
  EXPECT_EQ(number(database, "SELECT count(*) FROM t"), 1);
}

}  // namespace
}  // namespace selvage::store
