// WebSockets from one endpoint to another: on the same loop, or across two.
#pragma once

#include <memory>

#include "http/websocket_endpoint.h"
#include "loop/loop.h"

namespace selvage::worker {

/// Joins two endpoints of one loop: what one receives the other sends, until both have closed. One
/// is not listened to while the other has much to send.
void join_sockets(std::shared_ptr<http::WebSocketEndpoint> one,
                  std::shared_ptr<http::WebSocketEndpoint> two);

/// `source` belongs to `from`, whose holder calls this. Returns an endpoint that belongs to `to`
/// and stands for it. About a mebibyte, or one message, is on its way between the two at the most.
std::shared_ptr<http::WebSocketEndpoint> bridge_socket(
    std::shared_ptr<http::WebSocketEndpoint> source, loop::Loop& from, loop::Loop& to);

}  // namespace selvage::worker
