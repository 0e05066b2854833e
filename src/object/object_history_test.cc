// Histories on a disk that tears: what they give back, and what they do not mistake for theirs.
#include "object/object_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "object/bookmark.h"
#include "object/page_delta.h"
#include "object/scheduled_restores.h"
#include "store/simulated_file_system.h"

namespace selvage::object {
namespace {

using testing::HasSubstr;
using testing::Optional;

constexpr const char* kPath = "/h/x.history";

/// A database of random commits, and what it was after each.
class Model {
 public:
  explicit Model(uint64_t seed) : random_(seed) {}

  /// Changes some pages, now and then all of them; the commit as the history keeps it.
  std::string commit() {
    const uint64_t sequence = ++sequence_;
    uint32_t count = static_cast<uint32_t>(pages_.size());
    const uint32_t before = count;
    if (random_() % 12 == 0) {
      count = static_cast<uint32_t>(random_() % 3);
    } else if (random_() % 3 == 0) {
      ++count;
    }
    PageDeltaWriter writer(
        {.page_count = count, .time = sequence * 10, .from_nothing = before == 0});
    std::vector<PageBytes> next = pages_;
    next.resize(count);
    for (uint32_t i = 0; i < count; ++i) {
      const bool is_new = i >= before;
      if (!is_new && random_() % 3 != 0) continue;
      if (is_new) next[i].fill('\0');
      for (int change = 0; change < 5; ++change)
        next[i][random_() % kPageSize] = static_cast<char>(random_());
      writer.add(i + 1, is_new ? nullptr : &pages_[i], next[i]);
    }
    pages_ = std::move(next);
    states_[sequence] = bytes();
    std::string commits;
    put_history_commit(commits, sequence, std::move(writer).finish());
    return commits;
  }
  [[nodiscard]] std::string bytes() const {
    std::string all;
    for (const PageBytes& page : pages_) all.append(page.data(), page.size());
    return all;
  }
  [[nodiscard]] const std::map<uint64_t, std::string>& states() const { return states_; }
  [[nodiscard]] uint64_t sequence() const { return sequence_; }

 private:
  std::mt19937_64 random_;
  std::vector<PageBytes> pages_;
  uint64_t sequence_ = 0;
  std::map<uint64_t, std::string> states_{{0, ""}};
};

class ObjectHistoryTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(disk_.create_directories("/h")); }

  ObjectHistory opened() {
    auto history = ObjectHistory::open(disk_, kPath);
    EXPECT_TRUE(history) << history.error().describe();
    EXPECT_TRUE(*history);
    return std::move(**history);
  }
  ObjectHistory begun() {
    auto history = ObjectHistory::begin(disk_, kPath, {});
    EXPECT_TRUE(history) << history.error().describe();
    return std::move(*history);
  }
  Result<std::string> state(uint64_t sequence, uint64_t unfinished = ObjectHistory::kNone) {
    auto out = disk_.open("/h/out", store::OpenMode::create_empty);
    auto point = opened().materialize(sequence, unfinished, **out, 0);
    if (!point) return fail(std::move(point).error());
    return disk_.content("/h/out");
  }
  void expect_states(const Model& model, uint64_t first = 0) {
    for (const auto& [sequence, bytes] : model.states()) {
      if (sequence < first) continue;
      auto found = state(sequence);
      ASSERT_TRUE(found) << found.error().describe();
      ASSERT_TRUE(*found == bytes) << sequence;
    }
  }
  static void sync(const ObjectHistory& history) { ASSERT_TRUE(history.file()->sync_data()); }

  store::SimulatedFileSystem disk_{1};
};

TEST_F(ObjectHistoryTest, EveryCommitComesBack) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Model model(seed);
    ObjectHistory history = begun();
    for (int part = 0; part < 6; ++part) {
      std::string commits;
      for (int i = 0; i < 5; ++i) commits += model.commit();
      ASSERT_TRUE(history.append(commits));
    }
    expect_states(model);
  }
}

TEST_F(ObjectHistoryTest, ItStartsFromADatabaseThatWasThereBefore) {
  Model model(3);
  for (int i = 0; i < 20; ++i) model.commit();
  disk_.set_content("/h/x.sqlite", model.bytes());
  auto database = disk_.open("/h/x.sqlite", store::OpenMode::read);
  const uint64_t base = model.sequence();
  const auto pages = static_cast<uint32_t>(model.bytes().size() / kPageSize);
  auto history =
      ObjectHistory::begin_with(disk_, kPath, {.sequence = base, .page_count = pages}, **database);
  ASSERT_TRUE(history) << history.error().describe();
  std::string commits;
  for (int i = 0; i < 20; ++i) commits += model.commit();
  ASSERT_TRUE(history->append(commits));
  expect_states(model, base);
}

