// The WebSockets of an isolate that are connected to something outside of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "http/websocket_endpoint.h"
#include "worker/event.h"

namespace selvage::worker {

/// The loop's holder only.
class SocketTable {
 public:
  explicit SocketTable(WorkerIsolate& isolate);
  /// Sockets that are still open are dropped (their peers see 1006).
  ~SocketTable();

  /// Takes the endpoint over; its messages go to the builtins under the number returned. The
  /// invocation stays alive as long as the socket.
  int32_t add(std::shared_ptr<http::WebSocketEndpoint> endpoint, InvocationId invocation);
  void send(int32_t id, bool text, std::string_view data);
  void close(int32_t id, uint16_t code, std::string_view reason);
  /// Takes the endpoint away, to be handed on as it is; nullptr when it is closed.
  std::shared_ptr<http::WebSocketEndpoint> take(int32_t id);
  void close_of(InvocationId invocation, uint16_t code, std::string_view reason);
  [[nodiscard]] bool empty() const { return entries_.empty(); }

 private:
  class Entry;
  void remove(int32_t id);

  WorkerIsolate& isolate_;
  int32_t last_id_ = 0;
  std::unordered_map<int32_t, std::unique_ptr<Entry>> entries_;
};

}  // namespace selvage::worker
