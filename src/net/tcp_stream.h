// A stream over a TCP socket of libuv.
#pragma once

#include <cstdint>
#include <memory>

#include "base/function.h"
#include "loop/loop.h"
#include "net/address.h"
#include "net/stream.h"

namespace selvage::net {

class TcpStream final : public Stream {
 public:
  using ConnectCallback = UniqueFunction<void(Status)>;

  explicit TcpStream(loop::Loop& loop);
  ~TcpStream() override;
  TcpStream(const TcpStream&) = delete;
  TcpStream& operator=(const TcpStream&) = delete;

  /// Once. `callback` comes from within uv_run, never from within this call, and not at all when
  /// the stream is destroyed first. It may destroy the stream.
  void connect(const Address& address, uint16_t port, ConnectCallback callback);
  /// Takes the next connection that `listener` has; instead of connect().
  Status accept(uv_stream_t* listener);

  void set_listener(StreamListener* listener) override;
  void start_reading() override;
  void stop_reading() override;
  bool write(std::string bytes) override;
  [[nodiscard]] size_t unsent_bytes() const override;
  void end() override;
  [[nodiscard]] bool quiet() const override;
  void keep_loop_alive(bool alive) override;

 private:
  struct Core;
  Core* core_;  // closed asynchronously by libuv, hence not a member
};

}  // namespace selvage::net
