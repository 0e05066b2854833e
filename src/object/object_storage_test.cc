#include "object/object_storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <map>
#include <random>

#include "object/object_store.h"
#include "store/local_commit_log.h"

namespace selvage::object {
namespace {

using store::LocalCommitLog;
using testing::ElementsAre;
using testing::Optional;

const std::string kId(64, 'a');

/// A store in a folder of its own, which can be closed and opened again.
class ObjectStorageTest : public testing::Test {
 protected:
  ObjectStorageTest() {
    std::string pattern = testing::TempDir() + "objects-XXXXXX";
    directory_ = mkdtemp(pattern.data());
    open();
  }
  ~ObjectStorageTest() override {
    close();
    std::filesystem::remove_all(directory_);
  }

  void open() {
    auto log = LocalCommitLog::open(*files_, directory_ + "/log", {.segment_size = 256 * 1024});
    ASSERT_TRUE(log) << log.error().describe();
    log_ = std::move(*log);
    auto store = ObjectStore::open(directory_ + "/objects", *log_, *files_, options_);
    ASSERT_TRUE(store) << store.error().describe();
    store_ = std::move(*store);
  }
  void close() {
    store_.reset();
    log_.reset();
  }
  /// Without a checkpoint, options permitting.
  void reopen() {
    close();
    open();
  }

  void reopen_with(std::unique_ptr<ObjectStorage>& storage) {
    storage.reset();
    reopen();
    storage = object();
  }

  std::unique_ptr<ObjectStorage> object(const std::string& id = kId) {
    auto opened = store_->open_object("test", id);
    EXPECT_TRUE(opened) << opened.error().describe();
    return std::move(*opened);
  }
  static uint64_t commit(ObjectStorage& storage) {
    std::promise<Status> durable;
    auto sequence =
        storage.commit([&durable](uint64_t, const Status& status) { durable.set_value(status); });
    EXPECT_TRUE(sequence) << sequence.error().describe();
    if (!sequence || !*sequence) return 0;
    Status status = durable.get_future().get();
    EXPECT_TRUE(status) << status.error().describe();
    return **sequence;
  }
  static std::optional<std::string> get(ObjectStorage& storage, std::string_view key) {
    auto value = storage.get(key);
    EXPECT_TRUE(value) << value.error().describe();
    return value ? *value : std::nullopt;
  }
  static std::vector<std::string> keys(ObjectStorage& storage, const ListOptions& options) {
    auto entries = storage.list(options);
    EXPECT_TRUE(entries) << entries.error().describe();
    std::vector<std::string> keys;
    for (auto& entry : *entries) keys.push_back(entry.key);
    return keys;
  }
  [[nodiscard]] std::string file(const std::string& id = kId) const {
    return directory_ + "/objects/test/" + id + ".sqlite";
  }

