#include "deploy/source_map.h"

#include <gtest/gtest.h>

namespace selvage::deploy {
namespace {

// Line 1 of the bundle: columns 0 and 4 are src/a.ts 1:1 and 1:5, column 8 has no original; line 2,
// column 2 is src/b.ts 11:4.
constexpr std::string_view kMap =
    R"({"version":3,"sources":["../src/a.ts","../src/b.ts"],"mappings":"AAAA,IAAI,I;ECUG"})";

SourceMap parse(std::string_view json) {
  auto map = SourceMap::parse(json);
  EXPECT_TRUE(map.has_value());
  return std::move(*map);
}

TEST(SourceMap, FindsTheSegmentThatAPlaceLiesIn) {
  const SourceMap map = parse(kMap);
  const auto inside = map.find(1, 7);
  ASSERT_TRUE(inside);
  EXPECT_EQ(inside->source, "../src/a.ts");
  EXPECT_EQ(inside->line, 1);
  EXPECT_EQ(inside->column, 5);
  EXPECT_FALSE(map.find(1, 10)) << "a segment without an original";
  EXPECT_FALSE(map.find(2, 1)) << "before the first segment of its line";
}

TEST(SourceMap, CarriesLineAndColumnFromSegmentToSegment) {
  const auto place = parse(kMap).find(2, 3);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->source, "../src/b.ts");
  EXPECT_EQ(place->line, 11);
}

TEST(SourceMap, PutsTheFramesOfItsFileInTheAuthorsTerms) {
  const std::string stack = "Error: x\n    at f (index.js:1:5)\n    at other.js:1:5";
  EXPECT_EQ(parse(kMap).map_stack(stack, "index.js"),
            "Error: x\n    at f (../src/a.ts:1:5)\n    at other.js:1:5");
}

TEST(SourceMap, RefusesWhatIsNotASourceMap) {
  EXPECT_FALSE(SourceMap::parse("[]"));
  EXPECT_FALSE(SourceMap::parse(R"({"sources":[]})"));
  EXPECT_FALSE(SourceMap::parse(R"({"sources":["a"],"mappings":"A!"})"));
}

}  // namespace
}  // namespace selvage::deploy
