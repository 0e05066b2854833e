// One exchange of the client: a request, a connection for it, its response. The state behind
// Client::fetch().
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/client.h"
#include "http/client_body.h"
#include "http/client_body_sender.h"
#include "http/client_pool.h"
#include "http/client_request.h"
#include "http/client_websocket.h"
#include "http/response_parser.h"
#include "net/connector.h"

namespace selvage::http {

/// What the exchanges of one client share. Outlives them.
struct ClientContext {
  loop::Loop& loop;
  const ClientOptions& options;
  net::Connector& connector;
  ClientPool& pool;
  ClientWebSockets& websockets;
};

/// Held by its client until it is over; callbacks from elsewhere come by weak_ptr. All calls on the
/// loop's carrier.
class ClientExchange final : public net::StreamListener,
                             public std::enable_shared_from_this<ClientExchange> {
 public:
  /// `on_over`: the last thing an exchange does; it has nothing open any more.
  ClientExchange(ClientContext& context, Request request, FetchOptions options,
                 ResponseCallback callback, UniqueFunction<void(ClientExchange&)> on_over);
  ~ClientExchange() override;

  /// Checks the request and sets out. Calls nobody back from within.
  void start();
  /// Likewise, asking for a WebSocket.
  void start_websocket();
  /// ClientCall::cancel().
  void cancel(Error reason);
  /// The caller has gone: before the head the exchange is given up without a word.
  void abandon();
  /// The client goes: as abandon(), and a body in flight fails.
  void shut_down();

  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_error(const Error& error) override;
  void on_write_failed(const Error& error) override;
  void on_drain() override;

 private:
  Status prepare();
  void fail_later(Error error);
  void connect(bool may_reuse);
  void use(std::unique_ptr<net::Stream> stream, bool reused);
  void request_sent();
  void process(std::string_view bytes);
  void head_arrived(std::string_view rest);
  void websocket_opened(std::string_view rest);
  void response_complete(std::string_view rest);
  void body_has_room();
  void body_unwanted();
  void expect_body_bytes();
  void connection_lost(Error error);
  [[nodiscard]] bool may_retry() const;
  void fail(Error error);
  void close();
  void over();

  ClientContext& context_;
  Request request_;
  FetchOptions options_;
  ResponseCallback callback_;
  UniqueFunction<void(ClientExchange&)> on_over_;

  ClientUrl url_;
  std::string websocket_key_;  // "": an ordinary request
  std::string head_;           // of the request, serialized
  std::shared_ptr<ClientBodySender> sender_;
  std::unique_ptr<net::Connector::Attempt> connecting_;
  std::unique_ptr<net::Stream> stream_;
  bool reused_ = false;
  bool retried_ = false;
  bool write_failed_ = false;
  ResponseParser parser_;
  std::shared_ptr<ClientBody> body_;
  loop::Timer limit_;  // for the head, then for each piece of the body
  bool head_delivered_ = false;
  bool over_ = false;
};

}  // namespace selvage::http
