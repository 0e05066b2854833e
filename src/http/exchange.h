// One request that came in on a server connection, and the response to it: the contract between
// the HTTP server and whatever answers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"
#include "http/websocket_endpoint.h"

namespace selvage::http {

/// Told, once, when the client went away before the response was complete. On the loop's carrier,
/// from within uv_run or a deferred write, never from within a call to the exchange. The exchange
/// must not be used after. Without an observer it stays valid until a response was given.
class ExchangeObserver {
 public:
  virtual ~ExchangeObserver() = default;
  virtual void on_client_gone() = 0;
};

/// Owned by the connection. Valid from RequestHandler::on_request until the response is complete
/// (respond(), the end of a streamed body, upgrade()) or on_client_gone was called.
/// All calls on the loop's carrier.
class Exchange {
 public:
  virtual ~Exchange() = default;

  // The request. The views stay valid as long as the exchange.
  [[nodiscard]] virtual std::string_view method() const = 0;
  /// The request target as received, in origin form ("/path?query"); an absolute form is split, its
  /// authority is host().
  [[nodiscard]] virtual std::string_view target() const = 0;
  /// The Host field (or authority), with port, as received; "" when absent (HTTP/1.0).
  [[nodiscard]] virtual std::string_view host() const = 0;
  /// All header lines as received: "name: value\r\n"...; obs-fold and bare LF were refused.
  [[nodiscard]] virtual std::string_view header_block() const = 0;
  [[nodiscard]] virtual int http_minor_version() const = 0;  // 0 or 1
  [[nodiscard]] virtual bool secure() const = 0;             // came over TLS
  /// The client's address without port, e.g. "127.0.0.1" or "::1".
  [[nodiscard]] virtual std::string_view client_address() const = 0;
  /// Smoothed round-trip time to the client, in milliseconds; nullopt when unknown.
  [[nodiscard]] virtual std::optional<uint32_t> round_trip_ms() const { return std::nullopt; }
  /// A WebSocket handshake that upgrade() could accept.
  [[nodiscard]] virtual bool wants_websocket() const = 0;

  [[nodiscard]] virtual bool has_body() const = 0;
  [[nodiscard]] virtual std::optional<uint64_t> body_length() const = 0;
  /// The whole body, when it has arrived already and nobody has taken body(): valid as long as the
  /// exchange. nullopt otherwise.
  [[nodiscard]] virtual std::optional<std::string_view> complete_body() const = 0;
  /// The body as a pipe; call at most once. Sends "100 Continue" when the client waits for it.
  virtual std::shared_ptr<loop::Pipe> body() = 0;

  virtual void set_observer(ExchangeObserver* observer) = 0;

  // The response: exactly one of these.
  /// A response whose body is here. `headers` is a block without content-length, connection, date
  /// and transfer-encoding, which are added (Content-Length: a value in the block is dropped).
  /// Returns `body_length` writable bytes to be filled before the caller lets go of the loop
  /// (returns to it, or to JavaScript); they are sent at the end of this step.
  /// To HEAD, and with 204 and 304, no body is sent: the returned bytes are then ignored.
  virtual char* respond(int status, std::string_view status_text, std::string_view headers,
                        size_t body_length) = 0;
  /// As respond(), for answers without any body and without "Content-Length: 0" (e.g. 304).
  virtual void respond_empty(int status, std::string_view status_text,
                             std::string_view headers) = 0;
  /// Head now, body from the pipe: with Content-Length if `length` is given (a pipe that gives
  /// more or less breaks the connection), chunked otherwise; until close with HTTP/1.0.
  virtual void respond_stream(int status, std::string_view status_text, std::string_view headers,
                              std::shared_ptr<loop::Pipe> body, std::optional<uint64_t> length) = 0;
  /// 101, and the connection becomes a WebSocket. Needs wants_websocket().
  virtual std::shared_ptr<WebSocketEndpoint> upgrade(std::string_view headers) = 0;
  /// Closes the connection without (more of) a response.
  virtual void abort() = 0;
};

/// Answers requests. Called from within uv_run: schedule a turn, don't compute.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;
  virtual void on_request(Exchange& exchange) = 0;
};

}  // namespace selvage::http
