// Point-in-time recovery of objects: any state of the retention comes back, and can be undone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <map>
#include <random>
#include <thread>

#include "object/object_store.h"
#include "store/local_commit_log.h"
#include "store/simulated_file_system.h"

namespace selvage::object {
namespace {

using testing::HasSubstr;
using testing::Optional;
using testing::SizeIs;

const std::string kId(64, 'a');
constexpr const char* kHistory =
    "/objects/ns/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.history";

using Contents = std::map<std::string, std::string>;

class ObjectRecoveryTest : public testing::Test {
 protected:
  void SetUp() override { open(); }
  void TearDown() override { close(); }

  void open() {
    auto log = store::LocalCommitLog::open(
        disk_, "/log", {.segment_size = 64 * 1024, .retry_interval = {}, .threads = false});
    ASSERT_TRUE(log) << log.error().describe();
    log_ = std::move(*log);
    auto store = ObjectStore::open("/objects", *log_, disk_,
                                   {.history_retention = retention_,
                                    .history_bytes = history_bytes_,
                                    .max_restored_pages = max_restored_pages_,
                                    .checkpoint_in_background = false,
                                    .clock = [this] { return now_; }});
    ASSERT_TRUE(store) << store.error().describe();
    store_ = std::move(*store);
  }
  void close() {
    storage_.reset();
    store_.reset();
    log_.reset();
  }
  void reopen_store() {
    close();
    open();
  }
  void crash(bool power_was_lost) {
    disk_.cut_power_after(0);
    close();
    disk_.restart(power_was_lost);
    open();
  }
  ObjectStorage& storage() {
    if (!storage_) {
      auto opened = store_->open_object("ns", kId);
      EXPECT_TRUE(opened) << opened.error().describe();
      storage_ = std::move(*opened);
    }
    return *storage_;
  }
  ObjectStorage& next_session() {
    storage_.reset();
    return storage();
  }
  void commit() {
    now_ += 10;
    EXPECT_TRUE(storage().commit(nullptr));
    log_->run_queued();
  }
  void put(const std::string& key, const std::string& value) {
    EXPECT_TRUE(storage().put(key, value));
    commit();
  }
  Contents contents() {
    Contents all;
    auto entries = storage().list({});
    EXPECT_TRUE(entries) << entries.error().describe();
    for (Entry& entry : *entries) all.emplace(entry.key, entry.value);
    return all;
  }
  std::string bookmark() {
    auto bookmark = storage().bookmark();
    EXPECT_TRUE(bookmark) << bookmark.error().describe();
    return *bookmark;
  }
  std::string restore(const std::string& bookmark) {
    auto undo = storage().restore_when_opened(bookmark);
    EXPECT_TRUE(undo) << undo.error().describe();
    next_session();
    log_->run_queued();
    return undo ? *undo : "";
  }
  uint64_t history_size() { return disk_.content(kHistory)->size(); }

