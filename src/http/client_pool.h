// Connections that have no exchange at the moment, kept to be used again.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "loop/loop.h"
#include "net/stream.h"

namespace selvage::http {

struct ClientPoolOptions {
  std::chrono::milliseconds keep_idle_for{15'000};
  size_t most_idle_for_origin = 16;
  size_t most_idle = 256;
};

/// All calls on the loop's carrier. Idle connections do not keep Loop::run_until_idle() going, and
/// leave the pool when the peer closes them or sends what nobody asked for.
class ClientPool {
 public:
  ClientPool(loop::Loop& loop, ClientPoolOptions options);
  ~ClientPool();
  ClientPool(const ClientPool&) = delete;
  ClientPool& operator=(const ClientPool&) = delete;

  /// The connection used last for `origin`, with reading stopped and no listener; nullptr when
  /// there is none that looks alive.
  std::unique_ptr<net::Stream> take(const std::string& origin);

  /// Keeps `stream`, at the expense of the ones that have been idle for longest. `server_seconds`:
  /// after what time the server closes it.
  void put(const std::string& origin, std::unique_ptr<net::Stream> stream,
           std::optional<uint32_t> server_seconds);

  [[nodiscard]] size_t size() const { return idle_.size(); }

 private:
  class Idle;
  using List = std::list<std::unique_ptr<Idle>>;

  void remove(Idle& idle);
  void expire();
  void plan_expiry(uint64_t when);

  loop::Loop& loop_;
  ClientPoolOptions options_;
  List idle_;                                                      // the longest idle first
  std::unordered_map<std::string, std::vector<Idle*>> by_origin_;  // likewise
  loop::Timer expiry_;
  uint64_t next_expiry_ = 0;  // Loop::now(), while the timer is active
};

}  // namespace selvage::http
