// One end of a WebSocket as a program sees it: messages, not frames. Implemented by the connection
// of an HTTP server or client, and by the two ends of a pair within the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/function.h"
#include "base/result.h"

namespace selvage::http {

/// Codes of RFC 6455, section 7.4.1, that the runtime itself uses.
inline constexpr uint16_t kCloseNoStatus = 1005;
inline constexpr uint16_t kCloseAbnormal = 1006;
inline constexpr uint16_t kCloseInvalidData = 1007;
inline constexpr uint16_t kCloseMessageTooBig = 1009;

/// Bytes waiting to be sent: from here on, who passes on what others send should wait.
inline constexpr size_t kWebSocketHighWater = 256 << 10;

/// Told about what the peer sends. On the loop's carrier, never from within a call to the endpoint.
class WebSocketListener {
 public:
  virtual ~WebSocketListener() = default;
  virtual void on_message(bool text, std::string_view data) = 0;
  /// The peer's close frame (code 1005 when it carried none). More is sent by close() in answer.
  virtual void on_close(uint16_t code, std::string_view reason) = 0;
  /// The connection broke or violated the protocol; nothing follows.
  virtual void on_failure(const Error& error) = 0;
};

/// All calls on the loop's carrier. Shared by the connection and by whoever holds the program's
/// end.
class WebSocketEndpoint {
 public:
  virtual ~WebSocketEndpoint() = default;
  /// Starts delivery; messages that came before are delivered then. nullptr stops it.
  virtual void set_listener(WebSocketListener* listener) = 0;
  virtual void send(bool text, std::string_view data) = 0;
  /// Sends a close frame (RFC 6455, section 5.5.1); code 1005 sends one without a code.
  virtual void close(uint16_t code, std::string_view reason) = 0;
  /// Drops the connection without a close frame.
  virtual void terminate() = 0;
  /// Bytes that were sent and that the peer's side has not taken.
  [[nodiscard]] virtual size_t buffered_amount() const = 0;
  /// Calls back once, from the loop, when that is below the high-water mark or nothing is sent any
  /// more, whether there is a listener or not. Replaces what was set before.
  virtual void when_drained(UniqueFunction<void()> callback) = 0;
};

}  // namespace selvage::http
