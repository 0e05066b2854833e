// Cron expressions, as anybody may send them: each is refused with a reason, or has times that rise
// and are due.
#include <string_view>

#include "deploy/cron/cron_expression.h"
#include "expect.h"

using selvage::fuzz::expect;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto cron = selvage::deploy::CronExpression::parse(text);
  if (!cron) {
    expect(!cron.error().message.empty(), "a refusal says why");
    return 0;
  }
  int64_t time = 1'700'000'000'123;
  for (int i = 0; i < 4; ++i) {
    const auto next = cron->next(time);
    if (!next) break;
    expect(*next > time && *next % 60'000 == 0, "times rise, and are full minutes");
    expect(cron->due(*next) && cron->due(*next + 59'999), "a time is due for its whole minute");
    time = *next;
  }
  return 0;
}
