#include "http/client_body.h"

#include <utility>

namespace selvage::http {
namespace {

constexpr size_t kPieceSize = 64 * 1024;

}  // namespace

/// Kept by the pipe's cancel callback, so that the pipe's end tells.
struct ClientBody::Abandonment {
  explicit Abandonment(std::weak_ptr<ClientBody> of) : body(std::move(of)) {}
  ~Abandonment() {
    if (const auto still = body.lock()) still->unwanted();
  }
  Abandonment(const Abandonment&) = delete;
  Abandonment& operator=(const Abandonment&) = delete;
  std::weak_ptr<ClientBody> body;
};

std::shared_ptr<ClientBody> ClientBody::create(std::unique_ptr<Decompressor> decompressor,
                                               Callbacks callbacks) {
  auto body =
      std::shared_ptr<ClientBody>(new ClientBody(std::move(decompressor), std::move(callbacks)));
  auto pipe = loop::Pipe::create();
  pipe->on_cancel([token = std::make_unique<Abandonment>(body)](const Error&) {
    if (const auto still = token->body.lock()) still->unwanted();
  });
  // This one holds the body: what is still compressed comes out as the consumer drains the pipe.
  pipe->on_drain([body] { body->drained(); });
  body->pipe_ = pipe;
  body->unclaimed_pipe_ = std::move(pipe);
  return body;
}

bool ClientBody::write(std::string_view bytes) {
  if (closed_ || bytes.empty()) return !blocked_;
  if (decompressor_ != nullptr) {
    compressed_.append(bytes);
    return pump();
  }
  const auto self = shared_from_this();
  if (const auto pipe = pipe_.lock()) blocked_ = !pipe->write(std::string(bytes));
  return !blocked_ || closed_;
}

void ClientBody::end() {
  if (closed_ || ended_) return;
  ended_ = true;
  pump();
}

void ClientBody::fail(Error error) {
  if (closed_) return;
  closed_ = true;
  if (const auto pipe = pipe_.lock()) pipe->fail(std::move(error));
}

void ClientBody::unwanted() {
  if (closed_) return;
  closed_ = true;
  compressed_.clear();
  if (callbacks_.on_unwanted) std::exchange(callbacks_.on_unwanted, {})();
}

void ClientBody::drained() {
  if (closed_ || !blocked_) return;
  blocked_ = false;
  const auto self = shared_from_this();
  if (pump() && !closed_ && callbacks_.on_room) callbacks_.on_room();
}

/// Moves on what there is. False when the pipe is full.
bool ClientBody::pump() {
  const auto self = shared_from_this();  // the consumer may drop the pipe, and with it this
  const auto pipe = pipe_.lock();
  if (pipe == nullptr) return true;
  while (!closed_ && !blocked_ && (output_held_back_ || !compressed_.empty())) {
    std::string piece;
    std::string_view input = compressed_;
    const Status status = decompressor_->decompress(input, piece, kPieceSize);
    compressed_.erase(0, compressed_.size() - input.size());
    output_held_back_ = piece.size() == kPieceSize;
    if (!piece.empty() && !pipe->write(std::move(piece))) blocked_ = true;
    if (!status) {
      closed_ = true;
      pipe->fail(status.error());
      if (callbacks_.on_unwanted) std::exchange(callbacks_.on_unwanted, {})();
      return true;
    }
  }
  if (!closed_ && !blocked_ && ended_) finish(*pipe);
  return !blocked_ || closed_;
}

void ClientBody::finish(loop::Pipe& pipe) {
  closed_ = true;
  const Status status = decompressor_ != nullptr ? decompressor_->finish() : Status();
  if (status) {
    pipe.end();
  } else {
    pipe.fail(status.error());
  }
}

}  // namespace selvage::http
