// The client's side of WebSocket connections: the check of the handshake's answer, and what carries
// a session's bytes after it.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "http/response_parser.h"
#include "http/websocket_deflate.h"
#include "http/websocket_endpoint.h"
#include "loop/loop.h"
#include "net/stream.h"

namespace selvage::http {

/// Whether a 101 response answers the handshake with this key (RFC 6455 section 4.1, steps 2 to 6),
/// and what was agreed on. `request_headers`: the caller's, with the subprotocols that it offered.
Result<std::optional<DeflateAgreement>> check_websocket_answer(const ResponseHead& head,
                                                               std::string_view key,
                                                               std::string_view request_headers);

/// The connections of one client. All calls on the loop's carrier.
class ClientWebSockets {
 public:
  explicit ClientWebSockets(loop::Loop& loop);
  /// Drops them all; the programs are told nothing more.
  ~ClientWebSockets();
  ClientWebSockets(const ClientWebSockets&) = delete;
  ClientWebSockets& operator=(const ClientWebSockets&) = delete;

  /// Takes a connection after the handshake, `received` being what followed the answer. The
  /// program's end is the result; messages wait in it until it has a listener.
  std::shared_ptr<WebSocketEndpoint> adopt(std::unique_ptr<net::Stream> stream,
                                           std::string_view received,
                                           const std::optional<DeflateAgreement>& deflate = {});

 private:
  class Connection;

  loop::Loop& loop_;
  DeflateContexts deflate_;
  std::unordered_map<Connection*, std::unique_ptr<Connection>> connections_;
};

}  // namespace selvage::http
