#include "serve/operations_site.h"

#include <utility>

#include "base/wall_clock.h"
#include "js/isolate.h"
#include "serve/waiting_client.h"
#include "signals/record.h"

namespace selvage::serve {
namespace {

constexpr std::string_view kText = "text/plain; charset=utf-8";

}  // namespace

/// One question to all loops. On the operations' loop.
struct OperationsSite::Round {
  explicit Round(loop::Loop& loop) : patience(loop) {}
  signals::Counters counters;
  std::vector<bool> answered;
  size_t missing = 0;
  loop::Timer patience;
  std::function<void(Round&)> done;

  void end() {
    if (!done) return;
    patience.cancel();
    std::exchange(done, nullptr)(*this);
  }
};

OperationsSite::OperationsSite(int index, std::vector<LoopSite*> sites, Figures shared)
    : sites_(std::move(sites)),
      shared_(std::move(shared)),
      started_seconds_(static_cast<double>(wall_clock_ms()) / 1000),
      loop_(index),
      server_(std::make_unique<http::Server>(loop_, *this)) {}

OperationsSite::~OperationsSite() {
  if (!thread_.joinable()) return;
  loop_.post([this] {
    server_.reset();
    loop_.post([this] { loop_.stop(); });
  });
  thread_.join();
}

void OperationsSite::start() {
  thread_ = std::thread([this] { loop_.carry(); });
}

void OperationsSite::ask_all(std::function<void(Round&)> done) {
  auto round = std::make_shared<Round>(loop_);
  round->answered.assign(sites_.size(), false);
  round->missing = sites_.size();
  round->done = std::move(done);
  // The timer keeps the round: a loop that does not answer must not make it immortal otherwise.
  round->patience.start(kPatience, [round] { round->end(); });
  for (size_t i = 0; i < sites_.size(); ++i) {
    sites_[i]->loop().post([this, round, i, site = sites_[i]]() mutable {
      auto counters = std::make_shared<signals::Counters>(site->counters());
      // Moved: the round belongs to the operations' loop, and is destroyed there.
      loop_.post([round = std::move(round), i, counters] {
        round->counters.merge(*counters);
        round->answered[i] = true;
        if (--round->missing == 0) round->end();
      });
    });
  }
}

void OperationsSite::on_request(http::Exchange& exchange) {
  auto client = std::make_shared<WaitingClient>(exchange);
  if (exchange.method() != "GET" && exchange.method() != "HEAD") {
    return client->answer(405, kText, "only GET\n");
  }
  const std::string_view target = exchange.target();
  const std::string_view path = target.substr(0, target.find('?'));
  if (path == "/metrics") {
    return ask_all([this, client](Round& round) {
      signals::ProcessFigures figures = signals::process_figures();
      figures.started_seconds = started_seconds_;
      figures.lost_isolates = static_cast<uint64_t>(js::Isolate::lost_count());
      client->answer(200, "text/plain; version=0.0.4; charset=utf-8",
                     signals::metrics_text(round.counters, figures, shared_()));
    });
  }
  if (path == "/healthz" || path == "/readyz") {
    const bool wants_ready = path == "/readyz";
    return ask_all([this, client, wants_ready](Round& round) {
      for (size_t i = 0; i < round.answered.size(); ++i) {
        if (round.answered[i]) continue;
        return client->answer(503, kText, "loop " + std::to_string(i) + " does not answer\n");
      }
      if (wants_ready && !ready_.load(std::memory_order_relaxed)) {
        return client->answer(503, kText, "no worker is deployed, or the engine is stopping\n");
      }
      client->answer(200, kText, "ok\n");
    });
  }
  client->answer(404, kText, "/metrics, /healthz and /readyz are here\n");
}

}  // namespace selvage::serve
