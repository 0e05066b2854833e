// The way to the control plane: an HTTP server on a listener, a loop and a thread of its own, away
// from workers and their clients. Bodies are read whole before they are handed over; large ones
// only from those whose token is good. Tails are read from WebSockets here.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <unordered_map>

#include "http/server.h"
#include "loop/loop.h"
#include "serve/control_plane.h"
#include "serve/waiting_client.h"

namespace selvage::serve {

class ApiListener final : public http::RequestHandler {
 public:
  /// Of a body that anybody may send.
  static constexpr uint64_t kSmallBody = 64 << 10;
  static constexpr size_t kConnections = 1000;

  /// `index` of its loop. `control` must outlive it.
  ApiListener(int index, ControlPlane& control);
  ~ApiListener() override;

  /// Takes the listening socket over. Before start().
  Status listen(int fd) { return server_->adopt_listener(fd); }
  /// Carries its loop on a thread of its own from now on.
  void start();
  /// Any thread. Takes no more requests; `done` is called on its loop when the last is answered.
  void drain(UniqueFunction<void()> done);

  void on_request(http::Exchange& exchange) override;

 private:
  struct Upload;
  /// Whether it is for the WebSocket of a tail; then it is answered.
  bool serve_tail(http::Exchange& exchange);
  void read(const std::shared_ptr<Upload>& upload);
  void hand_over(const std::shared_ptr<Upload>& upload);

  ControlPlane& control_;
  loop::Loop loop_;
  std::unique_ptr<http::Server> server_;
  std::unordered_map<TailSocket*, std::shared_ptr<TailSocket>> tails_;
  std::thread thread_;
};

}  // namespace selvage::serve
