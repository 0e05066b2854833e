#include "trace/retry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace selvage::trace {
namespace {

using std::chrono::milliseconds;
using testing::Optional;

TEST(Retry, OnlyWhatTheProtocolNamesIsSentAgain) {
  for (const int status : {429, 502, 503, 504}) EXPECT_TRUE(may_retry(status)) << status;
  for (const int status : {200, 301, 400, 401, 404, 413, 500, 501}) {
    EXPECT_FALSE(may_retry(status)) << status;
  }
}

TEST(Retry, WaitsTwiceAsLongEachTimeAndGivesUp) {
  const Backoff backoff{.first = milliseconds(100), .longest = milliseconds(500), .most_tries = 5};
  EXPECT_THAT(next_try(backoff, 1, "", 0), Optional(milliseconds(100)));
  EXPECT_THAT(next_try(backoff, 2, "", 0), Optional(milliseconds(200)));
  EXPECT_THAT(next_try(backoff, 3, "", 0), Optional(milliseconds(400)));
  EXPECT_THAT(next_try(backoff, 4, "", 0), Optional(milliseconds(500)));
  EXPECT_EQ(next_try(backoff, 5, "", 0), std::nullopt);
  EXPECT_THAT(next_try(backoff, 1, "", 0.5), Optional(milliseconds(112)));
}

TEST(Retry, HeedsRetryAfterWithinBounds) {
  const Backoff backoff{.first = milliseconds(100), .longest = milliseconds(5000)};
  EXPECT_THAT(next_try(backoff, 1, "2", 0), Optional(milliseconds(2000)));
  EXPECT_THAT(next_try(backoff, 1, "86400", 0), Optional(milliseconds(5000)));
  EXPECT_THAT(next_try(backoff, 1, "0", 0), Optional(milliseconds(100)));
  EXPECT_THAT(next_try(backoff, 1, "Fri, 31 Dec 1999 23:59:59 GMT", 0),
              Optional(milliseconds(100)));
  EXPECT_THAT(next_try(backoff, 1, "-5", 0), Optional(milliseconds(100)));
}

}  // namespace
}  // namespace selvage::trace
