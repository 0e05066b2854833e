#include "assets/asset_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace selvage::assets {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class AssetFolderTest : public testing::Test {
 protected:
  AssetFolderTest() {
    std::string pattern = testing::TempDir() + "assets-XXXXXX";
    root_ = mkdtemp(pattern.data());
  }
  ~AssetFolderTest() override { fs::remove_all(root_); }
  void write(const std::string& path, const std::string& content) {
    fs::create_directories((fs::path(root_) / path).parent_path());
    std::ofstream(root_ + "/" + path) << content;
  }
  static std::vector<std::string> paths(const FolderContents& contents) {
    std::vector<std::string> paths;
    for (const Asset& asset : contents.assets) paths.push_back(asset.path);
    std::ranges::sort(paths);
    return paths;
  }
  std::string root_;
};

TEST_F(AssetFolderTest, everything_is_an_asset_but_what_is_ignored) {
  write("index.html", "a");
  write("a/b.js", "b");
  write(".well-known/x", "c");
  write("_headers", "/*\n  a: b");
  write("_redirects", "/a /b");
  write("secret/key", "d");
  write(".assetsignore", "secret\n");
  AssetFolder folder(root_ + "/", {}, false);
  const auto contents = folder.read();
  ASSERT_TRUE(contents);
  EXPECT_THAT(paths(*contents), ElementsAre("/.well-known/x", "/a/b.js", "/index.html"));
  EXPECT_EQ(contents->headers, "/*\n  a: b");
  EXPECT_EQ(contents->redirects, "/a /b");
  EXPECT_THAT(contents->folders,
              testing::UnorderedElementsAre(root_, root_ + "/a", root_ + "/.well-known"));
}

TEST_F(AssetFolderTest, a_change_changes_the_hash) {
  write("a", "1");
  AssetFolder folder(root_, {}, false);
  const std::string before = folder.read()->assets[0].hash;
  EXPECT_EQ(folder.read()->assets[0].hash, before);
  write("a", "22");
  EXPECT_NE(folder.read()->assets[0].hash, before);
}

TEST_F(AssetFolderTest, limits_name_the_file_and_the_remedy) {
  write("big", "12345");
  const auto big = AssetFolder(root_, {.max_file_bytes = 4}, false).read();
  ASSERT_FALSE(big);
  EXPECT_THAT(big.error().message, HasSubstr("/big has 5 bytes"));
  EXPECT_THAT(big.error().remedy, HasSubstr("Name it in .assetsignore, or raise"));
  const auto of_pages = AssetFolder(root_, {.max_file_bytes = 4}, true).read();
  ASSERT_FALSE(of_pages);
  EXPECT_THAT(of_pages.error().remedy, HasSubstr("Keep it out of the folder, or raise"));
  write("b", "");
  EXPECT_FALSE(AssetFolder(root_, {.max_files = 1}, false).read());
  EXPECT_FALSE(AssetFolder(root_ + "/none", {}, false).read());
}

TEST_F(AssetFolderTest, what_cannot_be_read_is_not_taken_for_missing) {
  fs::create_directories(root_ + "/_headers");
  const auto refused = AssetFolder(root_, {}, false).read();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("cannot read " + root_ + "/_headers"));
}

TEST_F(AssetFolderTest, pages_has_no_ignore_file) {
  write("secret", "");
  write(".assetsignore", "secret\n");
  EXPECT_THAT(paths(*AssetFolder(root_, {}, true).read()),
              ElementsAre("/.assetsignore", "/secret"));
}

TEST_F(AssetFolderTest, code_is_no_asset) {
  write("_worker.js", "secret");
  const auto refused = AssetFolder(root_, {}, false).read();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("_worker.js"));
  write("functions/a.js", "");
  write("_routes.json", "{}");
  const auto pages = AssetFolder(root_, {}, true).read();
  ASSERT_TRUE(pages);
  EXPECT_TRUE(pages->assets.empty());
  EXPECT_EQ(pages->routes, "{}");
}

}  // namespace
}  // namespace selvage::assets
