#include "store/local_commit_log.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "store/simulated_file_system.h"

namespace selvage::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr uint64_t kSegmentSize = 64 * 1024;

class LocalCommitLogTest : public testing::Test {
 protected:
  void SetUp() override { open(); }

  void open() {
    log_.reset();
    auto log = LocalCommitLog::open(disk_, "/log", options_);
    ASSERT_TRUE(log) << log.error().describe();
    log_ = std::move(*log);
  }
  Error open_error() {
    log_.reset();
    auto log = LocalCommitLog::open(disk_, "/log", options_);
    EXPECT_FALSE(log);
    return log ? Error{} : log.error();
  }

  /// Queues; outcomes are gathered in `outcomes_` as "object:sequence" with '!' after a failure.
  void append(std::string object, uint64_t epoch, uint64_t sequence, std::string payload = "p") {
    std::string name = fmt::format("{}:{}", object, sequence);
    log_->append({std::move(object), epoch, sequence, std::move(payload)},
                 [this, name](const Status& status) {
                   outcomes_.push_back(name + (status ? "" : "!"));
                   if (!status) last_error_ = status.error();
                 });
  }
  std::vector<std::string> run() {
    log_->run_queued();
    return std::exchange(outcomes_, {});
  }
  std::vector<std::string> recovered() {
    std::vector<std::string> records;
    Status status = log_->recover([&records](const Record& record) -> Status {
      records.push_back(fmt::format("{}:{}={}", record.object, record.sequence, record.payload));
      return {};
    });
    EXPECT_TRUE(status) << status.error().describe();
    return records;
  }
  std::vector<std::string> files() {
    std::vector<std::string> names = *disk_.list("/log");
    return names;
  }
  static std::string segment(uint64_t number) { return "/log/" + segment_file_name(number); }

  SimulatedFileSystem disk_{1};
  LocalCommitLogOptions options_{.segment_size = kSegmentSize,
                                 .retry_interval = std::chrono::milliseconds(0),
                                 .threads = false};
  std::unique_ptr<LocalCommitLog> log_;
  std::vector<std::string> outcomes_;
  Error last_error_;
};

TEST_F(LocalCommitLogTest, WhatIsQueuedTogetherIsOneBatchAndComesBackInOrder) {
  append("a", 1, 1, "one");
  append("b", 1, 5, "five");
  append("a", 1, 2, "two");
  EXPECT_EQ(log_->statistics().waiting, 3U);
  EXPECT_THAT(run(), ElementsAre("a:1", "b:5", "a:2"));
  EXPECT_EQ(log_->statistics().waiting, 0U);
  EXPECT_EQ(log_->statistics().batches, 1U);
  EXPECT_EQ(log_->statistics().records, 3U);
  open();
  EXPECT_THAT(recovered(), ElementsAre("a:1=one", "b:5=five", "a:2=two"));
}

TEST_F(LocalCommitLogTest, NothingIsAcknowledgedThatPowerLossTakes) {
  append("a", 1, 1);
  EXPECT_THAT(run(), ElementsAre("a:1"));
  disk_.cut_power_after(1);  // the write passes, its sync does not
  append("a", 1, 2);
  EXPECT_THAT(run(), ElementsAre("a:2!"));
  log_.reset();
  disk_.restart();
  open();
  EXPECT_THAT(recovered(), testing::Contains("a:1=p"));
}

TEST_F(LocalCommitLogTest, AGapAnOldEpochAndABadNameAreRefused) {
  append("a", 2, 10);
  append("a", 2, 12);
  append("a", 1, 11);
  append("a", 3, 20);
  append("", 1, 1);
  EXPECT_THAT(run(), ElementsAre("a:10", "a:12!", "a:11!", "a:20", ":1!"));
  open();
  EXPECT_THAT(recovered(), ElementsAre("a:10=p", "a:20=p"));
}

TEST_F(LocalCommitLogTest, EpochsAndSequencesOnlyGrowOverRestarts) {
  Ownership first = *log_->acquire("a");
  append("a", first.epoch, first.sequence + 1);
  run();
  Ownership second = *log_->acquire("b");
  EXPECT_GT(second.epoch, first.epoch);
  EXPECT_GE(second.sequence, first.sequence + 1);
  append("b", second.epoch, second.sequence + 1);
  run();
  open();
  Ownership third = *log_->acquire("a");
  EXPECT_GT(third.epoch, second.epoch);
  EXPECT_GE(third.sequence, second.sequence + 1);
}

