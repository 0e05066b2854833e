#include "http/scripted_server_for_test.h"

#include <gtest/gtest.h>

namespace selvage::http {

ScriptedServer::ScriptedServer(loop::Loop& loop, ScriptedPeer::Handler handler)
    : loop_(loop), handler_(std::move(handler)), listener_(new uv_tcp_t) {
  uv_tcp_init(loop.uv(), listener_);
  listener_->data = this;
  sockaddr_in any_port{};
  uv_ip4_addr("127.0.0.1", 0, &any_port);
  EXPECT_EQ(uv_tcp_bind(listener_, reinterpret_cast<const sockaddr*>(&any_port), 0), 0);
  const auto on_connection = [](uv_stream_t* listener, int) {
    auto& server = *static_cast<ScriptedServer*>(listener->data);
    auto peer = std::make_unique<ScriptedPeer>(server.loop_, server.handler_);
    ASSERT_TRUE(peer->stream().accept(listener));
    peer->number = server.peers_.size() + 1;
    peer->stream().start_reading();
    server.peers_.push_back(std::move(peer));
  };
  EXPECT_EQ(uv_listen(reinterpret_cast<uv_stream_t*>(listener_), 64, on_connection), 0);
  sockaddr_storage bound{};
  int size = sizeof bound;
  uv_tcp_getsockname(listener_, reinterpret_cast<sockaddr*>(&bound), &size);
  port_ = ntohs(reinterpret_cast<const sockaddr_in&>(bound).sin_port);
}

ScriptedServer::~ScriptedServer() {
  uv_close(reinterpret_cast<uv_handle_t*>(listener_),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_tcp_t*>(handle); });
}

}  // namespace selvage::http
