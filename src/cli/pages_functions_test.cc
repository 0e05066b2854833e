#include "cli/pages_functions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace selvage::cli {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(PagesFunctions, rules_name_what_the_files_answer) {
  EXPECT_THAT(rules_from_functions({"api/index.ts", "api/users/[id].ts", "hello.js"}),
              ElementsAre("/api", "/api/users/*", "/hello"));
  EXPECT_THAT(rules_from_functions({"api/_middleware.ts", "api/a.ts", "index.js"}),
              ElementsAre("/", "/api/*"));
  EXPECT_THAT(rules_from_functions({"_middleware.js", "a.js", "b/[[path]].js"}), ElementsAre("/*"));
  std::vector<std::string> many;
  for (int i = 0; i < 101; ++i) many.push_back("f" + std::to_string(i) + ".js");
  EXPECT_THAT(rules_from_functions(many), ElementsAre("/*"));
}

class PagesScriptTest : public testing::Test {
 protected:
  PagesScriptTest() {
    std::string pattern = testing::TempDir() + "pages-XXXXXX";
    root_ = mkdtemp(pattern.data());
    config_.directory = root_;
    config_.assets = deploy::AssetsConfig{.directory = root_ + "/dist"};
  }
  ~PagesScriptTest() override { fs::remove_all(root_); }
  void write(const std::string& path, const std::string& content = "") {
    fs::create_directories((fs::path(root_) / path).parent_path());
    std::ofstream(root_ + "/" + path) << content;
  }
  std::string root_;
  deploy::ProjectConfig config_;
};

TEST_F(PagesScriptTest, a_site_may_have_none) {
  write("dist/index.html");
  EXPECT_EQ(find_pages_script(config_, root_)->main, "");
}

TEST_F(PagesScriptTest, a_worker_file_wins_over_functions) {
  write("functions/a.js");
  write("dist/_worker.js");
  const auto script = find_pages_script(config_, root_);
  EXPECT_EQ(script->main, root_ + "/dist/_worker.js");
  EXPECT_THAT(script->rules, testing::IsEmpty());
  fs::remove(root_ + "/dist/_worker.js");
  write("dist/_worker.js/index.js");
  EXPECT_EQ(find_pages_script(config_, root_)->module_directory, root_ + "/dist/_worker.js");
}

TEST_F(PagesScriptTest, parameters_have_names) {
  write("functions/[a-b].js");
  const auto script = find_pages_script(config_, root_);
  ASSERT_FALSE(script);
  EXPECT_THAT(script.error().message, HasSubstr("functions/[a-b].js"));
}

}  // namespace
}  // namespace selvage::cli