  store::SimulatedFileSystem disk_{1};
  uint64_t now_ = 1'700'000'000'000;
  std::chrono::milliseconds retention_ = std::chrono::hours(24);
  uint64_t history_bytes_ = uint64_t{1} << 30;
  uint32_t max_restored_pages_ = 10'000;
  std::unique_ptr<store::LocalCommitLog> log_;
  std::unique_ptr<ObjectStore> store_;
  std::unique_ptr<ObjectStorage> storage_;
};

TEST_F(ObjectRecoveryTest, EveryStateComesBackByItsBookmarkAndByItsTime) {
  struct Known {
    std::string bookmark;
    uint64_t time;
    Contents contents;
  };
  std::mt19937_64 random(1);
  std::vector<Known> known{{bookmark(), now_, {}}};
  for (int i = 0; i < 60; ++i) {
    const std::string key = "k" + std::to_string(random() % 20);
    if (random() % 15 == 0) {
      ASSERT_TRUE(storage().delete_all());
      commit();
    } else if (random() % 4 == 0) {
      ASSERT_TRUE(storage().erase(key));
      commit();
    } else {
      put(key, std::string(random() % 6'000, static_cast<char>('a' + random() % 26)));
    }
    if (random() % 5 == 0) ASSERT_TRUE(store_->checkpoint());
    if (random() % 10 == 0) next_session();
    if (random() % 20 == 0) crash(random() % 2 == 0);
    known.push_back({bookmark(), now_, contents()});
    EXPECT_LE(known[known.size() - 2].bookmark, known.back().bookmark);
    now_ += 5;
  }
  for (int i = 0; i < 60; ++i) {
    const Known& wanted = known[random() % known.size()];
    if (i % 2 == 0) {
      restore(wanted.bookmark);
    } else {
      auto found = storage().bookmark_at(wanted.time);
      ASSERT_TRUE(found) << found.error().describe();
      restore(*found);
    }
    ASSERT_TRUE(contents() == wanted.contents) << wanted.bookmark;
    // It is a state like any other.
    EXPECT_LT(known.back().bookmark, bookmark());
    now_ += 10;
    known.push_back({bookmark(), now_, contents()});
    now_ += 5;
  }
}

TEST_F(ObjectRecoveryTest, ARestoreCanBeUndone) {
  put("k", "old");
  const std::string old = bookmark();
  put("k", "new");
  auto undo = storage().restore_when_opened(old);
  ASSERT_TRUE(undo);
  put("k", "newest");
  EXPECT_LT(bookmark(), *undo);
  next_session();
  EXPECT_EQ(contents(), (Contents{{"k", "old"}}));
  log_->run_queued();
  EXPECT_LT(*undo, bookmark());
  put("k", "other");
  const std::string second = restore(*undo);
  EXPECT_EQ(contents(), (Contents{{"k", "newest"}}));
  restore(second);
  EXPECT_EQ(contents(), (Contents{{"k", "other"}}));
  restore(*undo);
  EXPECT_EQ(contents(), (Contents{{"k", "newest"}}));
}

TEST_F(ObjectRecoveryTest, TheLastRestoreAskedForCounts) {
  put("k", "1");
  const std::string first = bookmark();
  put("k", "2");
  const std::string second = bookmark();
  put("k", "3");
  ASSERT_TRUE(storage().restore_when_opened(first));
  ASSERT_TRUE(storage().restore_when_opened(second));
  next_session();
  EXPECT_EQ(contents(), (Contents{{"k", "2"}}));
}

TEST_F(ObjectRecoveryTest, ARestoreSurvivesTheEndOfTheProcessAndHappensOnce) {
  for (bool power_was_lost : {false, true}) {
    put("k", "old");
    const std::string old = bookmark();
    put("k", "new");
    ASSERT_TRUE(storage().restore_when_opened(old));
    crash(power_was_lost);
    EXPECT_EQ(contents(), (Contents{{"k", "old"}}));
    // Its commit was on its way: it happens again.
    crash(power_was_lost);
    EXPECT_EQ(contents(), (Contents{{"k", "old"}}));
    log_->run_queued();
    // It has happened, though nobody could say so on the disk.
    put("k", "after");
    crash(power_was_lost);
    EXPECT_EQ(contents(), (Contents{{"k", "after"}}));
  }
}

TEST_F(ObjectRecoveryTest, SqlTablesAndTheAlarmComeBack) {
  auto sql = storage().sql();
  ASSERT_TRUE((*sql)->exec("CREATE TABLE t(a); INSERT INTO t VALUES (7)", {}));
  ASSERT_TRUE(storage().set_alarm({.time = now_ + 5000, .object_name = "room"}));
  commit();
  const std::string with_alarm = bookmark();
  const uint64_t due = now_ - 10 + 5000;
  ASSERT_TRUE(storage().delete_all());
  commit();
  EXPECT_THAT(store_->alarms(), SizeIs(0));
  const std::string nothing = bookmark();
  restore(with_alarm);
  EXPECT_THAT(*storage().alarm(), Optional(due));
  ASSERT_THAT(store_->alarms(), SizeIs(1));
  EXPECT_EQ(store_->alarms()[0].second, (Alarm{.time = due, .object_name = "room"}));
  auto rows = (*storage().sql())->exec("SELECT a FROM t", {});
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(std::get<int64_t>(rows->value(0)), 7);
  restore(nothing);
  EXPECT_FALSE(storage().has_data());
  EXPECT_THAT(store_->alarms(), SizeIs(0));
}

TEST_F(ObjectRecoveryTest, WhatCannotBeRestoredIsRefused) {
  put("k", "v");
  const std::string now = bookmark();
  std::string later = now;
  later[25] = later[25] == 'f' ? '0' : 'f';
  EXPECT_THAT(storage().restore_when_opened(later).error().message,
              HasSubstr("no state that this Durable Object has had"));
  std::string restored = now;
  restored[7] = '5';
  restored.replace(9, 17, "ffffffff-ffffffff");
  EXPECT_THAT(storage().restore_when_opened(restored).error().message,
              HasSubstr("no state that this Durable Object has had"));
  EXPECT_THAT(storage().restore_when_opened("x").error().message, HasSubstr("is not a bookmark"));
  auto too_early = storage().bookmark_at(now_ - 25 * 3600 * 1000);
  EXPECT_THAT(too_early.error().message, HasSubstr("before what is kept"));
  EXPECT_EQ(*storage().bookmark_at(now_ + 1'000'000), now) << "now is the latest there is";
}

TEST_F(ObjectRecoveryTest, WhatIsOlderThanTheRetentionGoes) {
  put("k", "first");
  const std::string first = bookmark();
  ASSERT_TRUE(store_->checkpoint());
  put("k", std::string(3'000, '2'));
  const std::string second = bookmark();
  const Contents at_second = contents();
  ASSERT_TRUE(store_->checkpoint());
  now_ += 23 * 3600 * 1000;
  put("k", "third");
  const std::string third = bookmark();
  ASSERT_TRUE(store_->checkpoint());
  ASSERT_TRUE(store_->fold_histories());
  ASSERT_TRUE(storage().restore_when_opened(first)) << "it is kept still";

  // A restore that was asked for is not made impossible.
  now_ += 4 * 3600 * 1000;
  ASSERT_TRUE(store_->fold_histories());
  next_session();
  log_->run_queued();
  EXPECT_EQ(contents(), (Contents{{"k", "first"}}));

  ASSERT_TRUE(store_->checkpoint());
  ASSERT_TRUE(store_->fold_histories());
  EXPECT_THAT(storage().restore_when_opened(first).error().message,
              HasSubstr("older than what is kept"));
  // It was the state when the retention began.
  restore(second);
  EXPECT_EQ(contents(), at_second);
  restore(third);
  EXPECT_EQ(contents(), (Contents{{"k", "third"}}));
}

TEST_F(ObjectRecoveryTest, TheHistoryOfADeletedObjectGoesAfterTheRetention) {
  put("k", "v");
  const std::string old = bookmark();
  ASSERT_TRUE(storage().delete_all());
  commit();
  storage_.reset();
  ASSERT_TRUE(store_->checkpoint());
  now_ += 23 * 3600 * 1000;
  ASSERT_TRUE(store_->fold_histories());
  EXPECT_TRUE(*disk_.exists(kHistory));
  restore(old);
  EXPECT_EQ(contents(), (Contents{{"k", "v"}}));
  ASSERT_TRUE(storage().delete_all());
  commit();
  storage_.reset();
  ASSERT_TRUE(store_->checkpoint());
  now_ += 25 * 3600 * 1000;
  ASSERT_TRUE(store_->fold_histories());
  EXPECT_FALSE(*disk_.exists(kHistory));
  put("k", "again");
  EXPECT_EQ(contents(), (Contents{{"k", "again"}}));
}

TEST_F(ObjectRecoveryTest, AHistoryIsBoundedInSize) {
  history_bytes_ = 100'000;
  reopen_store();
  std::mt19937_64 random(1);
  for (int i = 0; i < 300; ++i) {
    std::string value;
    for (int c = 0; c < 2'000; ++c) value += static_cast<char>(random());
    put("k", value);
    if (i % 10 == 0) {
      ASSERT_TRUE(store_->checkpoint());
      ASSERT_TRUE(store_->fold_histories());
    }
    EXPECT_LE(history_size(), 200'000U);
  }
  const std::string recent = bookmark();
  const Contents then = contents();
  put("k", "v");
  restore(recent);
  EXPECT_EQ(contents(), then);
}

TEST_F(ObjectRecoveryTest, WithoutARetentionThereAreNoHistories) {
  put("k", "v");
  const std::string old = bookmark();
  ASSERT_TRUE(store_->checkpoint());
  EXPECT_TRUE(*disk_.exists(kHistory));
  retention_ = {};
  reopen_store();
  EXPECT_THAT(storage().restore_when_opened(old).error().message,
              HasSubstr("does not implement point-in-time recovery"));
  EXPECT_FALSE(storage().bookmark_at(now_));
  const std::string before = bookmark();
  put("k", "w");
  EXPECT_LT(before, bookmark());
  ASSERT_TRUE(store_->checkpoint());
  EXPECT_FALSE(*disk_.exists(kHistory)) << "it lacks a commit now";

  // Kept again, it starts with what there is.
  retention_ = std::chrono::hours(1);
  reopen_store();
  const std::string start = bookmark();
  put("k", "x");
  restore(start);
  EXPECT_EQ(contents(), (Contents{{"k", "w"}}));
}

TEST_F(ObjectRecoveryTest, ARestoreThatIsTooLargeLeavesEverythingAsItIs) {
  max_restored_pages_ = 5;
  reopen_store();
  put("k", std::string(100'000, 'x'));
  const std::string large = bookmark();
  ASSERT_TRUE(storage().delete_all());
  commit();
  put("k", "small");
  ASSERT_TRUE(storage().restore_when_opened(large));
  storage_.reset();
  auto refused = store_->open_object("ns", kId);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("the bookmark cannot be restored"));
  EXPECT_EQ(contents(), (Contents{{"k", "small"}})) << "said once";
}

TEST_F(ObjectRecoveryTest, AHistoryThatIsDamagedIsCountedOnce) {
  put("k", "one");
  put("k", "two");
  ASSERT_TRUE(store_->checkpoint());
  const std::string sound = *disk_.content(kHistory);
  EXPECT_EQ(store_->statistics().damaged_histories, 0u);
  std::string damaged = sound;
  ++damaged[kHistoryBlock + 100];
  disk_.set_content(kHistory, damaged);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(storage().bookmark_at(now_ - 1).error().code, ErrorCode::corrupt);
    EXPECT_EQ(store_->statistics().damaged_histories, 1u);
  }
  EXPECT_EQ(contents(), (Contents{{"k", "two"}})) << "the object is whole";

  disk_.set_content(kHistory, sound);
  reopen_store();
  std::string without_head = sound;
  ++without_head[20];
  disk_.set_content(kHistory, without_head);
  put("k", "three");
  ASSERT_TRUE(store_->checkpoint());
  EXPECT_EQ(store_->statistics().damaged_histories, 1u) << "and a new one was begun";
  EXPECT_TRUE(storage().bookmark_at(now_));
}

TEST_F(ObjectRecoveryTest, AnObjectIsBroughtBackBeforeItIsOpened) {
  put("k", "one");
  const std::string one = bookmark();
  put("k", "two");
  EXPECT_FALSE(store_->restore_is_due("ns", kId));
  ASSERT_TRUE(storage().restore_when_opened(one));
  storage_.reset();
  const auto bring_back = [&] {
    std::promise<Status> done;
    store_->restore_before_opening("ns", kId,
                                   [&done](const Status& status) { done.set_value(status); });
    return done.get_future().get();
  };
  ASSERT_TRUE(store_->restore_is_due("ns", kId));
  disk_.fail_one(store::DiskOperation::read, 0);
  const Status failed = bring_back();
  disk_.stop_faults();
  ASSERT_FALSE(failed);
  EXPECT_TRUE(store_->restore_is_due("ns", kId)) << "for another try";
  const Status done = bring_back();
  ASSERT_TRUE(done) << done.error().describe();
  log_->run_queued();
  EXPECT_FALSE(store_->restore_is_due("ns", kId));
  EXPECT_EQ(contents(), (Contents{{"k", "one"}}));
  const Status in_use = bring_back();
  ASSERT_FALSE(in_use);
  EXPECT_EQ(in_use.error().code, ErrorCode::already_exists);
}

TEST_F(ObjectRecoveryTest, ADiskThatCannotBeReadDoesNotEndARestore) {
  put("k", "v");
  const std::string old = bookmark();
  put("k", std::string(20'000, 'x'));
  for (uint64_t read = 0;; ++read) {
    ASSERT_TRUE(storage().restore_when_opened(old));
    storage_.reset();
    disk_.fail_one(store::DiskOperation::read, read);
    auto opened = store_->open_object("ns", kId);
    const bool failed = disk_.failed(store::DiskOperation::read) > read;
    disk_.stop_faults();
    if (!failed) break;
    if (!opened) {
      EXPECT_EQ(opened.error().code, ErrorCode::io) << opened.error().describe();
    } else {
      opened->reset();
    }
    ASSERT_TRUE(contents() == (Contents{{"k", "v"}})) << "read " << read;
  }
}

TEST_F(ObjectRecoveryTest, ACheckpointLeavesAloneWhatHasLeftMemory) {
  put("k", "small");
  ASSERT_TRUE(store_->checkpoint());
  log_->run_queued();  // it lets go of the record
  disk_.fail_after(0);
  put("k", "lost");
  disk_.stop_faults();
  EXPECT_TRUE(storage().broken());
  next_session();  // rebuilt from a log that has nothing more of it
  next_session();
  put("k", std::string(50'000, 'x'));
  const Contents large = contents();
  ASSERT_TRUE(storage().bookmark_at(now_));  // which checkpoints it
  const std::string database = *disk_.content("/objects/ns/" + kId + ".sqlite");
  ASSERT_TRUE(store_->checkpoint());
  EXPECT_TRUE(*disk_.content("/objects/ns/" + kId + ".sqlite") == database);
  reopen_store();
  EXPECT_TRUE(contents() == large);
}

TEST_F(ObjectRecoveryTest, CommitsAreNotToldOfBehindAHistoryWhoseEndIsDamaged) {
  put("a", "one");
  ASSERT_TRUE(store_->checkpoint());
  // On pages that the commits after it do not touch.
  put("b", std::string(50'000, 'b'));
  ASSERT_TRUE(store_->checkpoint());
  close();
  std::string history = *disk_.content(kHistory);
  const size_t chunk = history.rfind("CHNK");
  ASSERT_NE(chunk, std::string::npos);
  for (size_t i = chunk; i < history.size(); ++i) history[i] = static_cast<char>(~history[i]);
  disk_.set_content(kHistory, history);
  open();
  put("c", "three");
  const Contents wanted = contents();
  const std::string then = bookmark();
  ASSERT_TRUE(store_->checkpoint());
  put("d", "four");
  ASSERT_TRUE(store_->checkpoint());
  restore(then);
  EXPECT_EQ(contents(), wanted);
}

TEST_F(ObjectRecoveryTest, DeletingANamespaceDeletesItsHistories) {
  put("k", "v");
  storage_.reset();
  ASSERT_TRUE(store_->checkpoint());
  EXPECT_TRUE(*disk_.exists(kHistory));
  ASSERT_TRUE(store_->erase_namespace("ns"));
  EXPECT_FALSE(*disk_.exists(kHistory));
}

TEST_F(ObjectRecoveryTest, ThePastIsToldOfWhetherTheObjectIsOpenOrNot) {
  const auto past = [&](const ObjectStore::Moment& moment) {
    auto found = store_->past_of("ns", kId, moment);
    EXPECT_TRUE(found) << found.error().describe();
    return found ? *found : ObjectStore::Past{};
  };
  EXPECT_EQ(store_->past_of("ns", kId, {}).error().code, ErrorCode::not_found);
  put("k", "one");
  const uint64_t first = now_;
  const std::string one = bookmark();
  put("k", std::string(50'000, 'x'));
  const std::string two = bookmark();
  for (const bool open : {true, false}) {
    SCOPED_TRACE(open);
    if (!open) storage_.reset();
    const ObjectStore::Past told = past(std::monostate());
    EXPECT_EQ(told.now.bookmark, two);
    EXPECT_EQ(told.now.time, now_);
    EXPECT_EQ(told.since, first);
    EXPECT_FALSE(told.wanted);
    for (const ObjectStore::Moment& moment : {ObjectStore::Moment(first), {first + 9}, {one}}) {
      const auto wanted = past(moment).wanted;
      ASSERT_TRUE(wanted);
      EXPECT_EQ(wanted->bookmark, one);
      EXPECT_EQ(wanted->time, first);
      EXPECT_LT(wanted->bytes, 50'000u);
    }
    EXPECT_EQ(past(first - 1).wanted->bytes, 0u) << "nothing was stored before";
    EXPECT_EQ(past(now_ + 1000).wanted->bookmark, two);
    EXPECT_THAT(store_->past_of("ns", kId, now_ - 25 * 3600 * 1000).error().message,
                HasSubstr("before what is kept"));
    EXPECT_THAT(store_->past_of("ns", kId, "x").error().message, HasSubstr("not a bookmark"));
  }
  now_ += 24 * 3600 * 1000;
  EXPECT_EQ(past(std::monostate()).since, now_ - 24 * 3600 * 1000);
}

TEST_F(ObjectRecoveryTest, AnObjectThatIsNotOpenIsBroughtBackAndForward) {
  put("k", "one");
  const std::string one = bookmark();
  put("k", "two");
  EXPECT_EQ(store_->restore_object("ns", kId, one).error().code, ErrorCode::already_exists);
  EXPECT_EQ(contents(), (Contents{{"k", "two"}})) << "and nothing was scheduled";
  storage_.reset();
  auto undo = store_->restore_object("ns", kId, one);
  ASSERT_TRUE(undo) << undo.error().describe();
  crash(/*power_was_lost=*/true);
  EXPECT_EQ(contents(), (Contents{{"k", "one"}}));
  storage_.reset();
  ASSERT_TRUE(store_->erase_object("ns", kId));
  auto undo_both = store_->restore_object("ns", kId, *undo);
  ASSERT_TRUE(undo_both) << undo_both.error().describe();
  EXPECT_EQ(contents(), (Contents{{"k", "two"}}));
  storage_.reset();
  ASSERT_TRUE(store_->restore_object("ns", kId, *undo_both));
  EXPECT_EQ(contents(), Contents{});
  const std::string nobody(64, 'b');
  EXPECT_EQ(store_->restore_object("ns", nobody, one).error().code, ErrorCode::not_found);
}

TEST_F(ObjectRecoveryTest, NamespacesMayBeCalledAfterTheFilesBesideThem) {
  auto opened = store_->open_object("alarms-Room", kId);
  ASSERT_TRUE(opened);
  ASSERT_TRUE((*opened)->put("k", "v"));
  ASSERT_TRUE((*opened)->commit(nullptr));
  opened->reset();
  EXPECT_EQ(*store_->namespaces(), std::vector<std::string>{"alarms-Room"});
}

TEST(ObjectRecoveryThreadsTest, AHistoryThatBecomesLongIsShortenedSoon) {
  store::SimulatedFileSystem disk{1};
  auto log = store::LocalCommitLog::open(disk, "/log", {.segment_size = 256 * 1024});
  ASSERT_TRUE(log) << log.error().describe();
  auto opened = ObjectStore::open("/objects", **log, disk,
                                  {.checkpoint_log_bytes = 100'000,
                                   .history_bytes = 200'000,
                                   .quiet_time = std::chrono::milliseconds(5)});
  ASSERT_TRUE(opened) << opened.error().describe();
  {
    auto storage = (*opened)->open_object("ns", kId);
    ASSERT_TRUE(storage) << storage.error().describe();
    for (int i = 0; i < 1000; ++i) {
      ASSERT_TRUE((*storage)->put("k", std::string(2'000, static_cast<char>('a' + i % 26))));
      ASSERT_TRUE((*storage)->commit(nullptr));
    }
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (;;) {
    const auto history = disk.content(kHistory);
    const bool shortened =
        history && history->size() < 250'000 && decode_history_head(*history)->sequence > 500;
    if (shortened) break;
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  opened->reset();
}

// Threads of objects, checkpoints and folding at the same time, on a real disk.
TEST(ObjectRecoveryThreadsTest, BookmarksHoldWhileEverythingGoesOn) {
  std::string pattern = testing::TempDir() + "recovery-XXXXXX";
  const std::string directory = mkdtemp(pattern.data());
  const auto files = store::real_file_system();
  auto log = store::LocalCommitLog::open(*files, directory + "/log", {.segment_size = 256 * 1024});
  ASSERT_TRUE(log) << log.error().describe();
  auto opened = ObjectStore::open(directory + "/objects", **log, *files,
                                  {.checkpoint_log_bytes = 200'000,
                                   .dirty_pages = 20,
                                   .history_bytes_in_memory = 20'000,
                                   .history_retention = std::chrono::seconds(2)});
  ASSERT_TRUE(opened) << opened.error().describe();
  ObjectStore& store = **opened;
  std::atomic<bool> over{false};
  std::thread folding([&] {
    while (!over) {
      const Status folded = store.fold_histories();
      EXPECT_TRUE(folded) << folded.error().describe();
    }
  });
  const auto live = [&store](uint64_t thread) {
    std::mt19937_64 random(thread);
    const std::string id(64, static_cast<char>('a' + thread));
    std::unique_ptr<ObjectStorage> storage;
    std::vector<std::pair<std::string, std::string>> known;
    for (int i = 0; i < 64; ++i) {
      if (!storage) {
        auto again = store.open_object("threads", id);
        ASSERT_TRUE(again) << again.error().describe();
        storage = std::move(*again);
      }
      const std::string value = std::to_string(i) + std::string(random() % 5'000, '+');
      ASSERT_TRUE(storage->put("k", value));
      std::promise<void> durable;
      ASSERT_TRUE(storage->commit([&durable](uint64_t, const Status& status) {
        EXPECT_TRUE(status);
        durable.set_value();
      }));
      durable.get_future().wait();
      auto bookmark = storage->bookmark();
      ASSERT_TRUE(bookmark) << bookmark.error().describe();
      known.emplace_back(*bookmark, value);
      ASSERT_TRUE(storage->bookmark_at(ObjectStoreOptions::wall_clock()));
      if (i % 8 != 7) continue;
      const auto& [wanted, then] = known[random() % known.size()];
      auto undo = storage->restore_when_opened(wanted);
      if (!undo) {
        EXPECT_THAT(undo.error().message, HasSubstr("older than what is kept"));
        continue;
      }
      storage.reset();
      auto restored = store.open_object("threads", id);
      ASSERT_TRUE(restored) << restored.error().describe();
      storage = std::move(*restored);
      auto now = storage->get("k");
      ASSERT_TRUE(now) << now.error().describe();
      ASSERT_TRUE(**now == then) << wanted;
      if (random() % 2 == 0) storage.reset();
    }
  };
  std::vector<std::thread> threads;
  for (uint64_t thread = 0; thread < 3; ++thread) threads.emplace_back(live, thread);
  for (std::thread& thread : threads) thread.join();
  over = true;
  folding.join();
  opened->reset();
  log->reset();
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace selvage::object
