#include "kv/kv_limits.h"

#include <gtest/gtest.h>

namespace selvage::kv {
namespace {

const KvLimits kLimits;

template <class T>
std::string message(const Result<T>& result) {
  return result ? "accepted" : result.error().message;
}

template <class T>
bool is_type_error(const Result<T>& result) {
  return !result && result.error().code == ErrorCode::invalid_argument;
}

TEST(KvLimitsTest, KeysAreRefusedInTheWordsOfWorkerd) {
  EXPECT_TRUE(check_key(kLimits, KvOperation::get, "key"));
  EXPECT_TRUE(check_key(kLimits, KvOperation::get, std::string(512, 'k')));
  EXPECT_TRUE(check_key(kLimits, KvOperation::get, "..."));

  EXPECT_EQ(message(check_key(kLimits, KvOperation::get, "")), "Key name cannot be empty.");
  EXPECT_TRUE(is_type_error(check_key(kLimits, KvOperation::get, "")));
  EXPECT_EQ(message(check_key(kLimits, KvOperation::put, "..")),
            "\"..\" is not allowed as a key name.");
  Status too_long = check_key(kLimits, KvOperation::erase, std::string(513, 'k'));
  EXPECT_EQ(message(too_long),
            "KV DELETE failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.");
  EXPECT_FALSE(is_type_error(too_long));
}

TEST(KvLimitsTest, CacheTtlHasAMinimum) {
  EXPECT_TRUE(check_cache_ttl(kLimits, KvOperation::get, 30));
  EXPECT_EQ(message(check_cache_ttl(kLimits, KvOperation::get, 29)),
            "KV GET failed: 400 Invalid cache_ttl of 29. Cache TTL must be at least 30.");
}

TEST(KvLimitsTest, ExpirationLiesAMinuteAhead) {
  EXPECT_EQ(*expiration_time(kLimits, std::nullopt, std::nullopt, 1000), std::nullopt);
  EXPECT_EQ(*expiration_time(kLimits, std::nullopt, 60, 1000), 1060);
  EXPECT_EQ(*expiration_time(kLimits, 1060, std::nullopt, 1000), 1060);
  EXPECT_EQ(*expiration_time(kLimits, 5000, 60, 1000), 1060);

  EXPECT_EQ(message(expiration_time(kLimits, std::nullopt, 30, 1000)),
            "KV PUT failed: 400 Invalid expiration_ttl of 30. Expiration TTL must be at least 60.");
  EXPECT_EQ(message(expiration_time(kLimits, std::nullopt, 0, 1000)),
            "KV PUT failed: 400 Invalid expiration_ttl of 0. Please specify integer greater than "
            "0.");
  EXPECT_EQ(message(expiration_time(kLimits, 1000, std::nullopt, 1000)),
            "KV PUT failed: 400 Invalid expiration of 1000. Please specify integer greater than "
            "the current number of seconds since the UNIX epoch.");
  EXPECT_EQ(message(expiration_time(kLimits, 1059, std::nullopt, 1000)),
            "KV PUT failed: 400 Invalid expiration of 1059. Expiration times must be at least 60 "
            "seconds in the future.");
}

TEST(KvLimitsTest, ValuesAndMetadataHaveSizes) {
  EXPECT_TRUE(check_value_size(kLimits, 26214400));
  EXPECT_EQ(message(check_value_size(kLimits, 26214401)),
            "KV PUT failed: 413 Value length of 26214401 exceeds limit of 26214400.");
  EXPECT_TRUE(check_metadata_size(kLimits, 1024));
  EXPECT_EQ(message(check_metadata_size(kLimits, 1025)),
            "KV PUT failed: 413 Metadata length of 1025 exceeds limit of 1024.");
}

TEST(KvLimitsTest, ListsHaveLimits) {
  EXPECT_TRUE(check_list(kLimits, std::nullopt, ""));
  EXPECT_TRUE(check_list(kLimits, 1000, ".."));
  EXPECT_EQ(message(check_list(kLimits, 0, "")),
            "KV GET failed: 400 Invalid key_count_limit of 0. Please specify an integer greater "
            "than 0.");
  EXPECT_EQ(message(check_list(kLimits, 1001, "")),
            "KV GET failed: 400 Invalid key_count_limit of 1001. Please specify an integer less "
            "than 1000.");
  EXPECT_EQ(message(check_list(kLimits, 1, std::string(600, 'p'))),
            "KV GET failed: 414 UTF-8 encoded length of 600 exceeds key length limit of 512.");
}

TEST(KvLimitsTest, BulkGetsHaveLimits) {
  EXPECT_TRUE(check_bulk_count(kLimits, 100));
  EXPECT_EQ(message(check_bulk_count(kLimits, 101)),
            "KV GET_BULK failed: 400 You can request a maximum of 100 keys");
  EXPECT_EQ(message(check_bulk_count(kLimits, 0)),
            "KV GET_BULK failed: 400 You must request a minimum of 1 key");
  EXPECT_EQ(message(check_bulk_key(kLimits, "")),
            "KV GET_BULK failed: 400 Key names must not be empty");
  EXPECT_EQ(message(check_bulk_key(kLimits, ".")),
            "KV GET_BULK failed: 400 Illegal key name \".\". Please use a different name.");
  EXPECT_TRUE(check_bulk_type("json"));
  EXPECT_EQ(message(check_bulk_type("stream")),
            "KV GET_BULK failed: 400 \"stream\" is not a valid type. Use \"json\" or \"text\"");
  EXPECT_EQ(message(check_bulk_size(kLimits, 26214401)),
            "KV GET_BULK failed: 413 Total size of request exceeds the limit of 25MB");
}

}  // namespace
}  // namespace selvage::kv
