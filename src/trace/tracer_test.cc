#include "trace/tracer.h"

#include <gtest/gtest.h>

#include <set>

#include "trace/open_span.h"

namespace selvage::trace {
namespace {

SpanContext from_outside(bool sampled) {
  return {.trace = {1, 2}, .span = 3, .sampled = sampled, .state = "a=1", .remote = true};
}

TEST(Tracer, AChildStaysInItsTraceAndDoesAsItsParent) {
  const Tracer tracer({.ratio = 0}, nullptr);
  for (const bool sampled : {true, false}) {
    const SpanContext parent = from_outside(sampled);
    const SpanContext context = tracer.begin(&parent);
    EXPECT_EQ(context.trace, parent.trace);
    EXPECT_NE(context.span, parent.span);
    EXPECT_EQ(context.sampled, sampled);
    EXPECT_EQ(context.state, "a=1");
    EXPECT_FALSE(context.remote);
  }
}

TEST(Tracer, WithoutABaseInParentsTheRatioDecidesButNotWithinTheProcess) {
  const Tracer tracer({.parent_based = false, .ratio = 0}, nullptr);
  SpanContext parent = from_outside(true);
  EXPECT_FALSE(tracer.begin(&parent).sampled);
  parent.remote = false;
  EXPECT_TRUE(tracer.begin(&parent).sampled);
}

TEST(Tracer, SamplesItsShareOfNewTraces) {
  for (const double ratio : {0.0, 0.25, 1.0}) {
    const Tracer tracer({.ratio = ratio}, nullptr);
    int sampled = 0;
    for (int i = 0; i < 10'000; ++i) sampled += tracer.begin(nullptr).sampled ? 1 : 0;
    EXPECT_NEAR(sampled, 10'000 * ratio, ratio == 0.25 ? 300 : 0);
  }
}

TEST(Tracer, DecidesByTheIdAlone) {
  const Tracer tracer({.parent_based = false, .ratio = 0.5}, nullptr);
  SpanContext low = from_outside(false);
  low.trace = {~uint64_t{0}, 0xff7fffffffffffff};  // the lower half of what is random
  SpanContext high = from_outside(false);
  high.trace = {0, 0x0080000000000000};
  EXPECT_FALSE(tracer.begin(&low).sampled);
  EXPECT_TRUE(tracer.begin(&high).sampled);
}

TEST(Tracer, IdsAreNotRepeated) {
  const Tracer tracer({}, nullptr);
  std::set<uint64_t> traces, spans;
  for (int i = 0; i < 1000; ++i) {
    const SpanContext context = tracer.begin(nullptr);
    traces.insert(context.trace.low);
    spans.insert(context.span);
  }
  EXPECT_EQ(traces.size(), 1000u);
  EXPECT_EQ(spans.size(), 1000u);
}

class OpenSpanTest : public testing::Test {
 protected:
  std::vector<Span> ended_;
  Tracer tracer_{{}, [this](Span span) { ended_.push_back(std::move(span)); }};
  SpanContext parent_ = tracer_.begin(nullptr);
};

TEST_F(OpenSpanTest, EndsOnceAndKnowsHowLongItTook) {
  {
    OpenSpan open(tracer_, parent_, SpanKind::client, "GET");
    open.span().set("a", 1);
    open.end();
    open.fail("late", "");
  }
  ASSERT_EQ(ended_.size(), 1u);
  EXPECT_EQ(ended_[0].parent, parent_.span);
  EXPECT_EQ(ended_[0].context.trace, parent_.trace);
  EXPECT_FALSE(ended_[0].failed);
  EXPECT_GE(ended_[0].end_ns, ended_[0].start_ns);
  EXPECT_EQ(ended_[0].attributes.size(), 1u);
}

TEST_F(OpenSpanTest, OneThatIsGivenUpHasFailed) {
  {
    const OpenSpan open(tracer_, parent_, SpanKind::client, "GET");
  }
  ASSERT_EQ(ended_.size(), 1u);
  EXPECT_TRUE(ended_[0].failed);
  EXPECT_EQ(std::get<std::string>(ended_[0].attributes.back().value), "canceled");
}

TEST_F(OpenSpanTest, OneThatIsNotSampledGoesNowhere) {
  parent_.sampled = false;
  {
    const OpenSpan open(tracer_, parent_, SpanKind::client, "GET");
  }
  EXPECT_TRUE(ended_.empty());
}

}  // namespace
}  // namespace selvage::trace
