#include "base/file_content.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace selvage {
namespace {

class FileContentTest : public testing::Test {
 protected:
  FileContentTest() {
    std::string pattern = testing::TempDir() + "content-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~FileContentTest() override { std::filesystem::remove_all(folder_); }
  std::string folder_;
};

TEST_F(FileContentTest, IsAllOfIt) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{4095}, size_t{4096}, size_t{100'000}}) {
    const std::string content = std::string(size, 'x') + std::string(size % 2, '\0');
    std::ofstream(folder_ + "/file", std::ios::binary) << content;
    EXPECT_EQ(*read_file(folder_ + "/file"), content);
  }
}

TEST_F(FileContentTest, OfAPipeToo) {
  const std::string pipe = folder_ + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(pipe) << std::string(200'000, 'y'); });
  EXPECT_EQ(read_file(pipe)->size(), 200'000u);
  writer.join();
}

TEST_F(FileContentTest, SaysWhatCannotBeRead) {
  const auto none = read_file(folder_ + "/none");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::not_found);
  const auto folder = read_file(folder_);
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, ErrorCode::io);
  EXPECT_EQ(folder.error().message, "cannot read " + folder_ + ": Is a directory");
}

}  // namespace
}  // namespace selvage
