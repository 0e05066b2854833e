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

TEST(PlatformSettings, what_is_wrong_is_said_with_its_line) {
  for (const auto& [text, line, message] :
       {std::tuple{"\n[limits.kv]\nmax_key_byts = 1\n", 3, "max_key_byts"},
        std::tuple{"[limits.kv]\nmax_key_bytes = \"x\"\n", 2, "max_key_bytes"},
        std::tuple{"[limits.kv]\nmax_key_bytes = 0\n", 2, "max_key_bytes"},
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
