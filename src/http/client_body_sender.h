// The way of a request's body from its owner to the connection: framing and back-pressure.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/function.h"
#include "base/result.h"
#include "http/client_request.h"
#include "http/message.h"
#include "net/stream.h"

namespace selvage::http {

/// All calls on the loop's carrier. Shared by the exchange and by a read that the pipe still owes.
class ClientBodySender : public std::enable_shared_from_this<ClientBodySender> {
 public:
  struct Callbacks {
    /// All of the body was given to the stream. May come from within start() and resume().
    UniqueFunction<void()> on_sent;
    /// The body's producer failed, or gave more or less than it announced.
    UniqueFunction<void(Error)> on_failed;
  };

  static std::shared_ptr<ClientBodySender> create(Body body, const RequestFraming& framing,
                                                  Callbacks callbacks);

  /// Writes `head` and what follows it. `stream` must live until stop() or detach().
  void start(net::Stream& stream, std::string head);
  /// The stream's on_drain.
  void resume();
  /// The stream is gone. When nothing of a pipe was consumed, start() may come again.
  void detach();
  /// The rest is not wanted: cancels the pipe.
  void stop(const Error& reason);

  [[nodiscard]] bool sent() const { return sent_; }
  /// Whether start() can send the same again.
  [[nodiscard]] bool replayable() const { return body_.pipe == nullptr || !consumed_; }

 private:
  ClientBodySender(Body body, const RequestFraming& framing, Callbacks callbacks)
      : body_(std::move(body)), framing_(framing), callbacks_(std::move(callbacks)) {}
  void send_bytes(std::string first);
  void read_pipe();
  void take_chunk(Result<loop::Pipe::Chunk> chunk);
  void send_chunk(std::string bytes);
  void finish();
  void fail(Error error);

  Body body_;
  RequestFraming framing_;
  Callbacks callbacks_;
  net::Stream* stream_ = nullptr;
  size_t offset_ = 0;     // in body_.bytes
  uint64_t written_ = 0;  // of the pipe
  std::optional<Result<loop::Pipe::Chunk>> held_;
  bool consumed_ = false;
  bool reading_ = false;
  bool sent_ = false;
};

}  // namespace selvage::http
