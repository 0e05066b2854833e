#include <gtest/gtest.h>

#include "assets/byte_range.h"
#include "assets/content_coding.h"
#include "assets/media_type.h"

namespace selvage::assets {
namespace {

std::string range(std::string_view field, uint64_t size = 100) {
  const ByteRange found = parse_range(field, size);
  switch (found.kind) {
    case ByteRange::Kind::whole: return "whole";
    case ByteRange::Kind::unsatisfiable: return "unsatisfiable";
    case ByteRange::Kind::part: break;
  }
  return std::to_string(found.first) + "+" + std::to_string(found.length);
}

TEST(Range, a_part_is_cut_to_the_file) {
  EXPECT_EQ(range("bytes=0-0"), "0+1");
  EXPECT_EQ(range("bytes=10-"), "10+90");
  EXPECT_EQ(range("bytes=90-1000"), "90+10");
  EXPECT_EQ(range("bytes=-5"), "95+5");
  EXPECT_EQ(range("bytes=-500"), "0+100");
  EXPECT_EQ(range("Bytes = 1 - 2"), "1+2");
  EXPECT_EQ(range("bytes=99999999999999999999-"), "unsatisfiable");
  EXPECT_EQ(range("bytes=0-99999999999999999999"), "0+100");
}

TEST(Range, what_is_not_there_cannot_be_satisfied) {
  EXPECT_EQ(range("bytes=100-"), "unsatisfiable");
  EXPECT_EQ(range("bytes=-0"), "unsatisfiable");
  EXPECT_EQ(range("bytes=0-", 0), "unsatisfiable");
}

TEST(Range, what_is_not_understood_is_ignored) {
  for (const char* field : {"", "bytes", "bytes=", "bytes=-", "bytes=2-1", "lines=0-1", "bytes=a-b",
                            "bytes=0-1,5-6", "bytes=+1-2", "bytes=1-2-3"}) {
    EXPECT_EQ(range(field), "whole") << field;
  }
}

std::string order(std::string_view field) {
  const CodingPreference preference = parse_accept_encoding(field);
  std::string text;
  for (size_t i = 0; i < preference.count; ++i) {
    const std::string_view name = to_string(preference.order[i]);
    text += (text.empty() ? "" : " ") + std::string(name.empty() ? "identity" : name);
  }
  return text;
}

TEST(AcceptEncoding, q_values_decide_and_brotli_wins_where_they_are_equal) {
  EXPECT_EQ(order(""), "identity");
  EXPECT_EQ(order("gzip, deflate, br, zstd"), "br zstd gzip identity");
  EXPECT_EQ(order("gzip, zstd"), "zstd gzip identity");
  EXPECT_EQ(order("zstd;q=0.9, br;q=0.8"), "zstd br identity");
  EXPECT_EQ(order("gzip;q=1.0, br;q=0.5"), "gzip br identity");
  EXPECT_EQ(order("br;q=0, gzip"), "gzip identity");
  EXPECT_EQ(order("*"), "br zstd gzip identity");
  EXPECT_EQ(order("*;q=0"), "identity");
  EXPECT_EQ(order("identity, gzip;q=0.5"), "identity gzip");
  EXPECT_EQ(order("GZIP ; Q=0.8 , BR;q=0.81"), "br gzip identity");
  EXPECT_EQ(order("gzip;q=2"), "identity");
  EXPECT_EQ(order("gzip;q=0.1234"), "identity");
  EXPECT_EQ(order(",,,gzip;;q=0.5;x=1,"), "gzip identity");
}

TEST(Compression, gives_back_less_for_texts) {
  const std::string text(20'000, 'a');
  for (const Coding coding : kCompressedCodings) {
    const auto compressed = compress(text, coding);
    ASSERT_TRUE(compressed);
    EXPECT_LT(compressed->size(), 200u);
    EXPECT_FALSE(compressed->empty());
  }
  EXPECT_TRUE(is_compressible("text/html; charset=utf-8"));
  EXPECT_TRUE(is_compressible("image/svg+xml"));
  EXPECT_FALSE(is_compressible("image/png"));
  EXPECT_FALSE(is_compressible(""));
}

TEST(MediaType, is_known_by_the_last_extension) {
  EXPECT_EQ(media_type_of("index.html"), "text/html; charset=utf-8");
  EXPECT_EQ(media_type_of("a/b.min.JS"), "text/javascript; charset=utf-8");
  EXPECT_EQ(media_type_of("a.tar.gz"), "application/gzip");
  EXPECT_EQ(media_type_of("a.unknown"), "");
  EXPECT_EQ(media_type_of("a.d/LICENSE"), "");
  EXPECT_EQ(media_type_of(""), "");
}

}  // namespace
}  // namespace selvage::assets
