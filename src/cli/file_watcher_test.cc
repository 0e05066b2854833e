#include "cli/file_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/testing/run_until.h"

namespace selvage::cli {
namespace {

using testing::Contains;
using testing::Not;

class FileWatcherTest : public testing::Test {
 protected:
  FileWatcherTest() {
    auto watcher = FileWatcher::create(reactor_, [this](const std::set<std::string>& paths) {
      seen_.insert(paths.begin(), paths.end());
      reactor_.changed();
    });
    EXPECT_TRUE(watcher);
    if (watcher) watcher_ = std::move(*watcher);
  }
  void wait_for(const std::string& path) {
    reactor_.run_until([&] { return seen_.contains(path); });
  }

  TemporaryFolder folder_;
  TestReactor reactor_;
  std::set<std::string> seen_;
  std::unique_ptr<FileWatcher> watcher_;
};

TEST_F(FileWatcherTest, a_write_in_place_is_seen) {
  folder_.write("a.ts", "1");
  watcher_->watch({folder_.path()});
  folder_.write("a.ts", "2");
  wait_for(folder_ / "a.ts");
}

TEST_F(FileWatcherTest, an_editor_that_renames_over_the_file_is_seen) {
  folder_.write("a.ts", "1");
  watcher_->watch({folder_.path()});
  folder_.write("a.ts~", "2");
  std::filesystem::rename(folder_ / "a.ts~", folder_ / "a.ts");
  wait_for(folder_ / "a.ts");
}

TEST_F(FileWatcherTest, new_and_removed_files_are_seen) {
  watcher_->watch({folder_.path()});
  folder_.write("new.ts", "");
  wait_for(folder_ / "new.ts");
  seen_.clear();
  std::filesystem::remove(folder_ / "new.ts");
  wait_for(folder_ / "new.ts");
}

TEST_F(FileWatcherTest, only_the_directories_of_the_last_call_are_watched) {
  folder_.write("a/x", "");
  folder_.write("b/x", "");
  watcher_->watch({folder_ / "a", folder_ / "missing"});
  watcher_->watch({folder_ / "b"});
  folder_.write("a/x", "1");
  folder_.write("b/x", "1");
  wait_for(folder_ / "b/x");
  EXPECT_THAT(seen_, Not(Contains(folder_ / "a/x")));
}

TEST_F(FileWatcherTest, a_directory_made_anew_is_watched_again) {
  folder_.write("a/x", "");
  watcher_->watch({folder_.path(), folder_ / "a"});
  std::filesystem::remove_all(folder_ / "a");
  wait_for(folder_ / "a");
  folder_.write("a/x", "");
  watcher_->watch({folder_.path(), folder_ / "a"});
  folder_.write("a/y", "");
  wait_for(folder_ / "a/y");
}

}  // namespace
}  // namespace selvage::cli
