// What a deployment's files go through on their way in: tokens and the store of contents.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "assets/blob_store.h"
#include "assets/file_hash.h"
#include "assets/upload_session.h"
#include "assets/upload_token.h"
#include "base/base64.h"

namespace selvage::assets {
namespace {

namespace fs = std::filesystem;

TEST(UploadToken, is_good_for_its_purpose_until_it_expires) {
  const std::string key = token_key("installation");
  const std::string token = sign_token(key, "upload", {{"account", "a"}}, 1000, 60);
  const auto claims = verify_token(key, "upload", token, 1059);
  ASSERT_TRUE(claims);
  EXPECT_EQ((*claims)["account"], "a");
  EXPECT_FALSE(verify_token(key, "upload", token, 1060));
  EXPECT_FALSE(verify_token(key, "complete", token, 1000));
  EXPECT_FALSE(verify_token(token_key("another"), "upload", token, 1000));
}

TEST(UploadToken, nothing_but_its_own_signature_makes_it_valid) {
  const std::string key = token_key("installation");
  const std::string token = sign_token(key, "upload", {}, 1000, 60);
  const std::string payload = token.substr(token.find('.'), token.rfind('.') - token.find('.'));
  const std::string signature = token.substr(token.rfind('.'));
  std::string none = base64_encode(R"({"alg":"none","typ":"JWT"})");
  while (none.ends_with('=')) none.pop_back();
  for (const std::string& forged :
       {none + payload + ".", none + payload + signature, token.substr(0, token.size() - 1),
        token + "A", payload + signature, std::string(".."), std::string(), std::string("a.b.c"),
        token.substr(0, token.rfind('.')), token.substr(0, token.rfind('.')) + "."}) {
    EXPECT_FALSE(verify_token(key, "upload", forged, 1000)) << forged;
  }
}

class BlobStoreTest : public testing::Test {
 protected:
  BlobStoreTest() {
    std::string pattern = testing::TempDir() + "blobs-XXXXXX";
    root_ = mkdtemp(pattern.data());
    open();
  }
  ~BlobStoreTest() override { fs::remove_all(root_); }
  void open() { store_ = *BlobStore::open(*files_, root_ + "/assets"); }

  std::string root_;
  std::unique_ptr<store::FileSystem> files_ = store::real_file_system();
  std::unique_ptr<BlobStore> store_;
};

TEST_F(BlobStoreTest, a_content_is_kept_once_and_found_by_each_account_that_brought_it) {
  ASSERT_TRUE(store_->put("a", {{"one", "hello"}, {"two", "world"}}));
  ASSERT_TRUE(store_->put("b", {{"uno", "hello"}}));
  open();
  EXPECT_EQ((*store_->find("a", "one"))->hash, content_hash("hello"));
  EXPECT_EQ(*store_->find("b", "uno"), *store_->find("a", "one"));
  EXPECT_EQ(*store_->find("b", "one"), std::nullopt);
  size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(store_->blobs_directory())) {
    count += entry.is_regular_file() ? 1 : 0;
  }
  EXPECT_EQ(count, 2u);
}

TEST_F(BlobStoreTest, a_name_means_one_content) {
  ASSERT_TRUE(store_->put("a", {{"one", "hello"}}));
  EXPECT_TRUE(store_->put("a", {{"one", "hello"}}));
  EXPECT_FALSE(store_->put("a", {{"one", "other"}}));
}

TEST_F(BlobStoreTest, names_cannot_leave_the_folder) {
  EXPECT_FALSE(store_->put("../x", {{"one", "hello"}}));
  EXPECT_FALSE(store_->put("a", {{"../one", "hello"}}));
  EXPECT_FALSE(store_->put("a", {{"one two", "hello"}}));
  EXPECT_FALSE(store_->find("a/b", "one"));
}

TEST_F(BlobStoreTest, a_torn_line_is_as_if_it_had_not_been_written) {
  ASSERT_TRUE(store_->put("a", {{"one", "hello"}}));
  std::ofstream(root_ + "/assets/names/a", std::ios::app) << "two abc";
  open();
  EXPECT_TRUE(store_->find("a", "one")->has_value());
  EXPECT_FALSE(store_->find("a", "two")->has_value());
  ASSERT_TRUE(store_->put("a", {{"two", "world"}}));
  open();
  EXPECT_TRUE(store_->find("a", "one")->has_value());
  EXPECT_TRUE(store_->find("a", "two")->has_value());
}

TEST_F(BlobStoreTest, lists_are_named_by_what_they_hold) {
  const auto id = store_->put_list({{"/a", content_hash("a"), 1, "text/plain"}});
  ASSERT_TRUE(id);
  EXPECT_EQ(*store_->put_list({{"/a", content_hash("a"), 1, "text/plain"}}), *id);
  EXPECT_TRUE(fs::exists(store_->list_path(*id)));
}

class UploadSessionTest : public BlobStoreTest {
 protected:
  static std::string hash_of(char c) { return std::string(32, c); }
  const nlohmann::json manifest_ = {{"/a.html", {{"hash", hash_of('a')}, {"size", 5}}},
                                    {"/b.txt", {{"hash", hash_of('b')}, {"size", 3}}},
                                    {"/copy.txt", {{"hash", hash_of('b')}, {"size", 3}}}};
};

TEST_F(UploadSessionTest, what_is_missing_is_asked_for_once) {
  UploadSessions sessions(*store_, "key", {.bucket_files = 1});
  const auto opened = sessions.open("acc", "w", manifest_, 100);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->buckets.size(), 2u);
  const auto first = sessions.upload(opened->token, "acc", {{hash_of('a'), "hello"}}, 100);
  ASSERT_TRUE(first);
  EXPECT_EQ(*first, std::nullopt);
  const auto second = sessions.upload(opened->token, "acc", {{hash_of('b'), "abc"}}, 100);
  ASSERT_TRUE(second);
  ASSERT_TRUE(second->has_value());
  const auto files = sessions.complete(**second, "acc", "w", 100);
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 3u);
  EXPECT_EQ((*files)[0], (Asset{"/a.html", content_hash("hello"), 5, "text/html; charset=utf-8"}));
  EXPECT_EQ((*files)[1].hash, (*files)[2].hash);
  const auto again = sessions.open("acc", "w", manifest_, 200);
  EXPECT_TRUE(again->buckets.empty());
  EXPECT_TRUE(sessions.complete(again->token, "acc", "w", 200));
}

