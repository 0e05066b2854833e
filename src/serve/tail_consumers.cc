#include "serve/tail_consumers.h"

#include <algorithm>
#include <map>

#include "base/log.h"
#include "serve/tail_sessions.h"

namespace selvage::serve {

void TailConsumers::deploy(const std::vector<deploy::WorkerVersion>& versions) {
  subscriptions_.clear();
  std::map<std::string, std::shared_ptr<Consumer>> consumers;
  for (const deploy::WorkerVersion& version : versions) {
    for (const std::string& name : version.tail_consumers) {
      std::shared_ptr<Consumer>& consumer = consumers[name];
      if (!consumer) {
        consumer = std::make_shared<Consumer>();
        consumer->name = name;
      }
      subscriptions_.push_back(hub_.subscribe(
          version.name, signals::Recording::all,
          [consumer, &site = site_](const std::shared_ptr<const signals::Record>& record) {
            if (record->kind == signals::EventKind::tail) return;
            {
              std::lock_guard lock(consumer->mutex);
              if (consumer->waiting.size() >= kMostWaiting) return;
              consumer->waiting.push_back(record);
              if (std::exchange(consumer->posted, true)) return;
            }
            site.loop().post([consumer, &site] { hand_over(site, consumer); });
          }));
    }
  }
}

void TailConsumers::hand_over(LoopSite& site, const std::shared_ptr<Consumer>& consumer) {
  std::vector<std::shared_ptr<const signals::Record>> records;
  {
    std::lock_guard lock(consumer->mutex);
    const size_t count = std::min(consumer->waiting.size(), kMostAtOnce);
    const auto end = consumer->waiting.begin() + static_cast<ptrdiff_t>(count);
    records.assign(consumer->waiting.begin(), end);
    consumer->waiting.erase(consumer->waiting.begin(), end);
    consumer->posted = !consumer->waiting.empty();
    if (consumer->posted) site.loop().post([consumer, &site] { hand_over(site, consumer); });
  }
  if (records.empty()) return;
  auto target = std::make_unique<worker::Target>();
  target->tail = "[";
  for (const auto& record : records) {
    if (target->tail.size() > 1) target->tail += ',';
    target->tail += line_for_account(*record);
  }
  target->tail += ']';
  http::Request request;
  request.method = "POST";
  request.url = "http://tail/";
  site.request(consumer->name, std::move(target), std::move(request),
               [name = consumer->name](const Result<http::Response>& response) {
                 if (response) return;
                 log_warn(name, "its tail() got no records: " + response.error().describe());
               });
}

}  // namespace selvage::serve
