// Two WebSocket endpoints within a process, joined to each other: how a socket passes from one
// isolate to another.
#pragma once

#include <memory>
#include <utility>

#include "http/websocket_endpoint.h"
#include "loop/loop.h"

namespace selvage::worker {

/// Both on `loop`. What one sends the other's listener gets, at the end of the loop's step.
std::pair<std::shared_ptr<http::WebSocketEndpoint>, std::shared_ptr<http::WebSocketEndpoint>>
make_socket_pair(loop::Loop& loop);

}  // namespace selvage::worker