TEST_F(ObjectHistoryTest, WhatAFailedAttemptLeftIsWrittenAnew) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    Model model(seed);
    std::mt19937_64 random(seed);
    ObjectHistory history = begun();
    std::string commits;
    for (int i = 0; i < 4; ++i) commits += model.commit();
    ASSERT_TRUE(history.append(commits));
    sync(history);
    ASSERT_TRUE(disk_.sync_directory("/h"));
    const uint64_t finished = model.sequence();
    // What is not finished is given again, with more behind it, whatever came of it before.
    commits.clear();
    for (int i = 0; i < 6; ++i) commits += model.commit();
    if (random() % 2 == 0) disk_.fail_after(random() % 3);
    (void)history.append(commits);
    disk_.stop_faults();
    if (random() % 2 == 0) {
      disk_.cut_power_after(0);
      (void)history.append(commits);
      disk_.restart();
    }
    EXPECT_TRUE(*state(finished, finished + 1) == model.states().at(finished)) << seed;
    for (int i = 0; i < 2; ++i) commits += model.commit();
    ASSERT_TRUE(opened().append(commits));
    expect_states(model);
  }
}

TEST_F(ObjectHistoryTest, OneWhoseMakingWasInterruptedIsNone) {
  EXPECT_FALSE(*ObjectHistory::open(disk_, kPath));
  disk_.set_content(kPath, "");
  EXPECT_FALSE(*ObjectHistory::open(disk_, kPath));
  disk_.set_content(kPath, std::string(kHistoryBlock, '\0'));
  testing::internal::CaptureStderr();
  EXPECT_FALSE(*ObjectHistory::open(disk_, kPath));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(ObjectHistoryTest, AnotherHeadThatDoesNotCheckIsSaidToBeDamaged) {
  begun();
  std::string bytes = *disk_.content(kPath);
  ++bytes[20];
  disk_.set_content(kPath, bytes);
  testing::internal::CaptureStderr();
  EXPECT_FALSE(*ObjectHistory::open(disk_, kPath));
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("/h/x.history: the head of the history does not match its checksum"));
}

TEST_F(ObjectHistoryTest, OneWhoseFirstSyncFailedIsDurableWithTheNext) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    store::SimulatedFileSystem disk(seed);
    ASSERT_TRUE(disk.create_directories("/h"));
    auto history = ObjectHistory::begin(disk, kPath, {});
    ASSERT_TRUE(history && disk.sync_directory("/h"));
    Model model(seed);
    const std::string first = model.commit();
    ASSERT_TRUE(history->append(first));
    disk.fail_one(store::DiskOperation::sync, 0);
    ASSERT_FALSE(history->file()->sync_data());
    // The system still shows what it could not write.
    disk.cut_power_after(0);
    EXPECT_FALSE(disk.sync_directory("/h"));
    disk.restart(/*power_was_lost=*/false);
    auto again = ObjectHistory::open(disk, kPath);
    ASSERT_TRUE(again && *again);
    ASSERT_TRUE((*again)->append(first) && (*again)->file()->sync_data());

    disk.cut_power_after(0);
    EXPECT_FALSE(disk.sync_directory("/h"));
    disk.restart();
    again = ObjectHistory::open(disk, kPath);
    ASSERT_TRUE(again && *again) << "seed " << seed;
    auto out = disk.open("/h/out", store::OpenMode::create_empty);
    ASSERT_TRUE((*again)->materialize(1, ObjectHistory::kNone, **out, 0)) << "seed " << seed;
    EXPECT_TRUE(*disk.content("/h/out") == model.bytes()) << "seed " << seed;
  }
}

TEST_F(ObjectHistoryTest, DamageIsNotTakenForAState) {
  Model model(5);
  ObjectHistory history = begun();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(history.append(model.commit()));
  const std::string sound = *disk_.content(kPath);
  std::mt19937_64 random(5);
  for (int i = 0; i < 300; ++i) {
    std::string damaged = sound;
    damaged[random() % damaged.size()] ^= static_cast<char>(1 + random() % 255);
    disk_.set_content(kPath, damaged);
    auto opened = ObjectHistory::open(disk_, kPath);
    ASSERT_TRUE(opened);
    if (!*opened) continue;
    auto found = state(model.sequence());
    // In padding it does no harm.
    if (found) {
      EXPECT_TRUE(*found == model.bytes());
    } else {
      EXPECT_EQ(found.error().code, ErrorCode::corrupt);
    }
  }
  disk_.set_content(kPath, sound.substr(0, sound.size() - 1));
  auto short_of_one = state(model.sequence());
  ASSERT_FALSE(short_of_one);
  EXPECT_THAT(short_of_one.error().message, HasSubstr("the object's history is damaged"));
}

