// From a host's name to a connected stream: resolution, address policy, one address after the
// other, TLS, and one time limit over all of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/function.h"
#include "base/result.h"
#include "loop/loop.h"
#include "net/address_policy.h"
#include "net/resolver.h"
#include "net/stream.h"
#include "net/tls_context.h"

namespace selvage::net {

struct ConnectorOptions {
  /// For all of it.
  std::chrono::milliseconds timeout{30'000};
  /// For one address, while there are others to try.
  std::chrono::milliseconds attempt_timeout{5'000};
  /// Whether addresses that are not public (address_policy.h) may be connected to. The check is
  /// made on what the name resolved to.
  bool allow_private = false;
  /// The remedy in the error of a refused address.
  std::string private_remedy = "allow access to private networks in the configuration";
  TlsOptions tls;
};

struct Destination {
  std::string host;  // name or address, an IPv6 address with or without brackets
  uint16_t port = 0;
  bool tls = false;

  /// "host:port".
  [[nodiscard]] std::string to_string() const;
};

/// All calls on the loop's carrier.
class Connector {
 public:
  using Callback = UniqueFunction<void(Result<std::unique_ptr<Stream>>)>;
  /// A connection in the making; destroying it gives up and drops the callback. Must not outlive
  /// the connector.
  class Attempt {
   public:
    virtual ~Attempt() = default;
  };

  Connector(loop::Loop& loop, ConnectorOptions options);
  ~Connector();
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  /// `callback` comes from the loop, never from within this call, and may destroy the attempt.
  [[nodiscard]] std::unique_ptr<Attempt> connect(Destination destination, Callback callback);

 private:
  class ConnectAttempt;

  loop::Loop& loop_;
  ConnectorOptions options_;
  Resolver resolver_;
  TlsContext tls_;
};

}  // namespace selvage::net
