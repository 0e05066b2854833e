#include "base/percent.h"

#include <gtest/gtest.h>

namespace selvage {
namespace {

TEST(Percent, Decodes) {
  EXPECT_EQ(percent_decode("a%2Fb%20+"), "a/b +");
  EXPECT_EQ(percent_decode("%c3%A9"), "\xc3\xa9");
  EXPECT_EQ(percent_decode(""), "");
}

TEST(Percent, EncodesSoThatDecodingGivesItBack) {
  EXPECT_EQ(percent_encode("a/b c~%\xc3\xa9"), "a%2Fb%20c~%25%C3%A9");
  EXPECT_EQ(percent_decode(percent_encode("?&=#+")), "?&=#+");
}

TEST(Percent, RefusesWhatIsMalformedUnlessAskedNotTo) {
  for (const char* text : {"%", "%4", "a%4", "%4x", "%x4", "100%", "%%41"}) {
    EXPECT_EQ(percent_decode(text), std::nullopt) << text;
  }
  EXPECT_EQ(percent_decode_leniently("100% %4x %41 %"), "100% %4x A %");
  EXPECT_EQ(percent_decode_leniently("%%41"), "%A");
}

}  // namespace
}  // namespace selvage
