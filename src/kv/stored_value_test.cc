// Long values in pieces: what a reader has begun stays, what nobody reads goes, and folders that
// older versions wrote are read.
#include "kv/stored_value.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "kv/kv_store.h"

namespace selvage::kv {
namespace {

constexpr size_t kInRow = 1000;
constexpr size_t kPiece = 300;

std::string long_text(char first, size_t size = (5 * kPiece) + 7) {
  std::string text(size, first);
  for (size_t i = 0; i < size; i += 11) text[i] = static_cast<char>(i % 251);
  return text;
}

class StoredValueTest : public testing::Test {
 protected:
  StoredValueTest() {
    std::string pattern = testing::TempDir() + "stored-value-XXXXXX";
    directory_ = mkdtemp(pattern.data());
  }
  ~StoredValueTest() override {
    close();
    std::filesystem::remove_all(directory_);
  }

  void open() {
    auto store = KvStore::open(directory_, feed_,
                               {.sweep_interval = std::chrono::milliseconds(0),
                                .longest_in_row = kInRow,
                                .piece_bytes = kPiece,
                                .wal_bytes = 0,
                                .now = [this] { return now_; },
                                .threads = false});
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
    Status result;
    store_->write(std::move(writes), [&result](const Status& status) { result = status; });
    store_->run_queued();
    return result;
  }
  void put(std::string key, KvEntry entry) {
    const Status status = write({{"ns", std::move(key), std::move(entry)}});
    ASSERT_TRUE(status) << status.error().describe();
  }
  void put(std::string key, std::string value) {
    put(std::move(key), KvEntry{.value = std::move(value)});
  }
  std::optional<std::string> get(std::string_view key) {
    auto entry = reader_->get("ns", key);
    EXPECT_TRUE(entry) << entry.error().describe();
    if (!entry || !*entry) return std::nullopt;
    EXPECT_EQ((*entry)->long_value, nullptr);
    return (*entry)->value;
  }
  std::shared_ptr<const KvEntry> hold(std::string_view key) {
    auto entry = reader_->open("ns", key);
    EXPECT_TRUE(entry && *entry && (*entry)->long_value);
    return *entry;
  }
  int64_t count(const char* sql) {
    auto database = store::Database::open(directory_ + "/kv.sqlite", SQLITE_OPEN_READWRITE);
    EXPECT_TRUE(database);
    auto statement = database->prepare(sql);
    EXPECT_TRUE(statement && statement->step());
    return statement->integer(0);
  }
  int64_t pieces() { return count("SELECT count(*) FROM pieces"); }

