#include "cli/data_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "cli/testing/run_until.h"

namespace selvage::cli {
namespace {

using testing::HasSubstr;

TEST(OpenDataDirectory, makes_what_is_missing_and_keeps_it_out_of_git) {
  const TemporaryFolder folder;
  const auto data = open_data_directory(folder / "a/b");
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_TRUE(std::filesystem::is_directory(folder / "a/b/state"));
  EXPECT_TRUE(std::filesystem::is_directory(data->cache));
  EXPECT_EQ(folder.read("a/b/.gitignore"), "*\n");
}

TEST(OpenDataDirectory, one_session_at_a_time) {
  const TemporaryFolder folder;
  {
    const auto first = open_data_directory(folder.path());
    ASSERT_TRUE(first);
    const auto second = open_data_directory(folder.path());
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message, HasSubstr("(process " + std::to_string(getpid()) + ")"));
    EXPECT_THAT(second.error().remedy, HasSubstr("--data"));
  }
  EXPECT_TRUE(open_data_directory(folder.path()));
}

TEST(OpenDataDirectory, an_engine_that_inherited_the_lock_keeps_it) {
  const TemporaryFolder folder;
  auto first = open_data_directory(folder.path());
  ASSERT_TRUE(first);
  const Descriptor inherited(dup(first->lock.get()));
  first->lock.reset();
  EXPECT_FALSE(open_data_directory(folder.path()));
}

TEST(OpenDataDirectory, a_place_that_cannot_be_written_is_an_error) {
  const TemporaryFolder folder;
  folder.write("file", "");
  const auto data = open_data_directory(folder / "file");
  ASSERT_FALSE(data);
  EXPECT_THAT(data.error().message, HasSubstr("cannot create"));
}

}  // namespace
}  // namespace selvage::cli
