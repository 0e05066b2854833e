#include "object/alarm_index.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "store/simulated_file_system.h"

namespace selvage::object {
namespace {

using store::SimulatedFileSystem;

constexpr const char* kPath = "/objects/alarms";

std::map<std::string, uint64_t> times(const AlarmIndex& index) {
  std::map<std::string, uint64_t> times;
  for (const auto& [object, alarm] : index.alarms()) times[object] = alarm.time;
  return times;
}

class AlarmIndexTest : public testing::Test {
 protected:
  AlarmIndexTest() { EXPECT_TRUE(disk_.create_directories("/objects")); }

  std::unique_ptr<AlarmIndex> open() {
    auto index = AlarmIndex::open(kPath, disk_);
    EXPECT_TRUE(index) << index.error().describe();
    return index ? std::move(*index) : nullptr;
  }

  SimulatedFileSystem disk_{1};
};

TEST_F(AlarmIndexTest, WhatWasWrittenIsThereAfterOpeningAgain) {
  {
    auto index = open();
    EXPECT_FALSE(*disk_.exists(kPath)) << "no alarm, no file";
    ASSERT_TRUE(index->write({{"a", {.time = 1, .object_name = "name"}}, {"b", {.time = 2}}}));
    ASSERT_TRUE(index->write({{"b", {}}, {std::string("c\0d", 3), {.time = 3}}}));
  }
  auto index = open();
  EXPECT_EQ(times(*index),
            (std::map<std::string, uint64_t>{{"a", 1}, {std::string("c\0d", 3), 3}}));
  EXPECT_EQ(index->alarms().at("a").object_name, "name");
}

TEST_F(AlarmIndexTest, AJournalThatHasBecomeLongIsWrittenAnew) {
  auto index = open();
  ASSERT_TRUE(index->write({{"kept", {.time = 7}}}));
  const std::string name(200, 'n');
  for (uint64_t i = 1; i <= 5'000; ++i) ASSERT_TRUE(index->write({{name, {.time = i}}}));
  auto file = disk_.open(kPath, store::OpenMode::read);
  ASSERT_TRUE(file);
  EXPECT_LT(*(*file)->size(), 600'000U);
  EXPECT_EQ(times(*open()), (std::map<std::string, uint64_t>{{"kept", 7}, {name, 5'000}}));
}

TEST_F(AlarmIndexTest, AnotherFileIsNotTakenForAnIndex) {
  disk_.set_content(kPath, "something else");
  auto index = AlarmIndex::open(kPath, disk_);
  ASSERT_FALSE(index);
  EXPECT_EQ(index.error().code, ErrorCode::corrupt);
}

/// Power loss and refused operations at random places: what was acknowledged stays.
TEST_F(AlarmIndexTest, NothingAcknowledgedIsLost) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    SimulatedFileSystem disk(seed);
    ASSERT_TRUE(disk.create_directories("/objects"));
    std::map<std::string, uint64_t> acknowledged;
    for (int life = 0; life < 4; ++life) {
      auto index = AlarmIndex::open(kPath, disk);
      ASSERT_TRUE(index) << index.error().describe();
      for (const auto& [object, time] : acknowledged) {
        const auto found = (*index)->alarms().find(object);
        ASSERT_NE(found, (*index)->alarms().end()) << object;
        EXPECT_GE(found->second.time, time);
      }
      if (random() % 2 == 0) disk.fail_after(random() % 12);
      if (random() % 2 == 0) disk.cut_power_after(random() % 20);
      for (int i = 0; i < 10; ++i) {
        const std::string object = fmt::format("o{}", random() % 4);
        const uint64_t time = static_cast<uint64_t>(life) * 100 + static_cast<uint64_t>(i) + 1;
        if ((*index)->write({{object, {.time = time}}})) acknowledged[object] = time;
      }
      index->reset();
      disk.stop_faults();
      disk.restart(/*power_was_lost=*/random() % 2 == 0);
    }
  }
}

}  // namespace
}  // namespace selvage::object
