// A request that comes from within the process (a service binding, a Durable Object's stub) in the
// shape of one from a socket, so that whatever answers needs to know only one.
#pragma once

#include <memory>
#include <string>

#include "http/exchange.h"
#include "http/message.h"
#include "loop/loop.h"

namespace selvage::worker {

/// One loop. The callback is called once, from the loop and not from within a call to this; with an
/// error when the exchange is aborted or destroyed unanswered.
class LocalExchange final : public http::Exchange,
                            public std::enable_shared_from_this<LocalExchange> {
 public:
  static std::shared_ptr<LocalExchange> create(loop::Loop& loop, http::Request request,
                                               http::ResponseCallback callback);
  ~LocalExchange() override;

  [[nodiscard]] std::string_view method() const override { return request_.method; }
  [[nodiscard]] std::string_view target() const override;
  [[nodiscard]] std::string_view host() const override;
  /// The whole URL, which the caller has normalised.
  [[nodiscard]] const std::string& url() const { return request_.url; }
  [[nodiscard]] std::string_view header_block() const override { return request_.headers; }
  [[nodiscard]] int http_minor_version() const override { return 1; }
  [[nodiscard]] bool secure() const override { return request_.url.starts_with("https:"); }
  [[nodiscard]] std::string_view client_address() const override { return {}; }
  [[nodiscard]] bool wants_websocket() const override { return true; }
  [[nodiscard]] bool has_body() const override { return request_.body.present; }
  [[nodiscard]] std::optional<uint64_t> body_length() const override;
  [[nodiscard]] std::optional<std::string_view> complete_body() const override;
  std::shared_ptr<loop::Pipe> body() override;
  void set_observer(http::ExchangeObserver*) override {}
  char* respond(int status, std::string_view status_text, std::string_view headers,
                size_t body_length) override;
  void respond_empty(int status, std::string_view status_text, std::string_view headers) override;
  void respond_stream(int status, std::string_view status_text, std::string_view headers,
                      std::shared_ptr<loop::Pipe> body, std::optional<uint64_t> length) override;
  std::shared_ptr<http::WebSocketEndpoint> upgrade(std::string_view headers) override;
  void abort() override;
  /// The callee is in no state to answer: its caller gets the error.
  void fail_with(Error error);
  /// The callee threw: its caller gets a response with the status kThrown, whose header block is
  /// what builtins/thrown.ts made of the exception.
  void throw_to_caller(std::string_view exception);
  static constexpr int kThrown = 0;

 private:
  LocalExchange(loop::Loop& loop, http::Request request, http::ResponseCallback callback)
      : loop_(loop), request_(std::move(request)), callback_(std::move(callback)) {}
  void answer(Result<http::Response> response);

  loop::Loop& loop_;
  http::Request request_;
  http::ResponseCallback callback_;
};

}  // namespace selvage::worker
