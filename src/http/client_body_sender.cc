#include "http/client_body_sender.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace selvage::http {
namespace {

constexpr size_t kPieceSize = 64 * 1024;

}  // namespace

std::shared_ptr<ClientBodySender> ClientBodySender::create(Body body, const RequestFraming& framing,
                                                           Callbacks callbacks) {
  return std::shared_ptr<ClientBodySender>(
      new ClientBodySender(std::move(body), framing, std::move(callbacks)));
}

void ClientBodySender::start(net::Stream& stream, std::string head) {
  stream_ = &stream;
  offset_ = 0;
  sent_ = false;
  if (body_.pipe == nullptr) {
    send_bytes(std::move(head));
    return;
  }
  const bool room = stream.write(std::move(head));
  if (room) read_pipe();
}

void ClientBodySender::resume() {
  if (stream_ == nullptr || sent_) return;
  if (body_.pipe == nullptr) {
    send_bytes({});
  } else {
    read_pipe();
  }
}

void ClientBodySender::detach() { stream_ = nullptr; }

void ClientBodySender::stop(const Error& reason) {
  stream_ = nullptr;
  if (body_.pipe != nullptr && !sent_) std::exchange(body_.pipe, nullptr)->cancel(reason);
}

/// Copies piece by piece: the bytes stay here in case that all must be sent again.
void ClientBodySender::send_bytes(std::string first) {
  bool room = true;
  while (room) {
    const size_t size = std::min(kPieceSize, body_.bytes.size() - offset_);
    first.append(body_.bytes, offset_, size);
    offset_ += size;
    if (!first.empty()) room = stream_->write(std::exchange(first, {}));
    if (offset_ == body_.bytes.size()) {
      finish();
      return;
    }
  }
}

void ClientBodySender::read_pipe() {
  if (reading_ || stream_ == nullptr || body_.pipe == nullptr) return;
  if (held_) {
    Result<loop::Pipe::Chunk> chunk = std::move(*held_);
    held_.reset();
    take_chunk(std::move(chunk));
    return;
  }
  reading_ = true;
  body_.pipe->read([self = shared_from_this()](Result<loop::Pipe::Chunk> chunk) {
    self->reading_ = false;
    if (self->stream_ != nullptr) {
      self->take_chunk(std::move(chunk));
    } else {
      self->held_ = std::move(chunk);  // asked for by a connection that broke since
    }
  });
}

void ClientBodySender::take_chunk(Result<loop::Pipe::Chunk> chunk) {
  if (!chunk) {
    fail(std::move(chunk).error().within("the request's body failed"));
    return;
  }
  consumed_ = true;
  const auto announced = framing_.content_length;
  if (!chunk->has_value()) {
    if (announced && written_ != *announced) {
      fail(Error{ErrorCode::invalid_argument,
                 fmt::format("the request's body ended after {} of the {} bytes announced",
                             written_, *announced),
                 {}});
      return;
    }
    if (framing_.chunked) stream_->write("0\r\n\r\n");
    finish();
    return;
  }
  written_ += (*chunk)->size();
  if (announced && written_ > *announced) {
    fail(Error{ErrorCode::invalid_argument,
               fmt::format("the request's body is longer than the {} bytes announced", *announced),
               {}});
    return;
  }
  send_chunk(std::move(**chunk));
}

void ClientBodySender::send_chunk(std::string bytes) {
  if (bytes.empty()) {
    read_pipe();
    return;
  }
  bool room = true;
  if (framing_.chunked) {
    stream_->write(fmt::format("{:x}\r\n", bytes.size()));
    stream_->write(std::move(bytes));
    room = stream_->write("\r\n");
  } else {
    room = stream_->write(std::move(bytes));
  }
  if (room) read_pipe();
}

void ClientBodySender::finish() {
  sent_ = true;
  if (callbacks_.on_sent) callbacks_.on_sent();
}

void ClientBodySender::fail(Error error) {
  stream_ = nullptr;
  if (body_.pipe != nullptr) std::exchange(body_.pipe, nullptr)->cancel(error);
  if (callbacks_.on_failed) std::exchange(callbacks_.on_failed, {})(std::move(error));
}

}  // namespace selvage::http
