#include "net/connector.h"

#include <utility>

#include "net/tcp_stream.h"
#include "net/tls_stream.h"

namespace selvage::net {

std::string Destination::to_string() const {
  const bool bare_v6 = host.find(':') != std::string::npos && !host.starts_with('[');
  return (bare_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

class Connector::ConnectAttempt final : public Connector::Attempt {
 public:
  ConnectAttempt(Connector& connector, Destination destination, Callback callback)
      : connector_(connector),
        destination_(std::move(destination)),
        callback_(std::move(callback)),
        deadline_(connector.loop_),
        attempt_deadline_(connector.loop_) {
    deadline_.start(options().timeout, [this] {
      finish(selvage::fail(ErrorCode::timeout,
                           "cannot connect to " + destination_.to_string() + ": no answer within " +
                               std::to_string(options().timeout.count()) + " ms"));
    });
    // Reading the issuers takes a while the first time: begun while the name is looked up.
    if (destination_.tls) connector_.tls_.when_ready([](const Status&) {});
    lookup_ = connector_.resolver_.resolve(destination_.host, [this](auto addresses) {
      lookup_.reset();
      if (!addresses) {
        finish(selvage::fail(std::move(addresses).error()));
        return;
      }
      addresses_ = std::move(*addresses);
      refuse_private();
    });
  }

 private:
  [[nodiscard]] const ConnectorOptions& options() const { return connector_.options_; }

  void refuse_private() {
    if (!options().allow_private) {
      const Address first = addresses_.front();
      std::erase_if(addresses_, [](const Address& address) { return !is_public(address); });
      if (addresses_.empty()) {
        finish(selvage::fail(refusal(first)));
        return;
      }
    }
    try_next();
  }

  [[nodiscard]] Error refusal(const Address& address) const {
    const std::string text = address.to_string();
    const std::string kind = std::string(describe(classify(address))) + " address";
    const bool literal = Address::parse(destination_.host).has_value();
    return Error{ErrorCode::permission_denied,
                 literal ? "access to " + kind + " " + text + " is not allowed"
                         : "access to " + destination_.host + " is not allowed: it is " + kind +
                               " (" + text + ")",
                 options().private_remedy};
  }

  void try_next() {
    const Address address = addresses_[next_++];
    tcp_ = std::make_unique<TcpStream>(connector_.loop_);
    tcp_->connect(address, destination_.port, [this](Status status) {
      attempt_deadline_.cancel();
      if (!status) {
        attempt_failed(std::move(status).error());
        return;
      }
      if (destination_.tls) {
        secure();
      } else {
        finish(std::unique_ptr<Stream>(std::move(tcp_)));
      }
    });
    if (next_ < addresses_.size()) {
      attempt_deadline_.start(options().attempt_timeout, [this] {
        attempt_failed(Error{ErrorCode::timeout, "no answer", {}});
      });
    }
  }

  void secure() {
    connector_.tls_.when_ready([this, alive = std::weak_ptr(alive_)](const Status& ready) {
      if (alive.expired()) return;
      if (!ready) {
        fail_to_connect(ready.error());
        return;
      }
      tls_ = std::make_unique<TlsStream>(connector_.loop_, connector_.tls_, std::move(tcp_));
      tls_->handshake(destination_.host, destination_.port, [this](Status status) {
        if (status) {
          finish(std::unique_ptr<Stream>(std::move(tls_)));
        } else {
          fail_to_connect(std::move(status).error());
        }
      });
    });
  }

  void attempt_failed(Error error) {
    tcp_.reset();
    if (next_ < addresses_.size()) {
      try_next();
    } else {
      fail_to_connect(std::move(error));
    }
  }

  void fail_to_connect(Error error) {
    error.message = "cannot connect to " + destination_.to_string() + ": " + error.message;
    finish(selvage::fail(std::move(error)));
  }

  void finish(Result<std::unique_ptr<Stream>> result) {
    deadline_.cancel();
    attempt_deadline_.cancel();
    lookup_.reset();
    tcp_.reset();
    tls_.reset();
    Callback callback = std::move(callback_);
    callback(std::move(result));  // may destroy this
  }

  Connector& connector_;
  Destination destination_;
  Callback callback_;
  loop::Timer deadline_;
  loop::Timer attempt_deadline_;
  std::unique_ptr<Resolver::Lookup> lookup_;
  Resolver::Addresses addresses_;
  size_t next_ = 0;
  std::unique_ptr<TcpStream> tcp_;
  std::unique_ptr<TlsStream> tls_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);  // for weak_ptr only
};

Connector::Connector(loop::Loop& loop, ConnectorOptions options)
    : loop_(loop), options_(std::move(options)), resolver_(loop), tls_(loop, options_.tls) {}

Connector::~Connector() = default;

std::unique_ptr<Connector::Attempt> Connector::connect(Destination destination, Callback callback) {
  return std::make_unique<ConnectAttempt>(*this, std::move(destination), std::move(callback));
}

}  // namespace selvage::net
