// A TCP server that does exactly what a test tells it to, on the test's own loop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loop/loop.h"
#include "net/tcp_stream.h"

namespace selvage::http {

/// One connection as the server sees it.
class ScriptedPeer final : public net::StreamListener {
 public:
  using Handler = std::function<void(ScriptedPeer&)>;

  ScriptedPeer(loop::Loop& loop, Handler handler) : handler_(std::move(handler)), stream_(loop) {
    stream_.set_listener(this);
  }

  net::TcpStream& stream() { return stream_; }
  bool send(std::string bytes) { return stream_.write(std::move(bytes)); }
  /// Tells the client that nothing more comes, after what was sent.
  void end() { stream_.end(); }

  std::string received;  // all of it, or since the test last cleared it
  size_t total = 0;      // received bytes
  bool gone = false;     // the client closed or reset the connection
  size_t number = 0;     // 1 for the first connection
  Handler on_room;       // when send() has become possible again after it returned false

  void on_data(std::string_view bytes) override {
    received.append(bytes);
    total += bytes.size();
    if (handler_) handler_(*this);
  }
  void on_end() override { gone = true; }
  void on_error(const Error&) override { gone = true; }
  void on_write_failed(const Error&) override { gone = true; }
  void on_drain() override {
    if (on_room) on_room(*this);
  }

 private:
  Handler handler_;
  net::TcpStream stream_;
};

class ScriptedServer {
 public:
  /// `handler` is called whenever a connection has received something.
  ScriptedServer(loop::Loop& loop, ScriptedPeer::Handler handler);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] uint16_t port() const { return port_; }
  [[nodiscard]] std::string url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }
  /// Every connection that came, also the closed ones, in order.
  [[nodiscard]] size_t connections() const { return peers_.size(); }
  ScriptedPeer& peer(size_t number) { return *peers_.at(number - 1); }
  /// Closes a connection, dropping what was not sent.
  void drop(size_t number) { peers_.at(number - 1).reset(); }

 private:
  loop::Loop& loop_;
  ScriptedPeer::Handler handler_;
  uv_tcp_t* listener_;
  uint16_t port_ = 0;
  std::vector<std::unique_ptr<ScriptedPeer>> peers_;
};

}  // namespace selvage::http