/// Whatever has become of the tail, what is written behind it neither takes whole commits away nor
/// makes a state that never was.
TEST_F(ObjectHistoryTest, ADamagedOrTornTailCostsNoStateThatIsWhole) {
  Model model(7);
  ObjectHistory history = begun();
  std::vector<size_t> ends;    // of the file after each part
  std::vector<uint64_t> last;  // its last commit
  for (int part = 0; part < 4; ++part) {
    ASSERT_TRUE(history.append(model.commit() + model.commit()));
    ends.push_back(disk_.content(kPath)->size());
    last.push_back(model.sequence());
  }
  const std::string sound = *disk_.content(kPath);
  const std::string next = model.commit();
  // What an attempt left that was cut off.
  const std::vector<std::string> remains = {"", "x", std::string(700, 'r'),
                                            std::string(3 * kHistoryBlock, 'r')};
  const auto damage_and_go_on = [&](const std::string& damaged, size_t damaged_at) {
    for (const std::string& behind : remains) {
      disk_.set_content(kPath, damaged + behind);
      ASSERT_TRUE(opened().append(next));
      for (const auto& [sequence, bytes] : model.states()) {
        const auto found = state(sequence);
        if (found) {
          ASSERT_TRUE(*found == bytes) << sequence << " with byte " << damaged_at << " changed, "
                                       << behind.size() << " bytes behind";
        } else {
          ASSERT_EQ(found.error().code, ErrorCode::corrupt);
        }
      }
      for (size_t part = 0; part < ends.size() && ends[part] <= damaged_at; ++part) {
        ASSERT_TRUE(state(last[part])) << damaged_at;
      }
    }
  };
  // Each byte of all chunks but the last one: what is behind it shows that it was finished.
  for (size_t at = history_chunks(history.head()); at < ends[2]; ++at) {
    std::string damaged = sound;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
    damage_and_go_on(damaged, at);
  }
}

/// Of the last chunk either its head and commits, or its trailer, say where the history ends.
TEST_F(ObjectHistoryTest, AChunkThatIsDamagedAtTheEndIsNotWrittenOver) {
  Model model(7);
  ObjectHistory history = begun();
  ASSERT_TRUE(history.append(model.commit() + model.commit()));
  const size_t start = disk_.content(kPath)->size();
  const uint64_t before = model.sequence();
  ASSERT_TRUE(history.append(model.commit() + model.commit()));
  const uint64_t last = model.sequence();
  const std::string sound = *disk_.content(kPath);
  const std::string next = model.commit();
  for (size_t at = start; at < sound.size(); ++at) {
    std::string damaged = sound;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
    disk_.set_content(kPath, damaged);
    auto end = opened().end(last + 1);
    ASSERT_TRUE(end) << at;
    ASSERT_EQ(end->offset, sound.size()) << at;
    ASSERT_EQ(end->point.sequence, last) << at;
    ASSERT_TRUE(opened().append(next));
    ASSERT_TRUE(*state(before) == model.states().at(before)) << at;
    const auto found = state(model.sequence());
    if (found) {
      ASSERT_TRUE(*found == model.bytes()) << at;
    } else {
      ASSERT_EQ(found.error().code, ErrorCode::corrupt) << at;
    }
  }
}

/// Cut anywhere: with the commits that are unfinished given again it is whole, and without them it
/// says that it is damaged.
TEST_F(ObjectHistoryTest, ATornTailIsWrittenAnewFromTheCommitsThatTheLogStillHas) {
  Model model(9);
  ObjectHistory history = begun();
  ASSERT_TRUE(history.append(model.commit() + model.commit()));
  const size_t start = disk_.content(kPath)->size();
  const uint64_t finished = model.sequence();
  const std::string commits = model.commit() + model.commit();
  ASSERT_TRUE(history.append(commits));
  const std::string whole = *disk_.content(kPath);
  for (size_t size = start; size < whole.size(); ++size) {
    for (const char filler : {'\0', 'z'}) {
      for (const bool shortened : {true, false}) {
        std::string torn = whole.substr(0, size);
        if (!shortened) torn.resize(whole.size(), filler);
        disk_.set_content(kPath, torn);
        // Behind the commits there is nothing that would be missed. And where nothing is left of
        // them, there is nothing that could tell.
        if (torn.size() == start) {
          ASSERT_TRUE(*state(model.sequence()) == model.states().at(finished));
        } else if (const auto all = state(model.sequence())) {
          ASSERT_TRUE(*all == model.bytes()) << size;
        } else {
          ASSERT_EQ(all.error().code, ErrorCode::corrupt) << size;
        }
        auto end = opened().end(finished + 1);
        ASSERT_TRUE(end) << size;
        ASSERT_EQ(end->offset, start) << size;
        ASSERT_TRUE(opened().append(commits));
        ASSERT_TRUE(*disk_.content(kPath) == whole) << size;
      }
    }
  }
}

