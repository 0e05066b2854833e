// The same contract for the real file system and the simulated one; then what only the simulation
// can do.
#include "store/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "store/simulated_file_system.h"

namespace selvage::store {
namespace {

using testing::ElementsAre;

struct Place {
  std::unique_ptr<FileSystem> files;
  std::string directory;
};

Place real_place() {
  std::string pattern = testing::TempDir() + "files-XXXXXX";
  return {real_file_system(), std::string(mkdtemp(pattern.data())) + "/a/b"};
}

Place simulated_place() { return {std::make_unique<SimulatedFileSystem>(1), "/data/a/b"}; }

class FileTest : public testing::TestWithParam<Place (*)()> {
 protected:
  FileTest() : place_(GetParam()()) { EXPECT_TRUE(files().create_directories(place_.directory)); }
  ~FileTest() override {
    if (GetParam() == real_place)
      std::filesystem::remove_all(parent_directory(parent_directory(place_.directory)));
  }
  FileSystem& files() { return *place_.files; }
  [[nodiscard]] std::string path(const std::string& name) const {
    return place_.directory + "/" + name;
  }
  std::string content(const std::string& name) {
    auto file = files().open(path(name), OpenMode::read);
    if (!file) return file.error().message;
    std::string bytes(1000, '?');
    auto got = (*file)->read_at(0, bytes);
    return bytes.substr(0, got.value_or(0));
  }