TEST_F(LocalCommitLogTest, CheckpointedRecordsDoNotComeBack) {
  append("a", 1, 1);
  append("a", 1, 2);
  append("b", 1, 1);
  log_->checkpoint("a", 1);
  run();
  open();
  EXPECT_THAT(recovered(), ElementsAre("a:2=p", "b:1=p"));
  log_->checkpoint("a", 2);
  append("a", 1, 3);
  run();
  open();
  EXPECT_THAT(recovered(), ElementsAre("b:1=p", "a:3=p"));
}

TEST_F(LocalCommitLogTest, SegmentsFollowEachOtherAndGoOldestFirst) {
  for (uint64_t i = 1; i <= 30; ++i) {
    append("a", 1, i, std::string(10'000, 'a'));
    append("b", 1, i, "b");
    run();
  }
  uint64_t segments = log_->statistics().segments;
  EXPECT_GT(segments, 4U);
  log_->checkpoint("a", 30);
  run();
  EXPECT_GE(log_->statistics().segments, segments);  // b's records hold all of them
  log_->checkpoint("b", 15);
  run();
  uint64_t fewer = log_->statistics().segments;
  EXPECT_LT(fewer, segments);
  EXPECT_GT(fewer, 1U);
  open();
  EXPECT_EQ(recovered().size(), 15U);
  log_->checkpoint("b", 30);
  run();
  EXPECT_EQ(log_->statistics().segments, 1U);
  EXPECT_THAT(files(), ElementsAre(HasSubstr("segment-"), "spare.log"));
  open();
  EXPECT_THAT(recovered(), IsEmpty());
}

TEST_F(LocalCommitLogTest, StartsWithoutAWriteLeaveNoSegmentsBehind) {
  append("a", 1, 1, "one");
  run();
  append("b", 1, 1, "two");
  run();
  for (int start = 0; start < 10; ++start) {
    open();
    EXPECT_THAT(recovered(), ElementsAre("a:1=one", "b:1=two"));
    disk_.cut_power_after(0);
    log_.reset();
    disk_.restart();
  }
  open();
  EXPECT_THAT(recovered(), ElementsAre("a:1=one", "b:1=two"));
  EXPECT_EQ(log_->statistics().segments, 2U);
  // And it goes on as ever.
  append("a", 2, 2, "three");
  EXPECT_THAT(run(), ElementsAre("a:2"));
  log_->checkpoint("b", 1);
  log_->checkpoint("a", 2);
  run();
  EXPECT_EQ(log_->statistics().segments, 1U);
}

TEST_F(LocalCommitLogTest, WhatShortSessionsLeaveIsAsLongAsWhatTheyWrote) {
  std::vector<std::string> expected;
  for (uint64_t session = 1; session <= 10; ++session) {
    append("a", session, session, "p");
    run();
    expected.push_back(fmt::format("a:{}=p", session));
    disk_.cut_power_after(0);
    log_.reset();
    disk_.restart(/*power_was_lost=*/false);
    open();
    EXPECT_EQ(recovered(), expected);
  }
  uint64_t bytes = 0;
  for (uint64_t number = 1; number <= 10; ++number)
    bytes += disk_.content(segment(number)).value_or("").size();
  EXPECT_LE(bytes, 10 * 3 * kLogBlockSize + kSegmentSize);
}

TEST_F(LocalCommitLogTest, ARecordLargerThanASegmentGetsOneOfItsSize) {
  std::string large(5 * kSegmentSize, 'x');
  append("a", 1, 1);
  append("a", 1, 2, large);
  append("a", 1, 3);
  EXPECT_THAT(run(), ElementsAre("a:1", "a:2", "a:3"));
  open();
  EXPECT_THAT(recovered(), ElementsAre("a:1=p", "a:2=" + large, "a:3=p"));
}

TEST_F(LocalCommitLogTest, ATornTailIsForgotten) {
  append("a", 1, 1);
  run();
  append("a", 1, 2, std::string(9'000, 'x'));
  run();
  std::string bytes = *disk_.content(segment(1));
  for (size_t torn_at : {2 * kLogBlockSize, 3 * kLogBlockSize, 3 * kLogBlockSize + 700}) {
    std::string torn = bytes;
    std::fill(torn.begin() + static_cast<ptrdiff_t>(torn_at), torn.end(), '\0');
    log_.reset();
    disk_.set_content(segment(1), torn);
    open();
    EXPECT_THAT(recovered(), ElementsAre("a:1=p")) << torn_at;
  }
  // And what comes next is found behind it.
  append("a", 1, 2, "again");
  EXPECT_THAT(run(), ElementsAre("a:2"));
  open();
  EXPECT_THAT(recovered(), ElementsAre("a:1=p", "a:2=again"));
}

TEST_F(LocalCommitLogTest, DamageBeforeTheEndIsAnErrorAndNotATornTail) {
  for (uint64_t i = 1; i <= 20; ++i) {
    append("a", 1, i, std::string(5'000, 'x'));
    run();
  }
  log_.reset();
  for (uint64_t number : {uint64_t{1}, uint64_t{2}}) {
    std::string bytes = *disk_.content(segment(number));
    std::string damaged = bytes;
    damaged[2 * kLogBlockSize + 100] ^= 1;
    disk_.set_content(segment(number), damaged);
    Error error = open_error();
    EXPECT_EQ(error.code, ErrorCode::corrupt);
    EXPECT_THAT(error.message, HasSubstr("damaged at byte"));
    disk_.set_content(segment(number), bytes);
  }
  open();
  EXPECT_EQ(recovered().size(), 20U);
}

TEST_F(LocalCommitLogTest, AMissingOrMisplacedSegmentIsAnError) {
  for (uint64_t i = 1; i <= 40; ++i) {
    append("a", 1, i, std::string(5'000, 'x'));
    run();
  }
  log_.reset();
  std::string second = *disk_.content(segment(2));
  ASSERT_TRUE(disk_.remove(segment(2)));
  EXPECT_THAT(open_error().message, HasSubstr("lacks segment-0000000000000002.log"));
  disk_.set_content(segment(2), *disk_.content(segment(3)));
  EXPECT_THAT(open_error().message, HasSubstr("holds segment 3"));
  disk_.set_content(segment(2), "short");
  EXPECT_EQ(open_error().code, ErrorCode::corrupt);
  disk_.set_content(segment(2), second);
  open();
}

TEST_F(LocalCommitLogTest, AFailedBatchNeverHappenedEvenIfItsBytesAreThere) {
  uint64_t epoch = log_->acquire("a")->epoch;
  append("a", epoch, 1);
  append("b", epoch, 1);
  run();
  disk_.fail_after(1);  // the sync
  append("a", epoch, 2, "lost");
  EXPECT_THAT(run(), ElementsAre("a:2!"));
  // The failed owner stays out, a new one follows what is known to be there.
  append("a", epoch, 3);
  append("b", epoch, 2);
  EXPECT_THAT(run(), ElementsAre("a:3!", "b:2"));
  Ownership ownership = *log_->acquire("a");
  append("a", ownership.epoch, ownership.sequence + 1, "new");
  EXPECT_EQ(run().size(), 1U);
  open();
  EXPECT_THAT(recovered(), ElementsAre("a:1=p", "b:1=p", "b:2=p", HasSubstr("=new")));
}

// The system shows what it could not write, until the power goes: a later sync does not bring it to
// the disk. So what was found at a start, once, must be written again before anything relies on it.
TEST_F(LocalCommitLogTest, WhatWasFoundAfterAFailedSyncStaysEvenWithoutPower) {
  int found = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SimulatedFileSystem disk(seed);
    auto records = [&disk, this] {
      auto log = LocalCommitLog::open(disk, "/log", options_);
      EXPECT_TRUE(log) << log.error().describe();
      std::vector<std::string> payloads;
      if (log) {
        EXPECT_TRUE((*log)->recover([&payloads](const Record& record) -> Status {
          payloads.push_back(record.payload);
          return {};
        }));
      }
      return payloads;
    };
    {
      auto log = LocalCommitLog::open(disk, "/log", options_);
      ASSERT_TRUE(log);
      (*log)->append({"a", 1, 1, "kept"}, nullptr);
      (*log)->run_queued();
      disk.fail_one(DiskOperation::sync, 0);
      (*log)->append({"a", 1, 2, std::string(5000, 'x')}, nullptr);
      (*log)->run_queued();
      disk.cut_power_after(0);
    }
    EXPECT_FALSE(disk.sync_directory("/log"));
    disk.restart(/*power_was_lost=*/false);
    const std::vector<std::string> before = records();
    found += before.size() == 2 ? 1 : 0;
    disk.cut_power_after(0);
    EXPECT_FALSE(disk.sync_directory("/log"));
    disk.restart();
    EXPECT_EQ(records(), before) << "seed " << seed;
  }
  EXPECT_GT(found, 0);
}

TEST_F(LocalCommitLogTest, ReadingAfterAFailureShowsWhatCountsFromThenOn) {
  append("a", 1, 1, "kept");
  append("b", 1, 1);
  run();
  disk_.fail_after(1);
  append("a", 1, 2, "lost");
  run();
  std::vector<std::string> seen;
  Status status = log_->read("a", [&seen](const Record& record) -> Status {
    seen.push_back(record.payload);
    return {};
  });
  ASSERT_TRUE(status) << status.error().describe();
  EXPECT_THAT(seen, ElementsAre("kept"));
  // A power loss right now brings nothing back.
  disk_.cut_power_after(0);
  log_.reset();
  disk_.restart();
  open();
  EXPECT_THAT(recovered(), ElementsAre("a:1=kept", "b:1=p"));
}

TEST_F(LocalCommitLogTest, AFullDiskRefusesAndHarmsNothing) {
  append("a", 1, 1);
  run();
  disk_.set_capacity(2 * kSegmentSize + 10'000);
  uint64_t acknowledged = 1;
  Ownership ownership{.epoch = 1, .sequence = 1};
  for (int i = 0; i < 40; ++i) {
    append("a", ownership.epoch, ownership.sequence + 1, std::string(5'000, 'x'));
    if (run().front().back() == '!') break;
    ++ownership.sequence;
    ++acknowledged;
  }
  ASSERT_LT(acknowledged, 40U);
  EXPECT_EQ(last_error_.code, ErrorCode::limit_exceeded);
  EXPECT_THAT(last_error_.message, HasSubstr("No space left"));

  // Others fail too, and the log goes on once there is room.
  append("b", 1, 1);
  EXPECT_THAT(run(), ElementsAre("b:1!"));
  disk_.set_capacity(UINT64_MAX);
  append("c", 1, 1);
  EXPECT_THAT(run(), ElementsAre("c:1"));
  open();
  std::vector<std::string> records = recovered();
  EXPECT_EQ(records.size(), acknowledged + 1);
  EXPECT_EQ(records.back(), "c:1=p");
}

TEST_F(LocalCommitLogTest, ABarrierPassesAfterAllBeforeIt) {
  append("a", 1, 1);
  append("a", 1, 9);
  std::vector<std::string> before;
  log_->barrier([this, &before](const Status&) { before = outcomes_; });
  EXPECT_THAT(before, ElementsAre("a:1", "a:9!"));
}

TEST_F(LocalCommitLogTest, AnUnclosedLogCanBeReadByTheNextOne) {
  append("a", 1, 1);
  run();
  auto next = LocalCommitLog::open(disk_, "/log", options_);
  ASSERT_TRUE(next);
  log_ = std::move(*next);
  EXPECT_THAT(recovered(), ElementsAre("a:1=p"));
}

/// With its own threads, on the real disk.
TEST(LocalCommitLogThreadsTest, ManyThreadsAppendAndEachObjectKeepsItsOrder) {
  constexpr int kThreads = 4;
  constexpr uint64_t kRecords = 500;
  SimulatedFileSystem disk{2};
  LocalCommitLogOptions options{.segment_size = 128 * 1024};
  {
    auto log = *LocalCommitLog::open(disk, "/log", options);
    std::atomic<uint64_t> durable{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        std::string object = "object" + std::to_string(t);
        Ownership ownership = *log->acquire(object);
        std::atomic<uint64_t> expected{ownership.sequence};
        std::promise<void> last;
        for (uint64_t i = 1; i <= kRecords; ++i) {
          uint64_t sequence = ownership.sequence + i;
          log->append({object, ownership.epoch, sequence, std::string(300, 'x')},
                      [&, sequence, i](const Status& status) {
                        EXPECT_TRUE(status);
                        EXPECT_EQ(expected.exchange(sequence) + 1, sequence);
                        ++durable;
                        if (i == kRecords) last.set_value();
                      });
          if (i % 100 == 0) log->checkpoint(object, sequence - 50);
        }
        last.get_future().wait();
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(durable.load(), kThreads * kRecords);
  }
  auto log = *LocalCommitLog::open(disk, "/log", options);
  uint64_t records = 0;
  ASSERT_TRUE(log->recover([&records](const Record&) -> Status {
    ++records;
    return {};
  }));
  EXPECT_EQ(records, kThreads * 50U);
}

}  // namespace
}  // namespace selvage::store
