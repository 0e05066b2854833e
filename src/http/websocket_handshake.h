// The keys of the WebSocket opening handshake (RFC 6455, sections 4.1 and 4.2.2).
#pragma once

#include <string>
#include <string_view>

namespace selvage::http {

/// The Sec-WebSocket-Accept that answers a Sec-WebSocket-Key.
std::string websocket_accept_for(std::string_view key);

/// A fresh Sec-WebSocket-Key: 16 random bytes in base64.
std::string new_websocket_key();

}  // namespace selvage::http
