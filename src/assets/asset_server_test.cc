// What goes over the wire: bodies, ranges, conditions, compressed copies.
#include "assets/asset_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "assets/asset_folder.h"
#include "assets/file_hash.h"
#include "http/server_for_test.h"

// OpenSSL's error state of a thread of libuv's pool: such threads end after OpenSSL has cleaned up.
extern "C" const char* __lsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __lsan_default_suppressions() { return "leak:CRYPTO_zalloc"; }

namespace selvage::assets {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class AssetServerTest : public testing::Test {
 protected:
  AssetServerTest() {
    std::string pattern = testing::TempDir() + "asset-server-XXXXXX";
    root_ = mkdtemp(pattern.data());
    fs::create_directories(root_ + "/site");
    compressor_ = std::make_unique<Compressor>(root_ + "/copies");
  }
  ~AssetServerTest() override {
    if (server_) {
      server_->on_loop([this] { assets_.reset(); });
      server_->destroy_server();
    }
    server_.reset();
    compressor_.reset();
    fs::remove_all(root_);
  }

  void write(const std::string& name, const std::string& content) {
    std::ofstream(root_ + "/site/" + name, std::ios::binary) << content;
  }
  void start(AssetServerOptions options = {}, const std::string& headers = "") {
    deploy::WorkerVersion version;
    version.compatibility_date = "2026-01-01";
    version.assets.emplace().directory = root_ + "/site";
    version.assets->headers = headers;
    set_ = *AssetSet::make(version, AssetFolder(root_ + "/site", {}, false).read()->assets);
    server_ = std::make_unique<http::ServerForTest>(
        [this](http::Exchange& exchange) { assets_->route(set_, exchange); });
    server_->on_loop([&] {
      assets_ = std::make_unique<AssetServer>(server_->loop(), compressor_.get(), options);
    });
  }
  http::ReceivedResponse ask(const std::string& path, const std::string& fields = "",
                             const std::string& method = "GET") {
    http::ClientForTest client(server_->port());
    client.send(method + " " + path + " HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n");
    return client.receive(method == "HEAD");
  }

  std::string root_;
  std::unique_ptr<Compressor> compressor_;
  std::shared_ptr<const AssetSet> set_;
  std::unique_ptr<http::ServerForTest> server_;
  std::unique_ptr<AssetServer> assets_;
};

TEST_F(AssetServerTest, a_small_file_comes_from_the_disk_and_then_from_memory) {
  write("a.txt", "hello");
  start();
  for (int i = 0; i < 3; ++i) {
    const auto response = ask("/a.txt?x=" + std::to_string(i));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "hello");
    EXPECT_EQ(response.field("content-type"), "text/plain; charset=utf-8");
    EXPECT_EQ(response.field("etag"), "\"" + content_hash("hello") + "\"");
    EXPECT_EQ(response.field("cache-control"), "public, max-age=0, must-revalidate");
    EXPECT_EQ(response.field("content-length"), "5");
  }
  server_->on_loop([&] { EXPECT_GT(assets_->bytes_in_memory(), 5u); });
}

TEST_F(AssetServerTest, a_large_file_is_streamed_whole_and_in_parts) {
  std::string content(3'000'000, '\0');
  for (size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 7 + i / 251);
  write("big.bin", content);
  start();
  EXPECT_EQ(ask("/big.bin").body, content);
  const auto part = ask("/big.bin", "Range: bytes=1000000-1999999\r\n");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.field("content-range"), "bytes 1000000-1999999/3000000");
  EXPECT_EQ(part.body, content.substr(1'000'000, 1'000'000));
  server_->on_loop([&] { EXPECT_LT(assets_->bytes_in_memory(), 100'000u); });
}

TEST_F(AssetServerTest, a_client_that_leaves_a_large_file_harms_nobody) {
  write("big.bin", std::string(20'000'000, 'x'));
  start();
  for (int i = 0; i < 8; ++i) {
    http::ClientForTest client(server_->port(), "127.0.0.1", 4096);
    client.send("GET /big.bin HTTP/1.1\r\nHost: h\r\n\r\n");
    if (i % 2 == 0) client.receive_exactly(1000);
    client.close_with_reset();
  }
  EXPECT_EQ(ask("/big.bin", "Range: bytes=0-3\r\n").body, "xxxx");
}

TEST_F(AssetServerTest, ranges) {
  write("a.txt", "0123456789");
  start();
  const auto part = ask("/a.txt", "Range: bytes=2-4\r\n");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "234");
  EXPECT_FALSE(part.field("cache-control"));
  EXPECT_EQ(ask("/a.txt", "Range: bytes=-3\r\n").body, "789");
  const auto beyond = ask("/a.txt", "Range: bytes=10-\r\n");
  EXPECT_EQ(beyond.status, 416);
  EXPECT_EQ(beyond.field("content-range"), "bytes */10");
  EXPECT_EQ(beyond.body, "");
  EXPECT_EQ(ask("/a.txt", "Range: bytes=0-1,3-4\r\n").status, 200);
  const std::string etag = "\"" + content_hash("0123456789") + "\"";
  EXPECT_EQ(ask("/a.txt", "Range: bytes=0-1\r\nIf-Range: " + etag + "\r\n").status, 206);
  EXPECT_EQ(ask("/a.txt", "Range: bytes=0-1\r\nIf-Range: \"old\"\r\n").status, 200);
  EXPECT_EQ(ask("/a.txt", "Range: bytes=0-1\r\n", "HEAD").status, 200);
}

TEST_F(AssetServerTest, conditions) {
  write("a.txt", "0123456789");
  start();
  const std::string etag = "\"" + content_hash("0123456789") + "\"";
  for (const std::string& field : {etag, "W/" + etag, "\"x\", " + etag, std::string("*")}) {
    const auto response = ask("/a.txt", "If-None-Match: " + field + "\r\n");
    EXPECT_EQ(response.status, 304) << field;
    EXPECT_EQ(response.field("etag"), etag);
    EXPECT_EQ(response.body, "");
  }
  EXPECT_EQ(ask("/a.txt", "If-None-Match: \"x\"\r\n").status, 200);
}

TEST_F(AssetServerTest, head_and_other_methods) {
  write("a.txt", "0123456789");
  start();
  const auto head = ask("/a.txt", "", "HEAD");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.field("content-length"), "10");
  const auto post = ask("/a.txt", "Content-Length: 0\r\n", "POST");
  EXPECT_EQ(post.status, 405);
  EXPECT_EQ(post.field("allow"), "GET, HEAD");
  EXPECT_EQ(ask("/none").status, 404);
  EXPECT_EQ(ask("/a.txt", "Authorization: x\r\n").field("cache-control"), std::nullopt);
}

