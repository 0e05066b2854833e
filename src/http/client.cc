#include "http/client.h"

#include <unordered_map>
#include <utility>

#include "http/client_exchange.h"

namespace selvage::http {

/// The exchanges in flight, and what they share.
class Client::Exchanges {
 public:
  Exchanges(loop::Loop& loop, ClientOptions options)
      : options_(std::move(options)),
        connector_(loop, {.timeout = options_.connect_timeout,
                          .allow_private = options_.allow_private,
                          .private_remedy = options_.private_remedy,
                          .tls = {.issuers_file = options_.issuers_file}}),
        pool_(loop, {.keep_idle_for = options_.keep_idle_for,
                     .most_idle_for_origin = options_.most_idle_for_origin,
                     .most_idle = options_.most_idle}),
        websockets_(loop),
        context_{loop, options_, connector_, pool_, websockets_} {}

  ~Exchanges() {
    for (const auto& [key, exchange] : std::exchange(running_, {})) exchange->shut_down();
  }

  std::shared_ptr<ClientExchange> add(Request request, FetchOptions options,
                                      ResponseCallback callback) {
    auto exchange =
        std::make_shared<ClientExchange>(context_, std::move(request), options, std::move(callback),
                                         [this](ClientExchange& over) { running_.erase(&over); });
    running_.emplace(exchange.get(), exchange);
    return exchange;
  }

 private:
  ClientOptions options_;
  net::Connector connector_;
  ClientPool pool_;
  ClientWebSockets websockets_;
  ClientContext context_;
  std::unordered_map<ClientExchange*, std::shared_ptr<ClientExchange>> running_;
};

struct ClientCall::Link {
  std::weak_ptr<ClientExchange> exchange;
};

ClientCall::ClientCall(std::unique_ptr<Link> link) : link_(std::move(link)) {}

ClientCall::~ClientCall() {
  if (const auto exchange = link_->exchange.lock()) exchange->abandon();
}

void ClientCall::cancel(Error reason) {
  if (const auto exchange = link_->exchange.lock()) exchange->cancel(std::move(reason));
}

bool ClientCall::over() const { return link_->exchange.expired(); }

Client::Client(loop::Loop& loop, ClientOptions options)
    : exchanges_(std::make_unique<Exchanges>(loop, std::move(options))) {}

Client::~Client() = default;

std::unique_ptr<ClientCall> Client::fetch(Request request, FetchOptions options,
                                          ResponseCallback callback) {
  const auto exchange = exchanges_->add(std::move(request), options, std::move(callback));
  exchange->start();
  return std::unique_ptr<ClientCall>(
      new ClientCall(std::make_unique<ClientCall::Link>(ClientCall::Link{exchange})));
}

std::unique_ptr<ClientCall> Client::connect_websocket(Request request, ResponseCallback callback) {
  const auto exchange = exchanges_->add(std::move(request), {}, std::move(callback));
  exchange->start_websocket();
  return std::unique_ptr<ClientCall>(
      new ClientCall(std::make_unique<ClientCall::Link>(ClientCall::Link{exchange})));
}

}  // namespace selvage::http
