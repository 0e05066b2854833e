#include "deploy/project/platform_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace selvage::deploy {
namespace {

using testing::HasSubstr;

TEST(PlatformSettings, limits_have_names_and_defaults) {
  const SettingsReading nothing = read_settings_text("selvage.toml", "");
  EXPECT_TRUE(nothing.diagnostics.empty());
  EXPECT_EQ(nothing.settings.kv_limits, kv::KvLimits());
  const SettingsReading some =
      read_settings_text("selvage.toml", "[limits.kv]\nmax_key_bytes = 1024\nmax_operations = 5\n");
  EXPECT_TRUE(some.diagnostics.empty());
  EXPECT_EQ(some.settings.kv_limits.max_key_bytes, 1024u);
  EXPECT_EQ(some.settings.kv_limits.max_operations, 5u);
  EXPECT_EQ(some.settings.kv_limits.max_value_bytes, kv::KvLimits().max_value_bytes);
}

TEST(PlatformSettings, what_is_seen_and_kept_is_a_setting) {
  const SettingsReading reading = read_settings_text("selvage.toml", R"(
[limits.cron]
cpu_ms = 100
[limits.assets]
max_files = 7
[logs]
keep = false
max_bytes = 1048576
[limits.objects]
history_seconds = 0
[access_log]
path = "access.log"
[traces]
endpoint = "https://collector:4318/v1/traces"
headers = { Authorization = "Bearer x" }
sample_ratio = 0.25
parent_based = false
service_name = "edge"
max_queue = 99
[operations]
listen = "127.0.0.1:9464"
[api]
listen = "127.0.0.1:9999"
[platform]
url = "https://workers.example.com:8443"
)");
  EXPECT_TRUE(reading.diagnostics.empty());
  EXPECT_EQ(reading.settings.api_address, "127.0.0.1:9999");
  ASSERT_TRUE(reading.settings.url);
  EXPECT_EQ(reading.settings.url->scheme, "https");
  EXPECT_EQ(reading.settings.url->host, "workers.example.com");
  EXPECT_EQ(reading.settings.url->port, 8443);
  EXPECT_EQ(reading.settings.cron_limits.cpu_ms, 100u);
  EXPECT_EQ(reading.settings.asset_limits.max_files, 7u);
  EXPECT_EQ(reading.settings.asset_limits.max_file_bytes, AssetLimits().max_file_bytes);
  EXPECT_EQ(reading.settings.object_limits.history_seconds, 0u);
  EXPECT_EQ(reading.settings.object_limits.history_bytes, ObjectLimits().history_bytes);
  EXPECT_FALSE(reading.settings.observability.keep_logs);
  EXPECT_EQ(reading.settings.observability.log_bytes, 1u << 20);
  EXPECT_EQ(reading.settings.observability.access_log, "access.log");
  EXPECT_EQ(reading.settings.operations_address, "127.0.0.1:9464");
  EXPECT_EQ(reading.settings.traces, (TraceSettings{.endpoint = "https://collector:4318/v1/traces",
                                                    .headers = {{"Authorization", "Bearer x"}},
                                                    .service_name = "edge",
                                                    .sample_ratio = 0.25,
                                                    .parent_based = false,
                                                    .max_queue = 99}));
}

TEST(PlatformSettings, what_is_wrong_is_said_with_its_line) {
  for (const auto& [text, line, message] :
       {std::tuple{"\n[limits.kv]\nmax_key_byts = 1\n", 3, "max_key_byts"},
        std::tuple{"[limits.kv]\nmax_key_bytes = \"x\"\n", 2, "max_key_bytes"},
        std::tuple{"[limits.kv]\nmax_key_bytes = 0\n", 2, "max_key_bytes"},
        std::tuple{"[logs]\nmax_bytes = 1\n", 2, "max_bytes"},
        std::tuple{"[access_log]\nmax_bytes = 100000\n", 1, "path"},
        std::tuple{"[platform]\nurl = \"workers.example.com\"\n", 1, "platform.url"},
        std::tuple{"[platform]\nurl = \"http://a/b\"\n", 1, "platform.url"},
        std::tuple{"[platform]\nurl = \"http://a:0\"\n", 1, "platform.url"},
        std::tuple{"[traces]\nsample_ratio = 0.1\n", 1, "endpoint"},
        std::tuple{"[traces]\nendpoint = \"localhost:4318\"\n", 2, "traces.endpoint"},
        std::tuple{"[traces]\nendpoint = \"http://c:4318\"\n", 2, "with its path"},
        std::tuple{"[traces]\nendpoint = \"http://c/\"\nsample_ratio = 1.5\n", 3, "sample_ratio"},
        std::tuple{"[traces]\nendpoint = \"http://c/\"\nheaders = { \"a b\" = \"c\" }\n", 3,
                   "\"a b\""},
        std::tuple{"[limits\n", 1, ""}}) {
    const SettingsReading reading = read_settings_text("selvage.toml", text);
    ASSERT_EQ(reading.diagnostics.size(), 1u) << text;
    EXPECT_EQ(reading.diagnostics[0].line, line) << text;
    EXPECT_THAT(reading.diagnostics[0].message, HasSubstr(message));
    EXPECT_EQ(reading.settings.kv_limits, kv::KvLimits());
  }
}

}  // namespace
}  // namespace selvage::deploy
