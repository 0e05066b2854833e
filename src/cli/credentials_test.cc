#include "cli/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "deploy/platform/seal.h"

namespace selvage::cli {
namespace {

using testing::HasSubstr;

constexpr std::array kVariables{"SELVAGE_API_URL",      "SELVAGE_API_TOKEN",
                                "SELVAGE_ACCOUNT_ID",   "CLOUDFLARE_API_BASE_URL",
                                "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"};

class CredentialsTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "credentials_" + deploy::random_id();
    for (const char* each : kVariables) ::unsetenv(each);
    ::setenv("XDG_CONFIG_HOME", folder_.c_str(), 1);
  }
  void TearDown() override {
    SetUp();
    ::unsetenv("XDG_CONFIG_HOME");
    std::filesystem::remove_all(folder_);
  }
  std::string folder_;
};

TEST_F(CredentialsTest, UrlsAreCompleted) {
  EXPECT_EQ(api_url_from("platform.example.com:8788"),
            "http://platform.example.com:8788/client/v4");
  EXPECT_EQ(api_url_from("https://a.example/"), "https://a.example/client/v4");
  EXPECT_EQ(api_url_from("http://127.0.0.1:8788/client/v4/"), "http://127.0.0.1:8788/client/v4");
  EXPECT_EQ(api_url_from("https://a.example/selvage"), "https://a.example/selvage");
  for (const char* text : {"", "ftp://x", "http://user:secret@x", "http://x:99999", "a b"}) {
    const auto url = api_url_from(text);
    ASSERT_FALSE(url) << text;
    EXPECT_THAT(url.error().describe(), HasSubstr("For example: http://127.0.0.1:8788/client/v4"));
  }
}

TEST_F(CredentialsTest, ALoginIsItsOwnersOnlyAndCanBeRemoved) {
  EXPECT_FALSE(read_credentials().value());
  ASSERT_TRUE(write_credentials({.url = "http://a/client/v4", .token = "t", .account = "x"}));
  struct stat facts{};
  ASSERT_EQ(::stat(credentials_path()->c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600U);
  ASSERT_TRUE(write_credentials({.url = "http://b/client/v4",
                                 .token = "u",
                                 .account = "y",
                                 .refresh_token = "r",
                                 .expires = 7}));
  const auto read = read_credentials().value();
  EXPECT_EQ(read->url, "http://b/client/v4");
  EXPECT_EQ(read->token, "u");
  EXPECT_EQ(read->refresh_token, "r");
  EXPECT_EQ(read->expires, 7);
  EXPECT_TRUE(remove_credentials().value());
  EXPECT_FALSE(remove_credentials().value());
  std::ofstream(credentials_path().value()) << "{}";
  EXPECT_EQ(read_credentials().error().code, ErrorCode::corrupt);
}

TEST_F(CredentialsTest, ATokenGoesOnlyWhereItIsFor) {
  ASSERT_TRUE(write_credentials({.url = "http://a/client/v4", .token = "a's", .account = "x"}));
  EXPECT_EQ(find_api_target("")->token, "a's");
  EXPECT_EQ(find_api_target("")->account, "x");
  EXPECT_EQ(find_api_target("http://b")->token, "");
  ::setenv("CLOUDFLARE_API_TOKEN", "Cloudflare's", 1);
  EXPECT_EQ(find_api_target("http://b")->token, "");
  EXPECT_EQ(find_api_target("")->token, "a's");
  ::setenv("CLOUDFLARE_API_BASE_URL", "http://b/client/v4", 1);
  EXPECT_EQ(find_api_target("")->url, "http://b/client/v4");
  EXPECT_EQ(find_api_target("")->token, "Cloudflare's");
  EXPECT_EQ(find_api_target("http://a")->token, "a's");
  ::setenv("SELVAGE_API_TOKEN", "ours", 1);
  EXPECT_EQ(find_api_target("http://a")->token, "ours");
  ::setenv("SELVAGE_API_URL", "http://c", 1);
  EXPECT_EQ(find_api_target("")->url, "http://c/client/v4");
}

}  // namespace
}  // namespace selvage::cli
