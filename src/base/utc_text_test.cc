#include "base/utc_text.h"

#include <gtest/gtest.h>

namespace selvage {
namespace {

TEST(UtcText, IsInUtcToTheMillisecond) {
  EXPECT_EQ(iso_time(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(iso_time(1'795'448'588'007), "2026-11-23T15:43:08.007Z");
  EXPECT_EQ(utc_text(1'795'448'588'999, "%Y-%m-%dT%H:%MZ"), "2026-11-23T15:43Z");
}

}  // namespace
}  // namespace selvage
