#include "net/resolver.h"

#include <uv.h>

#include <algorithm>
#include <utility>

namespace selvage::net {

struct Resolver::Lookup::Waiter {
  Callback callback;
};

Resolver::Lookup::~Lookup() { waiter_->callback = {}; }

/// One getaddrinfo(). Lives until libuv has called back, which may be after the resolver's end.
struct Resolver::Query {
  Resolver* resolver;  // null once nobody wants the answer
  std::string host;
  std::vector<std::shared_ptr<Lookup::Waiter>> waiters;
  uv_getaddrinfo_t request{};
  std::shared_ptr<Query> self;
};

namespace {

bool is_localhost(std::string_view host) {
  constexpr std::string_view kName = "localhost";
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.size() < kName.size()) return false;
  if (host.size() > kName.size() && host[host.size() - kName.size() - 1] != '.') return false;
  return std::equal(kName.begin(), kName.end(), host.end() - kName.size(),
                    [](char a, char b) { return a == (b | 0x20); });
}

Resolver::Addresses loopback_addresses() {
  return {Address::v4({127, 0, 0, 1}),
          Address::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})};
}

Error lookup_failure(const std::string& host, int status) {
  const std::string what = "cannot find the address of " + host + ": ";
  switch (status) {
    case UV_EAI_NONAME:
    case UV_EAI_NODATA: return Error{ErrorCode::not_found, what + "no such host", "check the name"};
    case UV_EAI_AGAIN:
      return Error{ErrorCode::unavailable, what + "the name server does not answer",
                   "try again, or check this machine's DNS settings"};
    default: return Error{ErrorCode::unavailable, what + uv_strerror(status), {}};
  }
}

}  // namespace

Resolver::Resolver(loop::Loop& loop, ResolverOptions options) : loop_(loop), options_(options) {}

Resolver::~Resolver() {
  for (auto& [host, query] : running_) {
    query->resolver = nullptr;
    query->waiters.clear();
    // Fails when a thread works on it already: the callback then finds nobody.
    uv_cancel(reinterpret_cast<uv_req_t*>(&query->request));
  }
}

std::unique_ptr<Resolver::Lookup> Resolver::resolve(std::string_view name, Callback callback) {
  auto waiter = std::make_shared<Lookup::Waiter>(std::move(callback));
  auto lookup = std::unique_ptr<Lookup>(new Lookup(waiter));
  const auto answer_later = [this, &waiter](Result<Addresses> result) {
    loop_.defer([waiter, result = std::move(result)]() mutable {
      if (Callback owed = std::exchange(waiter->callback, {})) owed(std::move(result));
    });
  };

  std::string host(name);
  if (const auto address = Address::parse(host)) {
    answer_later(Addresses{*address});
    return lookup;
  }
  if (is_localhost(host)) {
    answer_later(loopback_addresses());
    return lookup;
  }
  if (host.empty() || host.size() > 254 || host.find('\0') != std::string::npos) {
    answer_later(fail(ErrorCode::invalid_argument, "\"" + host + "\" is not a host name"));
    return lookup;
  }
  if (const auto kept = kept_.find(host); kept != kept_.end()) {
    if (loop_.now() < kept->second.until) {
      answer_later(kept->second.addresses);
      return lookup;
    }
    kept_.erase(kept);
  }
  if (const auto running = running_.find(host); running != running_.end()) {
    running->second->waiters.push_back(std::move(waiter));
    return lookup;
  }

  auto query = std::make_shared<Query>();
  query->resolver = this;
  query->host = host;
  query->waiters.push_back(waiter);
  query->request.data = query.get();
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  const int started = uv_getaddrinfo(
      loop_.uv(), &query->request,
      [](uv_getaddrinfo_t* request, int status, addrinfo* first) {
        auto* asked = static_cast<Query*>(request->data);
        const auto keep_alive = std::exchange(asked->self, nullptr);
        if (asked->resolver != nullptr) {
          asked->resolver->finished(*asked, read_answer(asked->host, status, first));
        }
        uv_freeaddrinfo(first);
      },
      host.c_str(), nullptr, &hints);
  if (started != 0) {
    answer_later(fail(lookup_failure(host, started)));
    return lookup;
  }
  query->self = query;
  running_.emplace(std::move(host), std::move(query));
  return lookup;
}

Result<Resolver::Addresses> Resolver::read_answer(const std::string& host, int status,
                                                  const addrinfo* first) {
  if (status != 0) return fail(lookup_failure(host, status));
  Addresses addresses;
  for (const addrinfo* at = first; at != nullptr; at = at->ai_next) {
    const auto address = Address::from(*at->ai_addr);
    if (!address) continue;
    if (std::find(addresses.begin(), addresses.end(), *address) == addresses.end()) {
      addresses.push_back(*address);
    }
  }
  if (addresses.empty()) return fail(lookup_failure(host, UV_EAI_NODATA));
  return addresses;
}

void Resolver::finished(Query& query, Result<Addresses> result) {
  if (result) keep(query.host, *result);
  const auto waiters = std::move(query.waiters);
  running_.erase(query.host);
  // From here on a callback may destroy the resolver.
  for (const auto& waiter : waiters) {
    if (Callback owed = std::exchange(waiter->callback, {})) owed(result);
  }
}

void Resolver::keep(const std::string& host, const Addresses& addresses) {
  if (options_.keep_for.count() <= 0) return;
  if (kept_.size() >= options_.most_kept) {
    const uint64_t now = loop_.now();
    std::erase_if(kept_, [now](const auto& entry) { return entry.second.until <= now; });
    if (kept_.size() >= options_.most_kept) kept_.clear();
  }
  kept_[host] = Kept{addresses, loop_.now() + static_cast<uint64_t>(options_.keep_for.count())};
}

}  // namespace selvage::net
