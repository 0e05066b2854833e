// Names to addresses, by the operating system's resolver on libuv's thread pool.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/function.h"
#include "base/result.h"
#include "loop/loop.h"
#include "net/address.h"

namespace selvage::net {

struct ResolverOptions {
  /// How long an answer is used again. Short, since getaddrinfo() tells no time to live. Failures
  /// are never kept.
  std::chrono::milliseconds keep_for{10'000};
  size_t most_kept = 1024;
};

/// All calls on the loop's carrier.
class Resolver {
 public:
  using Addresses = std::vector<Address>;  // never empty, in the order to try them in
  using Callback = UniqueFunction<void(Result<Addresses>)>;

  explicit Resolver(loop::Loop& loop, ResolverOptions options = {});
  /// Callbacks that are still owed are dropped.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// A question that waits; destroying it drops the callback. Must not outlive the resolver.
  class Lookup;

  /// `callback` comes from the loop, never from within this call. `host` is a name or an address
  /// (with or without brackets). "localhost" and names below it are loopback and never asked for
  /// (RFC 6761 section 6.3). Questions for one name share one look-up.
  [[nodiscard]] std::unique_ptr<Lookup> resolve(std::string_view host, Callback callback);

 private:
  struct Query;
  struct Kept {
    Addresses addresses;
    uint64_t until;  // Loop::now()
  };
  void finished(Query& query, Result<Addresses> result);
  void keep(const std::string& host, const Addresses& addresses);
  static Result<Addresses> read_answer(const std::string& host, int status,
                                       const struct addrinfo* first);

  loop::Loop& loop_;
  ResolverOptions options_;
  std::unordered_map<std::string, Kept> kept_;
  std::unordered_map<std::string, std::shared_ptr<Query>> running_;
};

class Resolver::Lookup {
 public:
  ~Lookup();
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;

 private:
  friend class Resolver;
  struct Waiter;
  explicit Lookup(std::shared_ptr<Waiter> waiter) : waiter_(std::move(waiter)) {}
  std::shared_ptr<Waiter> waiter_;  // shared with the query or the deferred answer
};

}  // namespace selvage::net
