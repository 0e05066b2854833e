#include "kv/kv_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <random>

namespace selvage::kv {
namespace {

using testing::ElementsAre;

class KvStoreTest : public testing::Test {
 protected:
  KvStoreTest() {
    std::string pattern = testing::TempDir() + "kv-XXXXXX";
    directory_ = mkdtemp(pattern.data());
    open();
  }
  ~KvStoreTest() override {
    close();
    std::filesystem::remove_all(directory_);
  }

  void open(size_t cache_bytes = 1024 * 1024) {
    auto store = KvStore::open(directory_, feed_,
                               {.cache_bytes = cache_bytes,
                                .sweep_interval = std::chrono::milliseconds(0),
                                .wal_bytes = 1024 * 1024,
                                .now = [this] { return now_.load(); }});
    ASSERT_TRUE(store) << store.error().describe();
    store_ = std::move(*store);
    auto reader = store_->reader();
    ASSERT_TRUE(reader) << reader.error().describe();
    reader_ = std::move(*reader);
  }
  void close() {
    reader_.reset();
    store_.reset();
  }

  Status write(std::vector<KvWrite> writes) {
    std::promise<Status> done;
    store_->write(std::move(writes), [&done](const Status& status) { done.set_value(status); });
    return done.get_future().get();
  }
  void put(std::string key, std::string value, std::optional<int64_t> expiration = std::nullopt) {
    Status status =
        write({{.namespace_id = "ns",
                .key = std::move(key),
                .entry = KvEntry{.value = std::move(value), .expiration = expiration}}});
    ASSERT_TRUE(status) << status.error().describe();
  }
  void erase(std::string key) {
    ASSERT_TRUE(write({{.namespace_id = "ns", .key = std::move(key)}}));
  }
  std::optional<std::string> get(std::string_view key) {
    auto entry = reader_->get("ns", key);
    EXPECT_TRUE(entry) << entry.error().describe();
    if (!entry || !*entry) return std::nullopt;
    return (*entry)->value;
  }
  std::vector<std::string> keys(const KvListOptions& options) {
    auto page = reader_->list("ns", options);
    EXPECT_TRUE(page) << page.error().describe();
    std::vector<std::string> names;
    for (auto& key : page->keys) names.push_back(key.name);
    return names;
  }