  Place place_;
};

TEST_P(FileTest, WhatIsWrittenIsRead) {
  auto file = *files().open(path("f"), OpenMode::create);
  ASSERT_TRUE(file->write_at(3, "abc"));
  EXPECT_EQ(content("f"), std::string("\0\0\0abc", 6));
  EXPECT_EQ(*file->size(), 6U);
  char bytes[4];
  EXPECT_EQ(*file->read_at(4, bytes), 2U);
  EXPECT_EQ(*file->read_at(100, bytes), 0U);
  ASSERT_TRUE(file->truncate(4));
  ASSERT_TRUE(file->sync_data());
  EXPECT_EQ(content("f"), std::string("\0\0\0a", 4));
}

TEST_P(FileTest, ModesSayWhatMustExist) {
  for (OpenMode mode : {OpenMode::read, OpenMode::write}) {
    auto missing = files().open(path("f"), mode);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  }
  EXPECT_FALSE(*files().exists(path("f")));
  ASSERT_TRUE((*files().open(path("f"), OpenMode::create))->write_at(0, "abc"));
  EXPECT_TRUE(*files().exists(path("f")));
  ASSERT_TRUE(files().open(path("f"), OpenMode::create));
  EXPECT_EQ(content("f"), "abc");
  EXPECT_FALSE((*files().open(path("f"), OpenMode::read))->write_at(0, "x"));
  ASSERT_TRUE(files().open(path("f"), OpenMode::create_empty));
  EXPECT_EQ(content("f"), "");
}

TEST_P(FileTest, NamesCanBeListedMovedAndRemoved) {
  for (const char* name : {"b", "a", "c"}) ASSERT_TRUE(files().open(path(name), OpenMode::create));
  ASSERT_TRUE((*files().open(path("a"), OpenMode::write))->write_at(0, "of a"));
  EXPECT_THAT(*files().list(place_.directory), ElementsAre("a", "b", "c"));
  ASSERT_TRUE(files().rename(path("a"), path("b")));
  ASSERT_TRUE(files().remove(path("c")));
  ASSERT_TRUE(files().sync_directory(place_.directory));
  ASSERT_TRUE(files().sync_everything(place_.directory));
  EXPECT_THAT(*files().list(place_.directory), ElementsAre("b"));
  EXPECT_EQ(content("b"), "of a");
  EXPECT_EQ(files().remove(path("c")).error().code, ErrorCode::not_found);
  EXPECT_EQ(files().list(place_.directory + "/none").error().code, ErrorCode::not_found);
}

INSTANTIATE_TEST_SUITE_P(RealAndSimulated, FileTest, testing::Values(real_place, simulated_place),
                         [](const auto& info) {
                           return info.param == real_place ? "Real" : "Simulated";
                         });

TEST(ParentDirectoryTest, IsTheFolderPart) {
  EXPECT_EQ(parent_directory("a/b/c"), "a/b");
  EXPECT_EQ(parent_directory("/a"), "/");
  EXPECT_EQ(parent_directory("c"), ".");
  EXPECT_EQ(parent_directory("a/b/"), "a");
}

/// How often, over many seeds, `what` holds after `work` and a power loss.
template <class Work, class What>
int survivals(Work work, What what) {
  int count = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    SimulatedFileSystem disk(seed);
    EXPECT_TRUE(disk.create_directories("/d"));
    work(disk);
    disk.cut_power_after(0);
    disk.restart();
    if (what(disk)) ++count;
  }
  return count;
}

TEST(SimulatedFileSystemTest, OnlyWhatWasSyncedSurvivesForSure) {
  auto write = [](SimulatedFileSystem& disk, bool sync_data, bool sync_name) {
    auto file = *disk.open("/d/f", OpenMode::create);
    EXPECT_TRUE(file->write_at(0, std::string(600, 'x')));
    if (sync_data) EXPECT_TRUE(file->sync_data());
    if (sync_name) EXPECT_TRUE(disk.sync_directory("/d"));
  };
  auto whole = [](SimulatedFileSystem& disk) {
    auto content = disk.content("/d/f");
    return content && *content == std::string(600, 'x');
  };
  EXPECT_EQ(survivals([&](auto& disk) { write(disk, true, true); }, whole), 100);
  int name_only = survivals([&](auto& disk) { write(disk, false, true); }, whole);
  EXPECT_GT(name_only, 0);
  EXPECT_LT(name_only, 60);
  int data_only = survivals([&](auto& disk) { write(disk, true, false); }, whole);
  EXPECT_GT(data_only, 0);
  EXPECT_LT(data_only, 100);
}

TEST(SimulatedFileSystemTest, WhatASyncCouldNotWriteTheNextOneDoesNotWriteEither) {
  auto survives = [](bool again) {
    return survivals(
        [again](SimulatedFileSystem& disk) {
          auto file = *disk.open("/d/f", OpenMode::create);
          EXPECT_TRUE(disk.sync_directory("/d"));
          EXPECT_TRUE(file->write_at(0, std::string(600, 'x')));
          disk.fail_one(DiskOperation::sync, 0);
          EXPECT_FALSE(file->sync_data());
          EXPECT_EQ(*disk.content("/d/f"), std::string(600, 'x')) << "it is still shown";
          if (again) EXPECT_TRUE(file->write_at(0, std::string(600, 'x')));
          EXPECT_TRUE(file->sync_data());
        },
        [](SimulatedFileSystem& disk) { return *disk.content("/d/f") == std::string(600, 'x'); });
  };
  EXPECT_LT(survives(/*again=*/false), 60);
  EXPECT_EQ(survives(/*again=*/true), 100);
}

TEST(SimulatedFileSystemTest, AKilledProcessLosesNothing) {
  SimulatedFileSystem disk(1);
  ASSERT_TRUE(disk.create_directories("/d"));
  auto file = *disk.open("/d/f", OpenMode::create);
  ASSERT_TRUE(file->write_at(0, "abc"));
  disk.cut_power_after(0);
  EXPECT_FALSE(file->sync_data());
  disk.restart(/*power_was_lost=*/false);
  EXPECT_EQ(*disk.content("/d/f"), "abc");
  EXPECT_FALSE(file->write_at(0, "x")) << "files of the dead process stay dead";
}

TEST(SimulatedFileSystemTest, FaultsComeWhereTheyAreAskedFor) {
  SimulatedFileSystem disk(1);
  ASSERT_TRUE(disk.create_directories("/d"));
  auto file = *disk.open("/d/f", OpenMode::create);
  disk.fail_after(1);
  EXPECT_TRUE(file->write_at(0, "a"));
  EXPECT_FALSE(file->write_at(1, "b"));
  EXPECT_TRUE(file->write_at(2, "c"));
  disk.set_capacity(10);
  auto full = file->write_at(3, "0123456789");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ErrorCode::limit_exceeded);
  EXPECT_TRUE(file->write_at(0, "overwriting needs no room"[0] == 'o' ? "over" : ""));
}

}  // namespace
}  // namespace selvage::store