TEST_F(UploadSessionTest, tokens_are_good_for_one_thing) {
  UploadSessions sessions(*store_, "key");
  const std::string session = sessions.open("acc", "w", manifest_, 100)->token;
  EXPECT_FALSE(sessions.complete(session, "acc", "w", 100));
  EXPECT_FALSE(sessions.upload(session, "other", {{hash_of('a'), "hello"}}, 100));
  EXPECT_FALSE(sessions.upload(session, "acc", {{hash_of('a'), "hello"}}, 100 + 3600));
  EXPECT_FALSE(sessions.upload(session, "acc", {{hash_of('a'), "four"}}, 100));
  EXPECT_FALSE(sessions.upload(session, "acc", {{hash_of('c'), "hello"}}, 100));
  const auto done =
      sessions.upload(session, "acc", {{hash_of('a'), "hello"}, {hash_of('b'), "abc"}}, 100);
  ASSERT_TRUE(done && *done);
  EXPECT_FALSE(sessions.upload(**done, "acc", {{hash_of('a'), "hello"}}, 100));
  EXPECT_FALSE(sessions.complete(**done, "acc", "another", 100));
  EXPECT_FALSE(sessions.complete(**done, "other", "w", 100));
  // What one account has brought is missing for every other.
  EXPECT_EQ(sessions.open("other", "w", manifest_, 100)->buckets.size(), 1u);
}

TEST_F(UploadSessionTest, manifests_are_checked) {
  UploadSessions sessions(*store_, "key", {.limits = {.max_file_bytes = 10, .max_files = 3}});
  for (const char* bad :
       {"[]", R"({"a":{"hash":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","size":1}})",
        R"({"/a":{"hash":"../../../../../../../../../etc/x","size":1}})",
        R"({"/a":{"hash":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","size":-1}})",
        R"({"/a":{"hash":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","size":11}})",
        R"({"/a\n":{"hash":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","size":1}})", R"({"/a":{"size":1}})",
        R"({"/a":1})", R"({"/a":1,"/b":1,"/c":1,"/d":1})"}) {
    EXPECT_FALSE(sessions.open("acc", "w", nlohmann::json::parse(bad), 1)) << bad;
  }
}

TEST_F(UploadSessionTest, pages_sends_contents_first) {
  UploadSessions sessions(*store_, "key");
  EXPECT_EQ(sessions.missing("acc", {hash_of('a'), hash_of('b'), hash_of('a')})->size(), 2u);
  ASSERT_TRUE(sessions.put("acc", {{hash_of('a'), "hello"}}));
  EXPECT_THAT(*sessions.missing("acc", {hash_of('a'), hash_of('b')}),
              testing::ElementsAre(hash_of('b')));
  const auto files = sessions.files_of("acc", {{"/index.html", hash_of('a')}});
  ASSERT_TRUE(files);
  EXPECT_EQ((*files)[0].hash, content_hash("hello"));
  EXPECT_FALSE(sessions.files_of("acc", {{"/x", hash_of('b')}}));
}

}  // namespace
}  // namespace selvage::assets
