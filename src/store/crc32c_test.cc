#include "store/crc32c.h"

#include <gtest/gtest.h>

#include <string>

namespace selvage::store {
namespace {

TEST(Crc32cTest, GivesThePublishedChecksums) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);  // RFC 3720 B.4
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
  EXPECT_EQ(crc32c(""), 0U);
}

TEST(Crc32cTest, IsTheSameInPiecesAndWithoutTheInstruction) {
  std::string text;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(crc32c(text), crc32c_portable(text));
    std::string_view view = text;
    size_t half = view.size() / 3;
    EXPECT_EQ(crc32c(view.substr(half), crc32c(view.substr(0, half))), crc32c(text));
    text += static_cast<char>(i * 7);
  }
}

}  // namespace
}  // namespace selvage::store
