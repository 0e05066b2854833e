#include "signals/line_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

namespace selvage::signals {
namespace {

namespace fs = std::filesystem;

class LineFileTest : public testing::Test {
 protected:
  LineFileTest() {
    char pattern[] = "/tmp/selvage-lines-XXXXXX";
    folder_ = mkdtemp(pattern);
  }
  ~LineFileTest() override { fs::remove_all(folder_); }
  std::string path() const { return folder_ + "/deep/er/log"; }
  static std::string read(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

  std::string folder_;
};

TEST_F(LineFileTest, WritesLinesInOrderAndGoesOn) {
  {
    auto file = *LineFile::open(path(), {});
    file->append("one");
    file->append("two");
    file->flush();
    EXPECT_EQ(file->waiting(), 0u);
    EXPECT_EQ(read(path()), "one\ntwo\n");
  }
  auto file = *LineFile::open(path(), {});
  file->append("three");
  file.reset();
  EXPECT_EQ(read(path()), "one\ntwo\nthree\n");
}

TEST_F(LineFileTest, CountsTheLinesThatWaitForASlowDisk) {
  const std::string slow = folder_ + "/pipe";
  ASSERT_EQ(mkfifo(slow.c_str(), 0600), 0);
  std::ifstream reader;
  std::thread opener([&] { reader.open(slow); });  // each end waits for the other
  auto file = *LineFile::open(slow, {});
  opener.join();
  file->append(std::string(300'000, 'x'));  // more than a pipe holds
  file->append("two");
  EXPECT_EQ(file->waiting(), 2u);
  std::thread drain([&] { reader.ignore(300'005); });
  file->flush();
  EXPECT_EQ(file->waiting(), 0u);
  file.reset();
  drain.join();
}

TEST_F(LineFileTest, KeepsWithinItsSpaceAndDropsTheOldest) {
  auto file = *LineFile::open(path(), {.max_bytes = 4000, .files = 4});
  for (int i = 0; i < 1000; ++i) file->append("line number " + std::to_string(i));
  file.reset();
  uint64_t bytes = 0;
  size_t files = 0;
  for (const auto& each : fs::directory_iterator(fs::path(path()).parent_path())) {
    bytes += each.file_size();
    ++files;
    const std::string text = read(each.path());
    EXPECT_TRUE(text.ends_with('\n'));
    EXPECT_TRUE(text.starts_with("line number "));
  }
  EXPECT_LE(bytes, 4000u);
  EXPECT_EQ(files, 4u);
  EXPECT_TRUE(read(path()).ends_with("line number 999\n"));
}

TEST_F(LineFileTest, ALineLargerThanAFileIsWrittenAlone) {
  auto file = *LineFile::open(path(), {.max_bytes = 100, .files = 2});
  const std::string large(500, 'x');
  file->append("small");
  file->append(large);
  file->append("end");
  file.reset();
  EXPECT_EQ(read(path()), "end\n");
  EXPECT_EQ(read(path() + ".1"), large + "\n");
}

TEST_F(LineFileTest, WhatDoesNotFitIntoMemoryIsLostAndCounted) {
  auto file = *LineFile::open(path(), {.max_waiting = 10});
  file->append("much longer than ten bytes");
  EXPECT_EQ(file->lost(), 1u);
  file->append("short");
  file->flush();
  EXPECT_EQ(read(path()), "short\n");
}

TEST_F(LineFileTest, ALineThatWasTornStaysAlone) {
  fs::create_directories(fs::path(path()).parent_path());
  std::ofstream(path()) << "one\ntorn by a cra";
  auto file = *LineFile::open(path(), {});
  file->append("two");
  file->flush();
  EXPECT_EQ(read(path()), "one\ntorn by a cra\ntwo\n");

  // A disk that is full in the middle of a line, and has room again.
  const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit full = before;
  full.rlim_cur = fs::file_size(path()) + 4;
  setrlimit(RLIMIT_FSIZE, &full);
  file->append("three");
  file->flush();
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, ignored);
  EXPECT_EQ(file->lost(), 1u);
  file->append("four");
  file->flush();
  EXPECT_EQ(read(path()), "one\ntorn by a cra\ntwo\nthre\nfour\n");
}

TEST_F(LineFileTest, SaysWhereItCannotWrite) {
  const auto file = LineFile::open("/proc/nothing/log", {});
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message.find("/proc/nothing/log"), std::string::npos);
}

}  // namespace
}  // namespace selvage::signals