  std::string directory_;
  int64_t now_ = 1'000;
  store::LocalChangeFeed feed_;
  std::unique_ptr<KvStore> store_;
  std::unique_ptr<KvReader> reader_;
};

TEST_F(StoredValueTest, ALongValueIsPiecesAndAShortOneIsNot) {
  open();
  put("short", std::string(kInRow, 's'));
  EXPECT_EQ(pieces(), 0);
  put("long", long_text('l'));
  EXPECT_EQ(pieces(), 6);
  EXPECT_EQ(count("SELECT max(length(bytes)) FROM pieces"), int64_t{kPiece});
  EXPECT_EQ(get("short"), std::string(kInRow, 's'));
  EXPECT_EQ(get("long"), long_text('l'));
  auto spaces = reader_->namespaces();
  ASSERT_TRUE(spaces);
  EXPECT_EQ(spaces->front().bytes, kInRow + long_text('l').size());
}

TEST_F(StoredValueTest, AnyPartOfALongValueCanBeRead) {
  open();
  const std::string text = long_text('t');
  put("key", text);
  const auto entry = hold("key");
  EXPECT_EQ(entry->value, "");
  ASSERT_EQ(entry->size(), text.size());
  for (size_t offset = 0; offset <= text.size() + 1; offset += 7) {
    for (const size_t size : {size_t{1}, kPiece - 1, kPiece, 2 * kPiece + 1, text.size()}) {
      const auto part = entry->long_value->read(offset, size);
      ASSERT_TRUE(part) << part.error().describe();
      EXPECT_EQ(*part, offset < text.size() ? text.substr(offset, size) : "");
    }
  }
}

TEST_F(StoredValueTest, WhatIsOverwrittenErasedExpiredOrOfARemovedNamespaceLeavesNoPieces) {
  open();
  for (const char* key : {"overwritten", "shortened", "erased", "kept"}) put(key, long_text('a'));
  put("expired", KvEntry{.value = long_text('e'), .expiration = now_ + 10});
  ASSERT_TRUE(write({{"other", "key", KvEntry{.value = long_text('o')}}}));
  EXPECT_EQ(pieces(), 6 * 6);
  put("overwritten", long_text('b'));
  put("shortened", "short");
  ASSERT_TRUE(write({{"ns", "erased"}}));
  ASSERT_TRUE(store_->erase_namespace("other"));
  now_ += 10;
  ASSERT_TRUE(store_->sweep());
  EXPECT_EQ(pieces(), 2 * 6);
  EXPECT_EQ(count("SELECT count(*) FROM dropped"), 0);
  EXPECT_EQ(get("overwritten"), long_text('b'));
  EXPECT_EQ(get("shortened"), "short");
  EXPECT_EQ(get("erased"), std::nullopt);
  EXPECT_EQ(get("kept"), long_text('a'));
}

TEST_F(StoredValueTest, WhoeverHasBegunToReadReadsToTheEnd) {
  open();
  put("key", long_text('a'));
  auto first = hold("key");
  put("key", long_text('b'));
  auto second = hold("key");
  ASSERT_TRUE(write({{"ns", "key"}}));
  EXPECT_EQ(*first->long_value->read(0, 10'000), long_text('a'));
  EXPECT_EQ(*second->long_value->read(0, 10'000), long_text('b'));
  EXPECT_EQ(pieces(), 2 * 6);
  first.reset();
  put("other", "makes the writer look");
  EXPECT_EQ(pieces(), 6);
  second.reset();
  put("other", "makes the writer look");
  EXPECT_EQ(pieces(), 0);
}

TEST_F(StoredValueTest, WhatWasHeldWhenTheProcessEndedGoesAfterTheNextStart) {
  open();
  put("key", long_text('a'));
  put("kept", long_text('k'));
  const auto held = hold("key");
  put("key", "short");
  close();
  EXPECT_EQ(held->long_value->read(0, 1).error().code, ErrorCode::aborted);
  EXPECT_EQ(pieces(), 2 * 6);
  open();
  put("other", "makes the writer look");
  EXPECT_EQ(pieces(), 6);
  EXPECT_EQ(get("kept"), long_text('k'));
}

TEST_F(StoredValueTest, ARequestThatFailsLeavesTheOldValueWhole) {
  open();
  put("key", long_text('a'));
  std::string too_long(33 * 1024 * 1024, 'x');
  EXPECT_EQ(write({{"ns", "key", KvEntry{.value = too_long}}}).error().code,
            ErrorCode::limit_exceeded);
  ASSERT_FALSE(write({{"ns", "key", KvEntry{.value = long_text('b')}},
                      {"ns", "other", KvEntry{.value = std::move(too_long)}}}));
  put("third", "makes the writer look");
  EXPECT_EQ(get("key"), long_text('a'));
  EXPECT_EQ(pieces(), 6);
}

TEST_F(StoredValueTest, AMissingPieceIsAnErrorNotAShorterValue) {
  open();
  put("key", long_text('a'));
  close();
  count("DELETE FROM pieces WHERE start = 600 RETURNING start");
  open();
  auto entry = reader_->get("ns", "key");
  ASSERT_FALSE(entry);
  EXPECT_EQ(entry.error().code, ErrorCode::corrupt);
}

/// As it was before there were pieces.
TEST_F(StoredValueTest, AFolderOfTheFirstVersionIsReadAndGoesOn) {
  const std::string in_row = long_text('r', 2'000'000);
  {
    auto database = store::Database::open(directory_ + "/kv.sqlite",
                                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->execute(
        "PRAGMA journal_mode = WAL;"
        "CREATE TABLE namespaces(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
        "CREATE TABLE entries("
        "  namespace INTEGER NOT NULL, key TEXT NOT NULL, expiration INTEGER, metadata TEXT,"
        "  value BLOB NOT NULL, PRIMARY KEY(namespace, key)) WITHOUT ROWID;"
        "CREATE INDEX entries_expiration ON entries(expiration) WHERE expiration IS NOT NULL;"
        "INSERT INTO namespaces VALUES(1, 'ns');"
        "INSERT INTO entries VALUES(1, 'a', NULL, NULL, x'6f6e65');"
        "INSERT INTO entries VALUES(1, 'b', 5000, '{\"n\":1}', x'74776f');"
        "PRAGMA user_version = 1"));
    auto insert = database->prepare("INSERT INTO entries VALUES(1, 'long', NULL, NULL, ?1)");
    ASSERT_TRUE(insert);
    insert->bind_blob(1, in_row);
    ASSERT_TRUE(insert->run());
  }
  open();
  EXPECT_EQ(get("a"), "one");
  auto second = reader_->get("ns", "b");
  ASSERT_TRUE(second && *second);
  EXPECT_EQ(**second, (KvEntry{.value = "two", .metadata = "{\"n\":1}", .expiration = 5000}));
  EXPECT_TRUE(get("long") == in_row);
  auto spaces = reader_->namespaces();
  ASSERT_TRUE(spaces);
  EXPECT_EQ(spaces->front().bytes, 6 + in_row.size());
  put("a", long_text('a'));
  put("long", long_text('l'));
  close();
  open();
  EXPECT_EQ(get("a"), long_text('a'));
  EXPECT_EQ(get("long"), long_text('l'));
  EXPECT_EQ(pieces(), 2 * 6);
}

TEST_F(StoredValueTest, AFolderOfANewerVersionIsRefused) {
  open();
  close();
  {
    auto database = store::Database::open(directory_ + "/kv.sqlite", SQLITE_OPEN_READWRITE);
    ASSERT_TRUE(database && database->execute("PRAGMA user_version = 3"));
  }
  const auto store = KvStore::open(directory_, feed_);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::unsupported);
}

/// The writer overwrites one value as fast as it can while others read it: each reads one of the
/// values whole.
TEST_F(StoredValueTest, ReadersAndTheWriterDoNotMeet) {
  auto opened = KvStore::open(directory_, feed_,
                              {.sweep_interval = std::chrono::milliseconds(0),
                               .longest_in_row = kInRow,
                               .piece_bytes = kPiece,
                               .wal_bytes = 0});
  ASSERT_TRUE(opened);
  store_ = std::move(*opened);
  store_->put("ns", "key", {.value = long_text('a')}, nullptr);
  ASSERT_TRUE(store_->sweep());
  std::atomic<bool> over = false;
  std::vector<std::thread> readers;
  std::atomic<int> reads = 0;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      auto reader = store_->reader();
      ASSERT_TRUE(reader);
      while (!over) {
        auto entry = (*reader)->open("ns", "key");
        ASSERT_TRUE(entry && *entry);
        std::string text;
        for (size_t at = 0; at < (*entry)->size(); at += 100) {
          auto part = (*entry)->long_value->read(at, 100);
          ASSERT_TRUE(part) << part.error().describe();
          text += *part;
        }
        ASSERT_EQ(text, long_text(text[1], (*entry)->size()));
        ++reads;
      }
    });
  }
  for (int i = 0; i < 300 || reads < 20; ++i) {
    const auto letter = static_cast<char>('a' + i % 26);
    std::promise<Status> done;
    store_->put("ns", "key", {.value = long_text(letter, 1100 + static_cast<size_t>(i % 700))},
                [&](const Status& status) { done.set_value(status); });
    ASSERT_TRUE(done.get_future().get());
  }
  over = true;
  for (auto& reader : readers) reader.join();
}

/// Mebibytes that the process has in memory; with `peak`, the most since the last call without.
int64_t resident(bool peak) {
  if (!peak) std::ofstream("/proc/self/clear_refs") << "5";
  std::ifstream status("/proc/self/status");
  const std::string wanted = peak ? "VmHWM:" : "VmRSS:";
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(wanted)) return std::stoll(line.substr(wanted.size())) / 1024;
  return 0;
}

TEST_F(StoredValueTest, ManyLongValuesAreWrittenAndReadWithoutBeingInMemory) {
#if defined(__has_feature) && __has_feature(address_sanitizer)
  GTEST_SKIP() << "AddressSanitizer keeps what was freed";
#endif
  constexpr size_t kSize = size_t{24} << 20;
  constexpr size_t kValues = 4;
  // SQLite's pages, and what a group of writes has read of files: not one of the values.
  constexpr int64_t kMostMiB = 16;
  auto opened = KvStore::open(directory_, feed_, {.threads = false});
  ASSERT_TRUE(opened);
  store_ = std::move(*opened);
  const KvLimits limits;
  const std::string part(100'000, 'p');
  for (int round = 0; round < 2; ++round) {
    for (size_t i = 0; i < kValues; ++i) {
      KvUpload upload(limits, directory_);
      while (upload.size() < kSize) ASSERT_TRUE(upload.append(part));
      store_->put("ns", "key" + std::to_string(i),
                  {.long_value = std::move(upload.finish()->spilled)}, nullptr);
    }
    const int64_t before = resident(false);
    store_->run_queued();
    EXPECT_LT(resident(true) - before, kMostMiB);
  }
  reader_ = std::move(*store_->reader());
  const int64_t before = resident(false);
  std::vector<std::shared_ptr<const KvEntry>> entries;
  for (size_t i = 0; i < kValues; ++i) entries.push_back(hold("key" + std::to_string(i)));
  for (size_t at = 0; at < kSize; at += part.size()) {
    for (const auto& entry : entries) ASSERT_EQ(*entry->long_value->read(at, part.size()), part);
  }
  EXPECT_LT(resident(true) - before, kMostMiB);
}

}  // namespace
}  // namespace selvage::kv