TEST_F(AssetServerTest, compressed_copies_follow_the_client) {
  write("a.js", std::string(50'000, 'a'));
  write("a.png", std::string(50'000, 'a'));
  start();
  const std::string etag = "\"" + content_hash(std::string(50'000, 'a')) + "\"";
  const auto coding_of = [&](const std::string& accepted) {
    return ask("/a.js", "Accept-Encoding: " + accepted + "\r\n")
        .field("content-encoding")
        .value_or("");
  };
  EXPECT_EQ(coding_of("br"), "");  // nobody waits for the copy
  ASSERT_TRUE(server_->wait_until([&] {
    // Asked again from another connection: the copy comes when it is made.
    return fs::exists(root_ + "/copies/" + content_hash(std::string(50'000, 'a')).substr(0, 2) +
                      "/" + content_hash(std::string(50'000, 'a')) + ".br");
  }));
  http::ReceivedResponse response;
  for (int i = 0; i < 1000 && response.field("content-encoding") != "br"; ++i) {
    response = ask("/a.js", "Accept-Encoding: gzip;q=0.5, br\r\n");
  }
  EXPECT_EQ(response.field("content-encoding"), "br");
  EXPECT_EQ(response.field("vary"), "Accept-Encoding");
  EXPECT_EQ(response.field("etag"), "W/" + etag);
  EXPECT_LT(response.body.size(), 1000u);
  EXPECT_EQ(coding_of("identity"), "");
  EXPECT_EQ(coding_of("br;q=0"), "");
  EXPECT_EQ(ask("/a.js", "Accept-Encoding: br\r\nIf-None-Match: W/" + etag + "\r\n").status, 304);
  EXPECT_FALSE(ask("/a.png", "Accept-Encoding: br\r\n").field("vary"));
  EXPECT_EQ(ask("/a.js", "Accept-Encoding: br\r\nRange: bytes=0-1\r\n").body, "aa");
}

TEST_F(AssetServerTest, rules_may_forbid_compression) {
  write("a.js", std::string(5'000, 'a'));
  start({}, "/*\n  cache-control: no-transform\n");
  EXPECT_FALSE(ask("/a.js", "Accept-Encoding: br\r\n").field("vary"));
}

TEST_F(AssetServerTest, a_file_that_changed_has_no_tag_that_is_not_its_own) {
  write("a.txt", "one");
  start();
  write("a.txt", "three");
  const auto response = ask("/a.txt");
  EXPECT_EQ(response.body, "three");
  EXPECT_FALSE(response.field("etag"));
  write("a.txt", "two");  // as long as what was hashed
  EXPECT_EQ(ask("/a.txt").body, "two");
  EXPECT_FALSE(ask("/a.txt").field("etag"));
  fs::remove(root_ + "/site/a.txt");
  EXPECT_EQ(ask("/a.txt").status, 500);
}

TEST_F(AssetServerTest, memory_is_bounded) {
  for (int i = 0; i < 50; ++i)
    write(std::to_string(i) + ".txt", std::string(10'000, 'a' + i % 26) + std::to_string(i));
  start({.memory_bytes = 100'000});
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 50; ++i) {
      EXPECT_EQ(ask("/" + std::to_string(i) + ".txt").body.size(), 10'000u + (i < 10 ? 1 : 2));
    }
  }
  server_->on_loop([&] { EXPECT_LE(assets_->bytes_in_memory(), 100'000u); });
}

TEST_F(AssetServerTest, answers_of_versions_that_are_gone_are_forgotten) {
  write("a.txt", "hello");
  start();
  EXPECT_EQ(ask("/a.txt").status, 200);
  const std::weak_ptr<const AssetSet> old = set_;
  server_->on_loop([&] {
    set_.reset();
    assets_->forget_unused();
  });
  EXPECT_TRUE(old.expired());
}

}  // namespace
}  // namespace selvage::assets
