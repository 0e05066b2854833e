// A sample of the fault campaign: the first few hundred of the lives that `./x faults` leads, and
// the broken variants.
#include <gtest/gtest.h>

#include <ostream>

#include "base/log.h"
#include "campaign.h"

namespace selvage::faults {

// What GoogleTest shows of the parameters.
void PrintTo(const Variant& variant, std::ostream* out) { *out << variant.name; }
void PrintTo(Kind kind, std::ostream* out) { *out << to_string(kind); }

namespace {

#if defined(__has_feature) && __has_feature(address_sanitizer)
constexpr uint64_t kSample = 50;
#else
constexpr uint64_t kSample = 300;
#endif
/// Most variants are noticed by the first few seeds, the hardest by one of some hundred.
constexpr uint64_t kVariantSeeds = 1000;

class FaultsTest : public testing::TestWithParam<Kind> {
 protected:
  FaultsTest() { set_log_level(static_cast<LogLevel>(4)); }
  ~FaultsTest() override { set_log_level(LogLevel::info); }
};

TEST_P(FaultsTest, NoAcknowledgedWriteIsLostAndNothingIsDamaged) {
  for (uint64_t seed = 1; seed <= kSample; ++seed) {
    Verdict verdict = live(GetParam(), seed, {});
    ASSERT_FALSE(verdict.wrong) << "./x faults --seed " << seed << " --life "
                                << to_string(GetParam()) << ": " << *verdict.wrong;
  }
}

INSTANTIATE_TEST_SUITE_P(Lives, FaultsTest, testing::ValuesIn(all_kinds()),
                         [](const auto& life) { return std::string(to_string(life.param)); });

class BrokenVariantTest : public testing::TestWithParam<Variant> {
 protected:
  BrokenVariantTest() { set_log_level(static_cast<LogLevel>(4)); }
  ~BrokenVariantTest() override { set_log_level(LogLevel::info); }
};

TEST_P(BrokenVariantTest, IsNoticed) {
  EXPECT_TRUE(catch_variant(GetParam(), all_kinds(), kVariantSeeds)) << GetParam().what;
}

std::string test_name(const testing::TestParamInfo<Variant>& variant) {
  std::string name = variant.param.name;
  for (char& c : name)
    if (c == '-') c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Variants, BrokenVariantTest, testing::ValuesIn(variants()), test_name);

TEST(FaultsReplayTest, ASeedIsTheSameLifeEachTime) {
  auto traced = [](Kind kind) {
    std::string lines;
    LifeOptions options;
    options.trace = [&lines](const std::string& line) { lines += line + '\n'; };
    (void)live(kind, 7, options);
    return lines;
  };
  for (Kind kind : all_kinds()) EXPECT_EQ(traced(kind), traced(kind)) << to_string(kind);
}

}  // namespace
}  // namespace selvage::faults
