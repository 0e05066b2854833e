// Service's answer to "tail": records as they come.
#include <condition_variable>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>

#include "signals/tail_filter.h"
#include "state/service.h"

namespace selvage::state {
namespace {

constexpr std::chrono::seconds kPulse{1};
/// Records that may wait for a slow reader; beyond, the newest are dropped.
constexpr size_t kMostWaiting = 10'000;

}  // namespace

Result<nlohmann::json> Service::tail(const nlohmann::json& request, ItemCallback& item) {
  if (hub_ == nullptr) {
    return fail(ErrorCode::unavailable, "nothing runs here whose logs could be followed",
                "Start `selvage dev` or `selvage serve`, or read what was kept: `selvage logs`");
  }
  const auto filters = request.find("filters");
  SELVAGE_TRY(const auto filter,
              signals::TailFilter::parse(filters == request.end() ? nlohmann::json() : *filters,
                                         request.value("self", "127.0.0.1")));
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::shared_ptr<const signals::Record>> waiting;
  std::mt19937_64 random{std::random_device{}()};
  std::uniform_real_distribution<double> dice;
  const auto subscription = hub_->subscribe(
      request.value("worker", ""), signals::Recording::all,
      [&](const std::shared_ptr<const signals::Record>& record) {
        {
          std::lock_guard lock(mutex);
          if (waiting.size() >= kMostWaiting || !filter.admits(*record, dice(random))) return;
          waiting.push_back(record);
        }
        wake.notify_one();
      });
  SELVAGE_CHECK_STATUS(item(nlohmann::json::object()));  // it listens from now on
  for (;;) {
    std::deque<std::shared_ptr<const signals::Record>> records;
    {
      std::unique_lock lock(mutex);
      wake.wait_for(lock, kPulse, [&] { return !waiting.empty(); });
      records.swap(waiting);
    }
    if (records.empty()) SELVAGE_CHECK_STATUS(item(nlohmann::json::object()));
    for (const auto& record : records) {
      SELVAGE_CHECK_STATUS(item(nlohmann::json::parse(signals::to_line(*record))));
    }
  }
}

}  // namespace selvage::state
