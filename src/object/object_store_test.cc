// What happens between objects, threads and the background: checkpoints, recovery, broken objects.
#include "object/object_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "store/local_commit_log.h"
#include "store/simulated_file_system.h"

namespace selvage::object {
namespace {

using store::LocalCommitLog;
using store::LocalCommitLogOptions;
using testing::HasSubstr;
using testing::Optional;

std::string id_of(int object) {
  std::string id(64, 'a');
  for (int i = 63; object > 0; --i, object /= 10)
    id[static_cast<size_t>(i)] = static_cast<char>('0' + object % 10);
  return id;
}

/// One store over a simulated disk, driven by hand.
class ObjectStoreTest : public testing::Test {
 protected:
  void SetUp() override { open(); }
  void TearDown() override { close(); }

  void open(ObjectStoreOptions options = {.checkpoint_in_background = false}) {
    auto log = LocalCommitLog::open(
        disk_, "/log", {.segment_size = 64 * 1024, .retry_interval = {}, .threads = false});
    ASSERT_TRUE(log) << log.error().describe();
    log_ = std::move(*log);
    auto store = ObjectStore::open("/objects", *log_, disk_, options);
    ASSERT_TRUE(store) << store.error().describe();
    store_ = std::move(*store);
  }
  void close() {
    store_.reset();
    log_.reset();
  }
  std::unique_ptr<ObjectStorage> object(int number) {
    auto storage = store_->open_object("ns", id_of(number));
    EXPECT_TRUE(storage) << storage.error().describe();
    return std::move(*storage);
  }
  /// Whether the log took it.
  bool put(ObjectStorage& storage, std::string_view value) {
    Status outcome = fail(ErrorCode::internal, "not called");
    if (!storage.put("key", value)) return false;
    auto committed =
        storage.commit([&outcome](uint64_t, const Status& status) { outcome = status; });
    if (!committed) return false;
    log_->run_queued();
    return outcome.has_value();
  }
  static std::optional<std::string> get(ObjectStorage& storage) {
    auto value = storage.get("key");
    EXPECT_TRUE(value) << value.error().describe();
    return value ? *value : std::nullopt;
  }

  store::SimulatedFileSystem disk_{1};
  std::unique_ptr<LocalCommitLog> log_;
  std::unique_ptr<ObjectStore> store_;
};

TEST_F(ObjectStoreTest, AFailedAppendBreaksTheObjectUntilItIsOpenedAnew) {
  auto storage = object(1);
  ASSERT_TRUE(put(*storage, "kept"));
  disk_.fail_after(1);
  EXPECT_FALSE(put(*storage, "lost"));
  EXPECT_TRUE(storage->broken());
  auto refused = storage->get("key");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("the object's storage is broken"));
  EXPECT_FALSE(storage->put("key", "more"));
  EXPECT_FALSE(storage->commit(nullptr));