  std::string directory_;
  std::atomic<int64_t> now_{1'000};
  store::LocalChangeFeed feed_;
  std::unique_ptr<KvStore> store_;
  std::unique_ptr<KvReader> reader_;
};

TEST_F(KvStoreTest, AWriteIsReadOnceAcknowledged) {
  EXPECT_EQ(get("key"), std::nullopt);
  put("key", "one");
  EXPECT_EQ(get("key"), "one");
  put("key", "two");
  EXPECT_EQ(get("key"), "two");
  erase("key");
  EXPECT_EQ(get("key"), std::nullopt);
}

TEST_F(KvStoreTest, EveryReaderSeesAnAcknowledgedWrite) {
  auto other = store_->reader();
  ASSERT_TRUE(other);
  for (int i = 0; i < 20; ++i) {
    put("key", std::to_string(i));
    EXPECT_EQ(get("key"), std::to_string(i));
    auto entry = (*other)->get("ns", "key");
    ASSERT_TRUE(entry && *entry);
    EXPECT_EQ((*entry)->value, std::to_string(i));
  }
}

TEST_F(KvStoreTest, EntriesOutliveTheStore) {
  ASSERT_TRUE(write(
      {{.namespace_id = "ns",
        .key = "key",
        .entry = KvEntry{
            .value = std::string("\0v\xff", 3), .metadata = "{\"a\":1}", .expiration = 2'000}}}));
  close();
  open();
  auto entry = reader_->get("ns", "key");
  ASSERT_TRUE(entry && *entry);
  EXPECT_EQ(
      **entry,
      (KvEntry{.value = std::string("\0v\xff", 3), .metadata = "{\"a\":1}", .expiration = 2'000}));
}

TEST_F(KvStoreTest, AnOrderlyEndLeavesALogThatIsEmptyAndReady) {
  const std::string path = directory_ + "/kv.sqlite-wal";
  const auto head = [&path] {
    std::string bytes(32, 'x');
    std::ifstream(path, std::ios::binary).read(bytes.data(), 32);
    return bytes;
  };
  put("key", "one");
  close();
  const auto ready = std::filesystem::file_size(path);
  EXPECT_GE(ready, 1024U * 1024);
  EXPECT_EQ(head(), std::string(32, '\0'));
  // As a command does it.
  {
    auto store = KvStore::open(directory_, feed_, {.wal_bytes = 0});
    ASSERT_TRUE(store && (*store)->create_namespace("made"));
  }
  EXPECT_EQ(std::filesystem::file_size(path), ready);
  for (int i = 0; i < 3; ++i) {
    open();
    EXPECT_FALSE(std::filesystem::exists(path + ".tmp"));
    EXPECT_EQ(get("key"), "one");
    EXPECT_EQ(get("other"), i == 0 ? std::nullopt : std::optional<std::string>("two"));
    put("other", "two");
    EXPECT_EQ(std::filesystem::file_size(path), ready);
    close();
  }
}

TEST_F(KvStoreTest, NamespacesAreApart) {
  put("key", "value");
  auto entry = reader_->get("other", "key");
  ASSERT_TRUE(entry);
  EXPECT_EQ(*entry, nullptr);
  auto page = reader_->list("other", {});
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->keys.empty());
}

TEST_F(KvStoreTest, ExpiryIsExactWhetherTheEntryIsRememberedOrNot) {
  put("key", "value", 1'100);
  now_ = 1'099;
  EXPECT_EQ(get("key"), "value");
  EXPECT_THAT(keys({}), ElementsAre("key"));
  now_ = 1'100;
  EXPECT_EQ(get("key"), std::nullopt);
  EXPECT_THAT(keys({}), ElementsAre());
  auto fresh = store_->reader();
  ASSERT_TRUE(fresh);
  auto entry = (*fresh)->get("ns", "key");
  ASSERT_TRUE(entry);
  EXPECT_EQ(*entry, nullptr);
}

TEST_F(KvStoreTest, ASweepRemovesWhatExpiredAndNothingElse) {
  for (int i = 0; i < 2'500; ++i) {
    std::string key = "k" + std::to_string(i);
    store_->put("ns", key, {.value = "v", .expiration = i < 2'400 ? 1'500 : 5'000}, nullptr);
  }
  put("forever", "v");
  now_ = 1'500;
  ASSERT_TRUE(store_->sweep());
  auto database = store::Database::open(directory_ + "/kv.sqlite", SQLITE_OPEN_READONLY);
  ASSERT_TRUE(database);
  auto count = database->prepare("SELECT count(*) FROM entries");
  ASSERT_TRUE(count && count->step());
  EXPECT_EQ(count->integer(0), 101);
}

TEST_F(KvStoreTest, ListsComeInByteOrderAndPages) {
  for (const char* key : {"b", "a", "ab", "B", "\xc3\xa9", "\xf0\x9f\x9a\x80", "c"}) put(key, "v");
  EXPECT_THAT(keys({}), ElementsAre("B", "a", "ab", "b", "c", "\xc3\xa9", "\xf0\x9f\x9a\x80"));
  EXPECT_THAT(keys({.prefix = "a"}), ElementsAre("a", "ab"));
  EXPECT_THAT(keys({.prefix = "\xf0\x9f"}), ElementsAre("\xf0\x9f\x9a\x80"));

  auto first = reader_->list("ns", {.limit = 3});
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->complete);
  put("aa", "comes before the cursor");
  put("bb", "comes after it");
  EXPECT_THAT(keys({.cursor = first->cursor}),
              ElementsAre("b", "bb", "c", "\xc3\xa9", "\xf0\x9f\x9a\x80"));
  auto exact = reader_->list("ns", {.prefix = "a", .limit = 3});
  ASSERT_TRUE(exact);
  EXPECT_TRUE(exact->complete);
  EXPECT_EQ(exact->cursor, "");
  EXPECT_FALSE(reader_->list("ns", {.cursor = "not a cursor"}));
}

TEST_F(KvStoreTest, ListsCarryMetadataAndExpiration) {
  ASSERT_TRUE(write({{.namespace_id = "ns",
                      .key = "key",
                      .entry = KvEntry{.value = "v", .metadata = "\"m\"", .expiration = 2'000}}}));
  auto page = reader_->list("ns", {});
  ASSERT_TRUE(page);
  EXPECT_THAT(page->keys, ElementsAre(KvListPage::Key{
                              .name = "key", .expiration = 2'000, .metadata = "\"m\""}));
}

TEST_F(KvStoreTest, ManyWritesGoTogetherOrNotAtAll) {
  put("a", "old");
  std::string too_long(33 * 1024 * 1024, 'x');
  Status status = write({{.namespace_id = "ns", .key = "a", .entry = KvEntry{.value = "new"}},
                         {.namespace_id = "ns", .key = "b", .entry = KvEntry{.value = too_long}}});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(get("a"), "old");
  ASSERT_TRUE(write({{.namespace_id = "ns", .key = "a", .entry = KvEntry{.value = "new"}},
                     {.namespace_id = "ns", .key = "b", .entry = KvEntry{.value = "new"}},
                     {.namespace_id = "ns", .key = "a"}}));
  EXPECT_EQ(get("a"), std::nullopt);
  EXPECT_EQ(get("b"), "new");
}

TEST_F(KvStoreTest, CountsWhatWaitsAndHowManyWritesACommitMakesDurable) {
  std::promise<void> held, go_on;
  store_->put("ns", "first", {.value = "v"}, [&](const Status&) {
    held.set_value();
    go_on.get_future().wait();
  });
  held.get_future().wait();  // the writer is busy from now on
  for (const char* key : {"a", "b", "c"}) store_->put("ns", key, {.value = "v"}, nullptr);
  EXPECT_EQ(store_->statistics().waiting, 3U);
  go_on.set_value();
  ASSERT_TRUE(store_->sweep());  // behind them
  const auto statistics = store_->statistics();
  EXPECT_EQ(statistics.waiting, 0U);
  EXPECT_EQ(statistics.commits, 2U);
  EXPECT_EQ(statistics.requests, 4U);
  EXPECT_EQ(statistics.failures, 0U);
}

TEST_F(KvStoreTest, AValueOf25MegabytesIsKept) {
  std::string value(25 * 1024 * 1024, 'v');
  put("key", value);
  EXPECT_TRUE(get("key") == value);
}

TEST_F(KvStoreTest, ASpilledValueIsStoredLikeAnyOther) {
  const KvLimits limits;
  KvUpload upload(limits, store_->directory());
  const std::string value(3'000'000, 'v');
  ASSERT_TRUE(upload.append(value));
  auto finished = upload.finish();
  ASSERT_TRUE(finished && finished->spilled);
  ASSERT_TRUE(write({{.namespace_id = "ns",
                      .key = "key",
                      .entry = KvEntry{.long_value = std::move(finished->spilled)}}}));
  EXPECT_TRUE(get("key") == value);
}

TEST_F(KvStoreTest, NamespacesAreMadeListedRenamedAndRemoved) {
  ASSERT_TRUE(store_->create_namespace("made"));
  EXPECT_EQ(store_->create_namespace("made").error().code, ErrorCode::already_exists);
  put("a", "12345");
  put("gone", "12345", 1'500);
  now_ = 2'000;
  auto all = reader_->namespaces();
  ASSERT_TRUE(all) << all.error().describe();
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].id, "made");
  EXPECT_EQ((*all)[0].keys, 0u);
  EXPECT_EQ((*all)[1].id, "ns");
  EXPECT_EQ((*all)[1].keys, 1u);
  EXPECT_EQ((*all)[1].bytes, 5u);

  EXPECT_EQ(get("a"), "12345");  // is remembered from now on
  ASSERT_TRUE(store_->rename_namespace("ns", "other"));
  EXPECT_EQ(get("a"), std::nullopt);
  put("a", "new");
  EXPECT_EQ(get("a"), "new");
  auto renamed = reader_->get("other", "a");
  ASSERT_TRUE(renamed && *renamed);
  EXPECT_EQ((*renamed)->value, "12345");
  EXPECT_EQ(store_->rename_namespace("ns", "other").error().code, ErrorCode::already_exists);
  EXPECT_EQ(store_->rename_namespace("nowhere", "x").error().code, ErrorCode::not_found);

  for (int i = 0; i < 2'500; ++i) {
    store_->put("ns", "k" + std::to_string(i), {.value = "v"}, nullptr);
  }
  ASSERT_TRUE(store_->erase_namespace("ns"));
  EXPECT_EQ(get("a"), std::nullopt);
  EXPECT_THAT(keys({}), ElementsAre());
  EXPECT_EQ(store_->erase_namespace("ns").error().code, ErrorCode::not_found);
  renamed = reader_->get("other", "a");
  ASSERT_TRUE(renamed && *renamed);
}

TEST_F(KvStoreTest, BehavesLikeAMapWithASmallMemory) {
  close();
  open(/*cache_bytes=*/4'000);
  uint32_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  std::map<std::string, std::string> expected;
  for (int i = 0; i < 2'000; ++i) {
    std::string key = "key" + std::to_string(random() % 60);
    switch (random() % 5) {
      case 0: {
        std::string value(random() % 300, 'v');
        store_->put("ns", key, {.value = value}, nullptr);
        expected[key] = value;
        break;
      }
      case 1:
        erase(key);
        expected.erase(key);
        break;
      default: {
        put("barrier", "");  // all writes before are acknowledged
        auto found = expected.find(key);
        ASSERT_EQ(get(key), found == expected.end() ? std::nullopt : std::optional(found->second));
      }
    }
  }
}

}  // namespace
}  // namespace selvage::kv
