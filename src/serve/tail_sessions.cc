#include "serve/tail_sessions.h"

#include <nlohmann/json.hpp>
#include <random>
#include <utility>

#include "base/utc_text.h"
#include "base/wall_clock.h"
#include "deploy/platform/platform_store.h"
#include "deploy/platform/seal.h"

namespace selvage::serve {

void name_for_account(nlohmann::ordered_json& json) {
  const auto rename = [](nlohmann::ordered_json& object) {
    const auto name = object.find("scriptName");
    if (name == object.end() || !name->is_string()) return;
    *name = std::string(deploy::worker_name_of(name->get<std::string>()));
  };
  rename(json);
  if (const auto event = json.find("event"); event != json.end() && event->is_object()) {
    if (const auto consumed = event->find("consumedEvents"); consumed != event->end()) {
      for (auto& each : *consumed) rename(each);
    }
  }
}

std::string line_for_account(const signals::Record& record) {
  nlohmann::ordered_json json = signals::to_json(record);
  name_for_account(json);
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

// --- Sessions ----------------------------------------------------------------------------------

Result<api::Tail> TailSessions::open(const std::string& worker, const nlohmann::json& filters,
                                     const std::string& client) {
  SELVAGE_TRY(signals::TailFilter filter, signals::TailFilter::parse(filters, client));
  if (of(worker).size() >= kMostOfAWorker) {
    return fail(ErrorCode::invalid_argument,
                "the worker is followed by " + std::to_string(kMostOfAWorker) + " tails already",
                "End one of them");
  }
  const std::string id = deploy::random_id();
  const int64_t expires = wall_clock_seconds() + std::chrono::seconds(kLifetime).count();
  std::lock_guard lock(mutex_);
  sessions_.emplace(id, Session{worker, std::move(filter), expires});
  return api::Tail{id, iso_time(expires * 1000)};
}

void TailSessions::forget_expired() {
  const int64_t now = wall_clock_seconds();
  std::erase_if(sessions_, [&](const auto& each) { return each.second.expires <= now; });
}

std::vector<api::Tail> TailSessions::of(const std::string& worker) {
  std::lock_guard lock(mutex_);
  forget_expired();
  std::vector<api::Tail> found;
  for (const auto& [id, session] : sessions_) {
    if (session.worker == worker) found.push_back({id, iso_time(session.expires * 1000)});
  }
  return found;
}

bool TailSessions::close(const std::string& worker, const std::string& id) {
  std::lock_guard lock(mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second.worker != worker) return false;
  sessions_.erase(found);
  return true;
}

std::optional<TailSessions::Session> TailSessions::find(const std::string& id) {
  std::lock_guard lock(mutex_);
  forget_expired();
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? std::optional<Session>() : found->second;
}

// --- Sockets -----------------------------------------------------------------------------------

TailSocket::~TailSocket() {
  endpoint_->set_listener(nullptr);
  subscription_.reset();
}

void TailSocket::start(signals::Hub& hub, TailSessions::Session session,
                       UniqueFunction<void()> ended) {
  ended_ = std::move(ended);
  endpoint_->set_listener(this);
  auto dice = std::make_shared<std::minstd_rand>(std::random_device()());
  subscription_ = hub.subscribe(
      session.worker, signals::Recording::all,
      [queue = queue_, weak = weak_from_this(), &loop = loop_, filter = std::move(session.filter),
       dice](const std::shared_ptr<const signals::Record>& record) {
        if (!filter.admits(*record, std::generate_canonical<double, 24>(*dice))) return;
        {
          std::lock_guard lock(queue->mutex);
          if (queue->waiting.size() >= kMostWaiting) return;
          queue->waiting.push_back(record);
          if (queue->waiting.size() > 1) return;  // the loop knows
        }
        loop.post([weak] {
          if (const auto socket = weak.lock()) socket->send_waiting();
        });
      });
}

void TailSocket::send_waiting() {
  std::vector<std::shared_ptr<const signals::Record>> records;
  {
    std::lock_guard lock(queue_->mutex);
    records.swap(queue_->waiting);
  }
  for (const auto& record : records) {
    if (endpoint_->buffered_amount() > kMostBytes) return;
    endpoint_->send(true, line_for_account(*record));
  }
}

void TailSocket::on_close(uint16_t code, std::string_view reason) {
  endpoint_->close(code, reason);
  end();
}

void TailSocket::on_failure(const Error&) { end(); }

void TailSocket::end() {
  if (ended_) loop_.defer(std::exchange(ended_, nullptr));
}

}  // namespace selvage::serve