TEST_F(ObjectHistoryTest, FoldingKeepsWhatComesAfter) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Model model(seed);
    ObjectHistory history = begun();
    for (int part = 0; part < 8; ++part) {
      std::string commits;
      for (int i = 0; i < 3; ++i) commits += model.commit();
      ASSERT_TRUE(history.append(commits));
    }
    ASSERT_TRUE(ObjectHistory::fold(disk_, kPath, 10, ObjectHistory::kNone));
    EXPECT_EQ(opened().base().sequence, 10U);
    EXPECT_EQ(opened().base().time, 100U);
    expect_states(model, 10);
    ASSERT_TRUE(opened().append(model.commit()));
    expect_states(model, 10);
    ASSERT_TRUE(ObjectHistory::fold(disk_, kPath, model.sequence(), ObjectHistory::kNone));
    expect_states(model, model.sequence());
    EXPECT_EQ(*opened().size(), history_chunks(opened().head()));
  }
}

TEST_F(ObjectHistoryTest, FoldingThatIsCutOffHarmsNothing) {
  for (uint64_t cut = 0; cut < 12; ++cut) {
    Model model(cut + 1);
    ObjectHistory history = begun();
    for (int part = 0; part < 4; ++part) ASSERT_TRUE(history.append(model.commit()));
    sync(history);
    ASSERT_TRUE(disk_.sync_directory("/h"));
    disk_.cut_power_after(cut);
    const bool folded = ObjectHistory::fold(disk_, kPath, 2, ObjectHistory::kNone).has_value();
    disk_.restart();
    expect_states(model, folded ? 2 : opened().base().sequence);
    if (folded) EXPECT_EQ(opened().base().sequence, 2U);
  }
}

TEST(BookmarkTest, BookmarksCompareAsThePointsDo) {
  const std::string id(64, 'a');
  const std::string first = Bookmark{.restores = 0, .sequence = 9}.to_string(id);
  EXPECT_EQ(first, "00000000-00000000-00000009-" + std::string(32, 'a'));
  EXPECT_EQ(*Bookmark::parse(first, id), (Bookmark{0, 9}));
  const std::string later = Bookmark{.restores = 0, .sequence = uint64_t{1} << 32}.to_string(id);
  const std::string before_restore =
      Bookmark{.restores = 0, .sequence = Bookmark::kBeforeNextRestore}.to_string(id);
  const std::string after = Bookmark{.restores = 1, .sequence = 10}.to_string(id);
  EXPECT_LT(first, later);
  EXPECT_LT(later, before_restore);
  EXPECT_LT(before_restore, after);
}

TEST(BookmarkTest, OthersAreRefused) {
  const std::string id(64, 'a');
  const std::string good = Bookmark{1, 2}.to_string(id);
  EXPECT_THAT(Bookmark::parse(good, std::string(64, 'b')).error().message,
              HasSubstr("it is another object's"));
  for (const std::string& bad :
       {std::string(), good + "0", good.substr(1), "g" + good.substr(1), "A" + good.substr(1),
        good.substr(0, 8) + "+" + good.substr(9), std::string(100'000, '0')})
    EXPECT_EQ(Bookmark::parse(bad, id).error().code, ErrorCode::invalid_argument) << bad;
}

TEST(ScheduledRestoresTest, TheyAreKeptAndForgotten) {
  store::SimulatedFileSystem disk{1};
  const auto opened = [&disk] { return std::move(*ScheduledRestores::open("/restores", disk)); };
  EXPECT_EQ(opened()->find("a"), std::nullopt);
  const ScheduledRestores::Entry entry{.sequence = 7, .restores = 2};
  auto restores = opened();
  ASSERT_TRUE(restores->set("a", {.sequence = 1, .restores = 0}));
  ASSERT_TRUE(restores->set("a", entry));
  ASSERT_TRUE(restores->set("b", entry));
  disk.cut_power_after(0);
  disk.restart();
  restores = opened();
  EXPECT_THAT(restores->find("a"), Optional(entry));
  restores->forget("a", {.sequence = 1, .restores = 0});
  EXPECT_THAT(restores->find("a"), Optional(entry)) << "another one was meant";
  restores->forget("a", entry);
  ASSERT_TRUE(restores->save());
  EXPECT_EQ(opened()->find("a"), std::nullopt);
  EXPECT_THAT(opened()->find("b"), Optional(entry));

  disk.fail_after(1);
  EXPECT_FALSE(restores->set("b", {.sequence = 8, .restores = 2}));
  EXPECT_THAT(restores->find("b"), Optional(entry)) << "what was asked for before still holds";
  ASSERT_TRUE(restores->save());
  EXPECT_THAT(opened()->find("b"), Optional(entry));

  disk.set_content("/restores", "rubbish");
  EXPECT_EQ(ScheduledRestores::open("/restores", disk).error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace selvage::object