  std::string directory_;
  std::unique_ptr<store::FileSystem> files_ = store::real_file_system();
  ObjectStoreOptions options_{.checkpoint_in_background = false};
  std::unique_ptr<store::CommitLog> log_;
  std::unique_ptr<ObjectStore> store_;
};

TEST_F(ObjectStorageTest, ACommittedValueIsThereAfterReopening) {
  {
    auto storage = object();
    ASSERT_TRUE(storage->put("key", "value"));
    EXPECT_NE(commit(*storage), 0U);
  }
  reopen();
  auto storage = object();
  EXPECT_THAT(get(*storage, "key"), Optional(std::string("value")));
  EXPECT_EQ(get(*storage, "other"), std::nullopt);
}

TEST_F(ObjectStorageTest, ACheckpointMovesTheLogIntoTheFile) {
  {
    auto storage = object();
    ASSERT_TRUE(storage->put("key", std::string(100'000, 'x')));
    commit(*storage);
    EXPECT_FALSE(std::filesystem::exists(file()));
    ASSERT_TRUE(store_->checkpoint());
    EXPECT_TRUE(std::filesystem::exists(file()));
    EXPECT_EQ(store_->statistics().dirty_pages, 0U);
    EXPECT_THAT(get(*storage, "key"), Optional(std::string(100'000, 'x')));
  }
  EXPECT_EQ(store_->statistics().objects_in_memory, 0U);
  reopen();
  EXPECT_EQ(store_->statistics().objects_in_memory, 0U);
  EXPECT_THAT(get(*object(), "key"), Optional(std::string(100'000, 'x')));
}

TEST_F(ObjectStorageTest, TheFileIsAnOrdinaryDatabase) {
  auto storage = object();
  ASSERT_TRUE(storage->put("key", "value"));
  commit(*storage);
  ASSERT_TRUE(store_->checkpoint());
  auto database = store::Database::open(file(), SQLITE_OPEN_READONLY);
  ASSERT_TRUE(database) << database.error().describe();
  auto check = database->prepare("PRAGMA integrity_check");
  ASSERT_TRUE(check && check->step());
  EXPECT_EQ(check->bytes(0), "ok");
  auto read = database->prepare("SELECT key, value FROM _cf_KV");
  ASSERT_TRUE(read && read->step());
  EXPECT_EQ(read->bytes(0), "key");
  EXPECT_EQ(read->bytes(1), "value");
}

TEST_F(ObjectStorageTest, AnObjectThatStoresNothingHasNoFile) {
  {
    auto storage = object();
    EXPECT_FALSE(storage->has_data());
    EXPECT_EQ(get(*storage, "key"), std::nullopt);
    EXPECT_THAT(keys(*storage, {}), ElementsAre());
    auto erased = storage->erase("key");
    ASSERT_TRUE(erased);
    EXPECT_FALSE(*erased);
    EXPECT_EQ(commit(*storage), 0U);
    ASSERT_TRUE(storage->put("key", "value"));
    EXPECT_TRUE(storage->has_data());
    ASSERT_TRUE(storage->rollback());
    EXPECT_FALSE(storage->has_data());
  }
  ASSERT_TRUE(store_->checkpoint());
  EXPECT_FALSE(std::filesystem::exists(file()));
  EXPECT_EQ(log_->position(), 0U);
}

TEST_F(ObjectStorageTest, DeleteAllLeavesNoFile) {
  auto storage = object();
  ASSERT_TRUE(storage->put("key", "value"));
  commit(*storage);
  ASSERT_TRUE(store_->checkpoint());
  ASSERT_TRUE(std::filesystem::exists(file()));
  ASSERT_TRUE(storage->delete_all());
  EXPECT_EQ(get(*storage, "key"), std::nullopt);
  EXPECT_NE(commit(*storage), 0U);
  EXPECT_FALSE(storage->has_data());
  ASSERT_TRUE(store_->checkpoint());
  EXPECT_FALSE(std::filesystem::exists(file()));

  ASSERT_TRUE(storage->put("new", "life"));
  EXPECT_NE(commit(*storage), 0U);
  EXPECT_THAT(keys(*storage, {}), ElementsAre("new"));
}

TEST_F(ObjectStorageTest, DeleteAllCanBeRolledBackAndFollowedByWrites) {
  auto storage = object();
  ASSERT_TRUE(storage->put("old", "value"));
  commit(*storage);
  ASSERT_TRUE(storage->delete_all());
  ASSERT_TRUE(storage->rollback());
  EXPECT_THAT(keys(*storage, {}), ElementsAre("old"));

  ASSERT_TRUE(storage->delete_all());
  EXPECT_FALSE(storage->has_data());
  ASSERT_TRUE(storage->put("new", "value"));
  ASSERT_TRUE(storage->rollback());
  EXPECT_THAT(keys(*storage, {}), ElementsAre("old"));

  ASSERT_TRUE(storage->savepoint());
  auto refused = storage->delete_all();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "Cannot call deleteAll() within a transaction");
  ASSERT_TRUE(storage->rollback_to());
  EXPECT_THAT(keys(*storage, {}), ElementsAre("old"));

  ASSERT_TRUE(storage->delete_all());
  ASSERT_TRUE(storage->put("new", "value"));
  commit(*storage);
  EXPECT_THAT(keys(*storage, {}), ElementsAre("new"));
}

TEST_F(ObjectStorageTest, RollbackUndoesTheTurn) {
  auto storage = object();
  ASSERT_TRUE(storage->put("a", "1"));
  commit(*storage);
  ASSERT_TRUE(storage->put("a", "2"));
  ASSERT_TRUE(storage->put("b", std::string(2'000'000, 'b')));
  ASSERT_TRUE(storage->rollback());
  EXPECT_THAT(get(*storage, "a"), Optional(std::string("1")));
  EXPECT_EQ(get(*storage, "b"), std::nullopt);
  EXPECT_EQ(commit(*storage), 0U);
}

TEST_F(ObjectStorageTest, WhatWasReadBeforeIsReadAsItIsNow) {
  auto storage = object();
  ASSERT_TRUE(storage->put("a", "1"));
  commit(*storage);
  EXPECT_THAT(get(*storage, "a"), Optional(std::string("1")));
  EXPECT_EQ(get(*storage, "b"), std::nullopt);

  ASSERT_TRUE(storage->savepoint());
  ASSERT_TRUE(storage->put("a", "2"));
  ASSERT_TRUE(storage->put("b", "2"));
  EXPECT_THAT(get(*storage, "b"), Optional(std::string("2")));
  ASSERT_TRUE(storage->rollback_to());
  EXPECT_THAT(get(*storage, "a"), Optional(std::string("1")));
  EXPECT_EQ(get(*storage, "b"), std::nullopt);

  ASSERT_TRUE(storage->erase("a"));
  EXPECT_EQ(get(*storage, "a"), std::nullopt);
  ASSERT_TRUE(storage->rollback());
  EXPECT_THAT(get(*storage, "a"), Optional(std::string("1")));

  ASSERT_TRUE(storage->put("a", std::string(5000, 'a')));
  EXPECT_THAT(get(*storage, "a"), Optional(std::string(5000, 'a')));
  ASSERT_TRUE(storage->put("a", ""));
  EXPECT_THAT(get(*storage, "a"), Optional(std::string()));
  ASSERT_TRUE(storage->delete_all());
  EXPECT_EQ(get(*storage, "a"), std::nullopt);
  ASSERT_TRUE(storage->rollback());
  EXPECT_THAT(get(*storage, "a"), Optional(std::string("1")));
}

TEST_F(ObjectStorageTest, SavepointsNest) {
  auto storage = object();
  ASSERT_TRUE(storage->savepoint());
  ASSERT_TRUE(storage->put("a", "1"));
  ASSERT_TRUE(storage->savepoint());
  ASSERT_TRUE(storage->put("b", "1"));
  auto refused = storage->commit(nullptr);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
  ASSERT_TRUE(storage->rollback_to());
  ASSERT_TRUE(storage->release());
  commit(*storage);
  EXPECT_THAT(keys(*storage, {}), ElementsAre("a"));
}

TEST_F(ObjectStorageTest, AnUnchangedValueNeedsNoRecord) {
  auto storage = object();
  ASSERT_TRUE(storage->put("a", "1"));
  EXPECT_NE(commit(*storage), 0U);
  ASSERT_TRUE(storage->put("a", "1"));
  EXPECT_EQ(commit(*storage), 0U);
}

TEST_F(ObjectStorageTest, ListFollowsItsOptions) {
  auto storage = object();
  for (const char* key : {"a", "b", "ba", "bb", "c", "\xc3\xa9", "\xf0\x9f\x9a\x80"})
    ASSERT_TRUE(storage->put(key, "v"));
  EXPECT_THAT(keys(*storage, {}),
              ElementsAre("a", "b", "ba", "bb", "c", "\xc3\xa9", "\xf0\x9f\x9a\x80"));
  EXPECT_THAT(keys(*storage, {.prefix = "b"}), ElementsAre("b", "ba", "bb"));
  EXPECT_THAT(keys(*storage, {.start = "b", .end = "bb"}), ElementsAre("b", "ba"));
  EXPECT_THAT(keys(*storage, {.start_after = "b", .end = "c"}), ElementsAre("ba", "bb"));
  EXPECT_THAT(keys(*storage, {.start = "b", .end = "c", .reverse = true, .limit = 2}),
              ElementsAre("bb", "ba"));
  EXPECT_THAT(keys(*storage, {.start_after = "ba", .prefix = "b"}), ElementsAre("bb"));
  EXPECT_THAT(keys(*storage, {.end = "ba", .prefix = "b"}), ElementsAre("b"));
  EXPECT_THAT(keys(*storage, {.prefix = "\xf0"}), ElementsAre("\xf0\x9f\x9a\x80"));
  EXPECT_THAT(keys(*storage, {.limit = 0}), ElementsAre());
  auto both = storage->list({.start = "a", .start_after = "a"});
  ASSERT_FALSE(both);
  EXPECT_EQ(both.error().code, ErrorCode::invalid_argument);
}

TEST_F(ObjectStorageTest, KeysAndValuesMayHoldAnyBytes) {
  auto storage = object();
  std::string key("\0k\0", 3);
  std::string value("\0\xff\0", 3);
  ASSERT_TRUE(storage->put(key, value));
  ASSERT_TRUE(storage->put("", ""));
  commit(*storage);
  EXPECT_THAT(get(*storage, key), Optional(value));
  EXPECT_THAT(get(*storage, ""), Optional(std::string()));
}

TEST_F(ObjectStorageTest, ATooLongValueIsRefusedAndHarmsNothing) {
  auto storage = object();
  ASSERT_TRUE(storage->put("a", "1"));
  auto status = storage->put("b", std::string(5 * 1024 * 1024, 'x'));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(status.error().message, "string or blob too big: SQLITE_TOOBIG");
  EXPECT_FALSE(storage->broken());
  commit(*storage);
  EXPECT_THAT(keys(*storage, {}), ElementsAre("a"));
}

TEST_F(ObjectStorageTest, AnObjectIsOpenOnce) {
  auto storage = object();
  auto second = store_->open_object("test", kId);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::already_exists);
  storage.reset();
  EXPECT_TRUE(store_->open_object("test", kId));
}

TEST_F(ObjectStorageTest, NamesAreChecked) {
  EXPECT_FALSE(store_->open_object("test", "abc"));
  EXPECT_FALSE(store_->open_object("test", std::string(64, 'A')));
  EXPECT_FALSE(store_->open_object("", kId));
  EXPECT_FALSE(store_->open_object(std::string(256, 'n'), kId));
  EXPECT_FALSE(store_->open_object(std::string(86, '.'), kId));
  EXPECT_TRUE(store_->open_object(std::string(255, 'n'), kId));
  auto storage = store_->open_object("../worker.Class", kId);
  ASSERT_TRUE(storage);
  ASSERT_TRUE((*storage)->put("k", "v"));
  commit(**storage);
  ASSERT_TRUE(store_->checkpoint());
  EXPECT_TRUE(
      std::filesystem::exists(directory_ + "/objects/%2E%2E%2Fworker%2EClass/" + kId + ".sqlite"));
}

TEST_F(ObjectStorageTest, ClosingWithAppendsInFlightLosesNothing) {
  for (int i = 0; i < 50; ++i) {
    auto storage = object();
    ASSERT_TRUE(storage->put("n", std::to_string(i)));
    ASSERT_TRUE(storage->commit(nullptr));
  }
  reopen();
  EXPECT_THAT(get(*object(), "n"), Optional(std::string("49")));
}

TEST_F(ObjectStorageTest, SqlAndEntriesShareATransaction) {
  auto storage = object();
  auto sql = storage->sql();
  ASSERT_TRUE(sql) << sql.error().describe();
  EXPECT_TRUE((*sql)->exec("SELECT 1", {}));
  EXPECT_FALSE(storage->in_transaction());
  EXPECT_FALSE(storage->has_data()) << "reading makes no database";
  ASSERT_TRUE((*sql)->exec("CREATE TABLE t(a); INSERT INTO t VALUES (7)", {}));
  EXPECT_TRUE(storage->in_transaction());
  ASSERT_TRUE(storage->put("k", "v"));
  EXPECT_NE(commit(*storage), 0U);
  ASSERT_TRUE((*sql)->exec("INSERT INTO t VALUES (8)", {}));
  ASSERT_TRUE(storage->put("k", "w"));
  ASSERT_TRUE(storage->rollback());
  storage.reset();
  reopen();
  storage = object();
  EXPECT_THAT(get(*storage, "k"), Optional(std::string("v")));
  auto rows = (*storage->sql())->exec("SELECT count(*), sum(a) FROM t", {});
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(std::get<int64_t>(rows->value(0)), 1);
  EXPECT_EQ(std::get<int64_t>(rows->value(1)), 7);
}

TEST_F(ObjectStorageTest, KnowsWhatMemoryItsUsesAreIn) {
  auto storage = object();
  for (int i = 0; i < 20; ++i) {
    auto session = storage->sql();
    ASSERT_TRUE(session);
    ASSERT_TRUE((*session)->exec("CREATE TABLE IF NOT EXISTS t(a INTEGER)", {}));
    ASSERT_TRUE((*session)->exec("INSERT INTO t VALUES(?)", {1.0}));
    commit(*storage);
    storage->note_use();
    storage->expect_use();
  }
  EXPECT_TRUE(storage->hot_memory().has(*storage->sql()));
  EXPECT_GT(storage->hot_memory().lines(), kPageSize / HotMemory::kLine);

  // All that it knows of goes away, and the next event may be on its way already.
  ASSERT_TRUE(storage->delete_all());
  storage->expect_use();
  commit(*storage);
  storage->note_use();
  storage->expect_use();
  EXPECT_FALSE(storage->has_data());
}

TEST_F(ObjectStorageTest, AnOpenCursorSurvivesCommits) {
  auto storage = object();
  auto sql = storage->sql();
  ASSERT_TRUE((*sql)->exec("CREATE TABLE t(a); INSERT INTO t VALUES (1), (2), (3)", {}));
  commit(*storage);
  auto cursor = (*sql)->exec("SELECT a FROM t", {});
  ASSERT_TRUE(cursor);
  ASSERT_TRUE((*sql)->exec("INSERT INTO t VALUES (4)", {}));
  ASSERT_TRUE(storage->put("k", "v"));
  EXPECT_NE(commit(*storage), 0U);
  for (int64_t expected = 1; expected <= 4; ++expected) {
    ASSERT_TRUE(cursor->has_row());
    EXPECT_EQ(std::get<int64_t>(cursor->value(0)), expected);
    ASSERT_TRUE(cursor->next());
  }
  EXPECT_FALSE(cursor->has_row());
}

TEST_F(ObjectStorageTest, DeleteAllEndsCursorsAndTables) {
  auto storage = object();
  auto sql = storage->sql();
  ASSERT_TRUE((*sql)->exec("CREATE TABLE t(a); INSERT INTO t VALUES (1), (2), (3)", {}));
  ASSERT_TRUE(storage->put("k", "v"));
  commit(*storage);
  const int32_t number = (*sql)->keep(std::move(*(*sql)->exec("SELECT a FROM t", {})));
  ASSERT_TRUE(storage->delete_all());
  sql = storage->sql();
  EXPECT_EQ((*sql)->find(number), nullptr);
  EXPECT_FALSE((*sql)->exec("SELECT * FROM t", {}));
  EXPECT_EQ(get(*storage, "k"), std::nullopt);
  ASSERT_TRUE((*sql)->exec("CREATE TABLE t(b)", {}));
  EXPECT_NE(commit(*storage), 0U);
  reopen_with(storage);
  EXPECT_TRUE((*storage->sql())->exec("SELECT b FROM t", {}));
  EXPECT_EQ(get(*storage, "k"), std::nullopt);
}

TEST_F(ObjectStorageTest, ADeferredConstraintResetsTheObject) {
  auto storage = object();
  auto sql = storage->sql();
  ASSERT_TRUE(
      (*sql)->exec("CREATE TABLE p(id INTEGER PRIMARY KEY); "
                   "CREATE TABLE c(p REFERENCES p(id) DEFERRABLE INITIALLY DEFERRED)",
                   {}));
  commit(*storage);
  ASSERT_TRUE((*sql)->exec("INSERT INTO c VALUES (5)", {}));
  auto refused = storage->commit(nullptr);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "Durable Object was reset and rolled back to its last known good state because the "
            "application left the database in a state where constraints were violated: FOREIGN KEY "
            "constraint failed: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_FOREIGNKEY)");
  EXPECT_EQ(storage->get("k").error().message, refused.error().message);
  reopen_with(storage);
  EXPECT_FALSE((*storage->sql())->exec("SELECT * FROM c", {})->has_row());
}

TEST_F(ObjectStorageTest, AFullDatabaseEndsTheTransactionAndTheObject) {
  options_.max_transaction_pages = 600;
  reopen();
  auto storage = object();
  auto sql = storage->sql();
  ASSERT_TRUE((*sql)->exec("CREATE TABLE t(a)", {}));
  commit(*storage);
  ASSERT_TRUE((*sql)->exec("INSERT INTO t VALUES (1)", {}));
  std::string refusal;
  for (int i = 0; i < 5 && refusal.empty(); ++i) {
    auto inserted =
        (*sql)->exec("INSERT INTO t VALUES (?)", {SqlBinding(std::string(1'000'000, 'x'))});
    if (!inserted) refusal = inserted.error().message;
  }
  EXPECT_EQ(refusal, "database or disk is full: SQLITE_FULL");
  EXPECT_TRUE(storage->broken());
  EXPECT_EQ(storage->put("k", "v").error().message, refusal);
  EXPECT_EQ(storage->commit(nullptr).error().message, refusal);
  reopen_with(storage);
  EXPECT_FALSE((*storage->sql())->exec("SELECT * FROM t", {})->has_row());
}

TEST_F(ObjectStorageTest, TheTableOfEntriesIsMadeWhenSqlCameFirst) {
  auto storage = object();
  ASSERT_TRUE((*storage->sql())->exec("CREATE TABLE t(a)", {}));
  EXPECT_EQ(get(*storage, "k"), std::nullopt);
  EXPECT_THAT(keys(*storage, {}), ElementsAre());
  EXPECT_FALSE(*storage->erase("k"));
  ASSERT_TRUE(storage->savepoint());
  ASSERT_TRUE(storage->put("k", "v"));
  ASSERT_TRUE(storage->rollback_to());
  EXPECT_EQ(get(*storage, "k"), std::nullopt);
  ASSERT_TRUE(storage->put("k", "w"));
  commit(*storage);
  EXPECT_THAT(get(*storage, "k"), Optional(std::string("w")));
}

TEST_F(ObjectStorageTest, AnAlarmIsPartOfTheTransaction) {
  auto storage = object();
  EXPECT_EQ(*storage->alarm(), std::nullopt);
  ASSERT_TRUE(storage->set_alarm({.time = 1000, .object_name = "room"}));
  EXPECT_THAT(*storage->alarm(), Optional(1000U));
  EXPECT_THAT(store_->alarms(), testing::IsEmpty()) << "not durable yet";
  commit(*storage);
  ASSERT_EQ(store_->alarms().size(), 1U);
  EXPECT_EQ(store_->alarms()[0].second, (Alarm{.time = 1000, .object_name = "room"}));
  EXPECT_EQ(store_->alarms()[0].first.id, kId);

  ASSERT_TRUE(storage->set_alarm({.time = 2000, .object_name = "room"}));
  ASSERT_TRUE(storage->rollback());
  EXPECT_THAT(*storage->alarm(), Optional(1000U));
  ASSERT_TRUE(storage->savepoint());
  ASSERT_TRUE(storage->set_alarm({}));
  EXPECT_EQ(*storage->alarm(), std::nullopt);
  ASSERT_TRUE(storage->rollback_to());
  ASSERT_TRUE(storage->put("k", "v"));
  commit(*storage);
  EXPECT_THAT(*storage->alarm(), Optional(1000U));
  EXPECT_EQ(store_->alarms().size(), 1U);
}

TEST_F(ObjectStorageTest, AlarmsAreFoundAfterReopening) {
  for (const bool checkpointed : {false, true}) {
    for (char digit : {'a', 'b', 'c'}) {
      auto storage = object(std::string(64, digit));
      ASSERT_TRUE(storage->set_alarm({.time = 1000U + static_cast<uint64_t>(digit)}));
      commit(*storage);
    }
    if (checkpointed) {
      ASSERT_TRUE(store_->checkpoint());
    }
    {
      auto storage = object(std::string(64, 'b'));
      ASSERT_TRUE(storage->set_alarm({}));
      commit(*storage);
    }
    reopen();
    EXPECT_EQ(store_->alarms().size(), 2U);
    {
      auto storage = object(std::string(64, 'c'));
      EXPECT_THAT(*storage->alarm(), Optional(1000U + 'c'));
      ASSERT_TRUE(storage->delete_all());
      commit(*storage);
    }
    EXPECT_EQ(store_->alarms().size(), 1U);
    ASSERT_TRUE(store_->checkpoint());
    reopen();
    EXPECT_EQ(store_->alarms().size(), 1U);
  }
}

TEST_F(ObjectStorageTest, AnAlarmIsGoneWhenItsHandlerHasEndedWell) {
  auto storage = object();
  ASSERT_TRUE(storage->set_alarm({.time = 1000}));
  EXPECT_FALSE(*storage->begin_alarm(999));
  ASSERT_TRUE(*storage->begin_alarm(1000));
  EXPECT_EQ(*storage->alarm(), std::nullopt);
  ASSERT_TRUE(storage->end_alarm(false));
  EXPECT_THAT(*storage->alarm(), Optional(1000U)) << "it will be tried again";

  ASSERT_TRUE(*storage->begin_alarm(1000));
  ASSERT_TRUE(storage->set_alarm({.time = 3000}));
  EXPECT_THAT(*storage->alarm(), Optional(3000U));
  ASSERT_TRUE(storage->end_alarm(true));
  EXPECT_THAT(*storage->alarm(), Optional(3000U)) << "set anew";

  ASSERT_TRUE(*storage->begin_alarm(3000));
  ASSERT_TRUE(storage->end_alarm(true));
  EXPECT_EQ(*storage->alarm(), std::nullopt);
}

TEST_F(ObjectStorageTest, DeleteAllMayKeepTheAlarm) {
  auto storage = object();
  ASSERT_TRUE(storage->set_alarm({.time = 1000, .object_name = "room"}));
  ASSERT_TRUE(storage->put("k", "v"));
  commit(*storage);
  ASSERT_TRUE(storage->delete_all(ObjectStorage::AlarmFate::kept));
  commit(*storage);
  EXPECT_EQ(get(*storage, "k"), std::nullopt);
  EXPECT_THAT(*storage->alarm(), Optional(1000U));
  EXPECT_EQ(store_->alarms()[0].second.object_name, "room");
  ASSERT_TRUE(storage->delete_all());
  EXPECT_EQ(*storage->alarm(), std::nullopt);
  commit(*storage);
  EXPECT_THAT(store_->alarms(), testing::IsEmpty());
  ASSERT_TRUE(store_->checkpoint());
  EXPECT_FALSE(std::filesystem::exists(file()));
}

/// Random work on a few objects, against maps that hold what must be there.
TEST_F(ObjectStorageTest, BehavesLikeAMap) {
  using Contents = std::map<std::string, std::string>;
  uint32_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  auto pick = [&random](uint32_t bound) { return random() % bound; };
  constexpr int kObjects = 3;
  std::map<int, Contents> committed;
  std::map<int, std::unique_ptr<ObjectStorage>> open_objects;

  for (int turn = 0; turn < 600; ++turn) {
    int number = static_cast<int>(pick(kObjects));
    if (!open_objects[number]) open_objects[number] = object(std::string(64, '0' + number));
    ObjectStorage& storage = *open_objects[number];
    Contents contents = committed[number];
    std::vector<Contents> savepoints;
    for (uint32_t step = pick(8); step > 0; --step) {
      std::string key = "key" + std::to_string(pick(40));
      switch (pick(14)) {
        case 0: {
          auto erased = storage.erase(key);
          ASSERT_TRUE(erased);
          ASSERT_EQ(*erased, contents.erase(key) == 1);
          break;
        }
        case 1:
          ASSERT_TRUE(storage.savepoint());
          savepoints.push_back(contents);
          break;
        case 2:
          if (savepoints.empty()) break;
          ASSERT_TRUE(storage.rollback_to());
          contents = savepoints.back();
          savepoints.pop_back();
          break;
        case 3:
          if (pick(8) != 0 || !savepoints.empty()) break;
          ASSERT_TRUE(storage.delete_all());
          contents.clear();
          break;
        case 4:
        case 5: {
          auto at = contents.find(key);
          ASSERT_EQ(get(storage, key),
                    at == contents.end() ? std::nullopt : std::optional(at->second));
          break;
        }
        default: {
          std::string value(pick(8) == 0 ? pick(20'000) : pick(200), static_cast<char>(pick(256)));
          ASSERT_TRUE(storage.put(key, value));
          contents[key] = value;
        }
      }
    }
    std::vector<Entry> expected;
    for (auto& [key, value] : contents) expected.push_back({key, value});
    auto listed = storage.list({});
    ASSERT_TRUE(listed) << listed.error().describe();
    ASSERT_EQ(*listed, expected);

    if (pick(4) == 0) {
      ASSERT_TRUE(storage.rollback());
    } else {
      while (storage.savepoints() > 0) ASSERT_TRUE(storage.release());
      commit(storage);
      committed[number] = contents;
    }
    switch (pick(20)) {
      case 0: open_objects[number].reset(); break;
      case 1: ASSERT_TRUE(store_->checkpoint()); break;
      case 2:
        open_objects.clear();
        reopen();
        break;
      default: break;
    }
  }
}

}  // namespace
}  // namespace selvage::object
