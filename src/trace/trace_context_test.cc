#include "trace/trace_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace selvage::trace {
namespace {

using testing::Optional;

constexpr const char* kGood = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(Traceparent, IsReadAndWritten) {
  const auto context = parse_traceparent(kGood);
  ASSERT_TRUE(context);
  EXPECT_EQ(to_hex(context->trace), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(to_hex(context->span), "b7ad6b7169203331");
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(to_traceparent(*context), kGood);
}

TEST(Traceparent, OnlyTheSampledFlagCounts) {
  const std::string ids = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-";
  for (const auto& [flags, sampled] :
       {std::pair{"00", false}, {"01", true}, {"02", false}, {"03", true}, {"ff", true}}) {
    const auto context = parse_traceparent(ids + flags);
    ASSERT_TRUE(context) << flags;
    EXPECT_EQ(context->sampled, sampled) << flags;
    EXPECT_EQ(to_traceparent(*context), ids + (sampled ? "01" : "00"));
  }
}

TEST(Traceparent, ALaterVersionIsReadAsFarAsItIsKnown) {
  for (const char* value : {"cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                            "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
                            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-comes"}) {
    const auto context = parse_traceparent(value);
    ASSERT_TRUE(context) << value;
    EXPECT_EQ(to_traceparent(*context), kGood);
  }
}

TEST(Traceparent, WhatIsWrongIsNotRead) {
  for (const char* value : {
           "",
           "00",
           "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",   // that version is none
           "0g-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",   //
           "00-00000000000000000000000000000000-b7ad6b7169203331-01",   // no trace
           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",   // no span
           "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",   // upper case
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0A",   //
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",    // too short
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",  // longer than 00 is
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-010",
           "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.x",
           "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
           "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331c-01",
           " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
       }) {
    EXPECT_FALSE(parse_traceparent(value)) << value;
  }
}

TEST(Tracestate, KeepsItsMembersInOrderWithoutEmptyOnes) {
  EXPECT_THAT(parse_tracestate("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"),
              Optional(std::string("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")));
  EXPECT_THAT(parse_tracestate(" a=1 , ,,\tb=2,"), Optional(std::string("a=1,b=2")));
  EXPECT_THAT(parse_tracestate("fw529a3039@dt=FfAB cd,0_-*/x=!~"),
              Optional(std::string("fw529a3039@dt=FfAB cd,0_-*/x=!~")));
  EXPECT_THAT(parse_tracestate(""), Optional(std::string()));
}

TEST(Tracestate, WhatIsWrongIsNotRead) {
  std::string many;
  for (int i = 0; i < 33; ++i) many += "k" + std::to_string(i) + "=v,";
  for (const std::string& value :
       {std::string("a"), std::string("=1"), std::string("a="), std::string("A=1"),
        std::string("a=1,a=2"), std::string("a=b=c"), std::string("a=\x7f"), std::string("a b=1"),
        std::string("@a=1"), "a" + std::string(256, 'b') + "=1", "a=" + std::string(257, 'b'),
        many}) {
    EXPECT_FALSE(parse_tracestate(value)) << value;
  }
}

TEST(Tracestate, LongMembersGoFirstWhenThereIsTooMuch) {
  std::string state = "a=1,long=" + std::string(200, 'x');
  for (int i = 0; i < 10; ++i) state += ",k" + std::to_string(i) + "=" + std::string(40, 'y');
  const auto kept = parse_tracestate(state);
  ASSERT_TRUE(kept);
  EXPECT_LE(kept->size(), kLongestState);
  EXPECT_THAT(*kept, testing::StartsWith("a=1,k0="));
  EXPECT_THAT(*kept, testing::HasSubstr(",k9="));
  for (int i = 10; i < 15; ++i) state += ",k" + std::to_string(i) + "=" + std::string(40, 'y');
  EXPECT_LE(parse_tracestate(state)->size(), kLongestState);
  EXPECT_THAT(*parse_tracestate(state), testing::Not(testing::HasSubstr("k14=")));
}

TEST(Extract, ReadsTheFieldsOfARequest) {
  const auto context = extract(std::string("Host: a\r\nTraceParent:  ") + kGood +
                               " \r\ntracestate: a=1\r\nTraceState: b=2\r\n");
  ASSERT_TRUE(context);
  EXPECT_EQ(to_traceparent(*context), kGood);
  EXPECT_EQ(context->state, "a=1,b=2");
  EXPECT_TRUE(context->remote);
}

TEST(Extract, TwoParentsAreNoneAndABadStateGoesAlone) {
  const std::string line = std::string("traceparent: ") + kGood + "\r\n";
  EXPECT_FALSE(extract(line + line));
  EXPECT_FALSE(extract("tracestate: a=1\r\n"));
  EXPECT_FALSE(extract(""));
  const auto context = extract(line + "tracestate: a=1,a=2\r\n");
  ASSERT_TRUE(context);
  EXPECT_EQ(context->state, "");
}

}  // namespace
}  // namespace selvage::trace