  storage.reset();
  storage = object(1);
  EXPECT_THAT(get(*storage), Optional(std::string("kept")));
  EXPECT_TRUE(put(*storage, "new"));
  storage.reset();
  close();
  open();
  EXPECT_THAT(get(*object(1)), Optional(std::string("new")));
}

TEST_F(ObjectStoreTest, AFullDiskEndsWritesAndNothingElse) {
  auto storage = object(1);
  ASSERT_TRUE(put(*storage, "kept"));
  disk_.set_capacity(0);
  int accepted = 0;
  while (accepted < 100 &&
         put(*storage, std::string(2'000, static_cast<char>('a' + accepted % 26))))
    ++accepted;
  ASSERT_LT(accepted, 100);
  storage.reset();
  storage = object(1);
  std::string last =
      accepted == 0 ? "kept" : std::string(2'000, static_cast<char>('a' + (accepted - 1) % 26));
  EXPECT_THAT(get(*storage), Optional(last));
  EXPECT_FALSE(put(*storage, "more"));
  disk_.set_capacity(UINT64_MAX);
  storage.reset();
  storage = object(1);
  EXPECT_THAT(get(*storage), Optional(last));
  EXPECT_TRUE(put(*storage, "again"));
}

TEST_F(ObjectStoreTest, ATransactionBeyondItsLimitDoesNotHappen) {
  close();
  open({.max_transaction_pages = 100, .checkpoint_in_background = false});
  auto storage = object(1);
  ASSERT_TRUE(put(*storage, "kept"));
  bool refused = false;
  for (int i = 0; i < 4 && !refused; ++i)
    refused = !storage->put("key" + std::to_string(i), std::string(1'000'000, 'x'));
  auto committed = storage->commit(nullptr);
  EXPECT_TRUE(refused || !committed);
  EXPECT_TRUE(storage->broken());
  EXPECT_EQ(storage->commit(nullptr).error().code, ErrorCode::limit_exceeded);
  storage.reset();
  storage = object(1);
  EXPECT_THAT(get(*storage), Optional(std::string("kept")));
  EXPECT_EQ(storage->list({})->size(), 1U);
}

TEST_F(ObjectStoreTest, AFileThatCannotBeReadBreaksOnlyItsObject) {
  {
    auto storage = object(1);
    ASSERT_TRUE(put(*storage, "value"));
  }
  ASSERT_TRUE(store_->checkpoint());
  std::string path = "/objects/ns/" + id_of(1) + ".sqlite";
  disk_.set_content(path, std::string(3 * kPageSize, 'x'));
  auto storage = object(1);
  auto value = storage->get("key");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, ErrorCode::corrupt);
  EXPECT_THAT(value.error().message, HasSubstr("not a database"));
  EXPECT_TRUE(storage->broken());
  auto other = object(2);
  EXPECT_TRUE(put(*other, "fine"));
}

TEST_F(ObjectStoreTest, AFailedCheckpointIsMadeUpFor) {
  auto storage = object(1);
  ASSERT_TRUE(put(*storage, "value"));
  disk_.fail_after(1);
  EXPECT_FALSE(store_->checkpoint());
  EXPECT_GT(store_->statistics().dirty_pages, 0U);
  EXPECT_THAT(get(*storage), Optional(std::string("value")));
  EXPECT_TRUE(store_->checkpoint());
  EXPECT_EQ(store_->statistics().dirty_pages, 0U);
  EXPECT_THAT(get(*storage), Optional(std::string("value")));
}

TEST_F(ObjectStoreTest, RecoveryKeepsToItsMemory) {
  for (int i = 0; i < 50; ++i) {
    auto storage = object(i);
    for (int n = 0; n < 3; ++n)
      ASSERT_TRUE(put(*storage, std::string(5'000, static_cast<char>('a' + n))));
  }
  close();
  open({.dirty_pages = 20, .checkpoint_in_background = false});
  EXPECT_LE(store_->statistics().dirty_pages, 20U + 4U);
  for (int i = 0; i < 50; ++i) EXPECT_THAT(get(*object(i)), Optional(std::string(5'000, 'c')));
}

TEST_F(ObjectStoreTest, CheckpointsLetTheLogGo) {
  auto storage = object(1);
  for (int i = 0; i < 200; ++i)
    ASSERT_TRUE(put(*storage, std::string(3'000, static_cast<char>(i))));
  EXPECT_GT(log_->statistics().segments, 5U);
  ASSERT_TRUE(store_->checkpoint());
  log_->run_queued();
  EXPECT_EQ(log_->statistics().segments, 1U);
}

TEST_F(ObjectStoreTest, ReopenedBeforeItsCommitsArriveAnObjectKnowsIt) {
  auto storage = object(1);
  ASSERT_TRUE(storage->put("key", "on its way"));
  ASSERT_TRUE(storage->commit(nullptr));
  storage.reset();
  storage = object(1);
  EXPECT_THAT(get(*storage), Optional(std::string("on its way")));
  EXPECT_FALSE(storage->durable());
  bool arrived = false;
  storage->when_durable([&arrived](const Status& status) { arrived = status.has_value(); });
  EXPECT_TRUE(arrived);
  EXPECT_TRUE(storage->durable());
}

/// Loop threads with objects of their own, while checkpoints and the log work in the background.
TEST(ObjectStoreThreadsTest, ObjectsKeepTheirDataUnderCheckpointsInTheBackground) {
  constexpr int kThreads = 3;
  constexpr int kObjects = 5;  // of each thread
  constexpr int kCommits = 300;
  store::SimulatedFileSystem disk{7};
  auto key = [](int n) { return "k" + std::to_string(n % 30); };
  auto value = [](int n) {
    return std::to_string(n) + std::string(static_cast<size_t>(n % 7) * 600, 'v');
  };
  for (int round = 0; round < 2; ++round) {
    auto log = *LocalCommitLog::open(disk, "/log", {.segment_size = 128 * 1024});
    auto store = *ObjectStore::open("/objects", *log, disk,
                                    {.checkpoint_log_bytes = 400'000, .dirty_pages = 30});
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        std::mt19937 random(static_cast<uint32_t>(t));
        std::map<int, std::unique_ptr<ObjectStorage>> open_objects;
        for (int n = 0; n < kCommits; ++n) {
          for (int o = 0; o < kObjects; ++o) {
            int number = 1 + t * kObjects + o;
            auto& storage = open_objects[o];
            if (!storage) storage = std::move(*store->open_object("ns", id_of(number)));
            if (n > 0) {
              auto last = storage->get(key(n - 1));
              ASSERT_TRUE(last) << last.error().describe();
              ASSERT_EQ(*last, value(n - 1));
            }
            ASSERT_TRUE(storage->put(key(n), value(n)));
            auto committed = storage->commit(
                [](uint64_t, const Status& status) { EXPECT_TRUE(status.has_value()); });
            ASSERT_TRUE(committed) << committed.error().describe();
            if (random() % 20 == 0) storage.reset();
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_GT(store->statistics().checkpointed_objects, 0U);
    EXPECT_EQ(store->statistics().checkpoint_failures, 0U);
  }
}

// Committed pages used to wait in memory for a limit that quiet objects never pass.
TEST(ObjectStoreInTheBackground, CheckpointsWhenNothingIsCommittedAnyMore) {
  store::SimulatedFileSystem disk(1);
  auto log = LocalCommitLog::open(disk, "/log", {.segment_size = 64 * 1024});
  ASSERT_TRUE(log) << log.error().describe();
  auto store =
      ObjectStore::open("/objects", **log, disk, {.quiet_time = std::chrono::milliseconds(1)});
  ASSERT_TRUE(store) << store.error().describe();
  auto storage = (*store)->open_object("ns", id_of(1));
  ASSERT_TRUE(storage);
  ASSERT_TRUE((*storage)->put("key", "value"));
  ASSERT_TRUE((*storage)->commit({}));
  storage->reset();
  while ((*store)->statistics().objects_in_memory != 0) std::this_thread::yield();
  EXPECT_EQ((*store)->statistics().dirty_pages, 0U);
  EXPECT_EQ((*store)->statistics().checkpointed_objects, 1U);
}

}  // namespace
}  // namespace selvage::object
