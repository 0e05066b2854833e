#include "http/client_pool.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace selvage::http {

class ClientPool::Idle final : public net::StreamListener {
 public:
  Idle(ClientPool& pool, std::string of, std::unique_ptr<net::Stream> connection, uint64_t end)
      : origin(std::move(of)), expires(end), stream(std::move(connection)), pool_(pool) {
    stream->set_listener(this);
    stream->keep_loop_alive(false);
    stream->start_reading();
  }

  void on_data(std::string_view) override { pool_.remove(*this); }
  void on_end() override { pool_.remove(*this); }
  void on_error(const Error&) override { pool_.remove(*this); }
  void on_write_failed(const Error&) override { pool_.remove(*this); }

  const std::string origin;
  const uint64_t expires;  // Loop::now()
  std::unique_ptr<net::Stream> stream;
  List::iterator position;

 private:
  ClientPool& pool_;
};

ClientPool::ClientPool(loop::Loop& loop, ClientPoolOptions options)
    : loop_(loop), options_(options), expiry_(loop) {
  expiry_.keep_loop_alive(false);
}

ClientPool::~ClientPool() = default;

std::unique_ptr<net::Stream> ClientPool::take(const std::string& origin) {
  const auto found = by_origin_.find(origin);
  if (found == by_origin_.end()) return nullptr;
  // The youngest is the likeliest to live. One that is not quiet is about to be told why by the
  // next poll, and what the peer has sent to it must not be taken for an answer.
  const auto quiet = std::find_if(found->second.rbegin(), found->second.rend(),
                                  [](const Idle* idle) { return idle->stream->quiet(); });
  if (quiet == found->second.rend()) return nullptr;
  Idle& idle = **quiet;
  std::unique_ptr<net::Stream> stream = std::move(idle.stream);
  stream->stop_reading();
  stream->set_listener(nullptr);
  stream->keep_loop_alive(true);
  remove(idle);
  return stream;
}

void ClientPool::put(const std::string& origin, std::unique_ptr<net::Stream> stream,
                     std::optional<uint32_t> server_seconds) {
  uint64_t keep = static_cast<uint64_t>(options_.keep_idle_for.count());
  if (server_seconds) {
    keep = std::min<uint64_t>(keep, *server_seconds > 1 ? (*server_seconds - 1) * 1000ULL : 0);
  }
  if (keep == 0 || options_.most_idle == 0 || options_.most_idle_for_origin == 0) return;

  auto& same_origin = by_origin_[origin];
  idle_.push_back(std::make_unique<Idle>(*this, origin, std::move(stream), loop_.now() + keep));
  idle_.back()->position = std::prev(idle_.end());
  same_origin.push_back(idle_.back().get());
  if (same_origin.size() > options_.most_idle_for_origin) remove(*same_origin.front());
  if (idle_.size() > options_.most_idle) remove(*idle_.front());
  plan_expiry(loop_.now() + keep);
}

void ClientPool::remove(Idle& idle) {
  const auto found = by_origin_.find(idle.origin);
  std::erase(found->second, &idle);
  if (found->second.empty()) by_origin_.erase(found);
  idle_.erase(idle.position);
}

void ClientPool::plan_expiry(uint64_t when) {
  if (expiry_.active() && next_expiry_ <= when) return;
  next_expiry_ = when;
  const uint64_t now = loop_.now();
  expiry_.start(std::chrono::milliseconds(when > now ? when - now : 0), [this] { expire(); });
}

void ClientPool::expire() {
  const uint64_t now = loop_.now();
  for (auto at = idle_.begin(); at != idle_.end();) {
    Idle& idle = **at++;
    if (idle.expires <= now) {
      remove(idle);
    } else {
      plan_expiry(idle.expires);
    }
  }
}

}  // namespace selvage::http
