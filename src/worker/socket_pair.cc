#include "worker/socket_pair.h"

#include <deque>
#include <string>

namespace selvage::worker {
namespace {

class PairEnd final : public http::WebSocketEndpoint, public std::enable_shared_from_this<PairEnd> {
 public:
  explicit PairEnd(loop::Loop& loop) : loop_(loop) {}
  ~PairEnd() override {
    if (!closed_) tell_peer(Letter{Letter::Kind::failure, "", 0});
    if (const auto peer = peer_.lock()) peer->tell_drained();
  }

  void connect(const std::shared_ptr<PairEnd>& peer) { peer_ = peer; }

  void set_listener(http::WebSocketListener* listener) override {
    listener_ = listener;
    if (listener != nullptr && inbox_ != nullptr) schedule_delivery();
  }
  void send(bool text, std::string_view data) override {
    if (closed_) return;
    tell_peer(Letter{text ? Letter::Kind::text : Letter::Kind::binary, std::string(data), 0});
  }
  void close(uint16_t code, std::string_view reason) override {
    if (std::exchange(closed_, true)) return;
    tell_peer(Letter{Letter::Kind::close, std::string(reason), code});
  }
  void terminate() override {
    if (std::exchange(closed_, true)) return;
    tell_peer(Letter{Letter::Kind::failure, "", 0});
  }
  [[nodiscard]] size_t buffered_amount() const override {
    const auto peer = peer_.lock();
    return peer ? peer->inbox_bytes_ : 0;
  }
  void when_drained(UniqueFunction<void()> callback) override {
    drained_ = std::move(callback);
    if (buffered_amount() < http::kWebSocketHighWater) tell_drained();
  }

 private:
  struct Letter {
    enum class Kind { text, binary, close, failure } kind;
    std::string data;
    uint16_t code;
  };

  void tell_peer(Letter letter) {
    const auto peer = peer_.lock();
    if (!peer) return;
    peer->inbox_bytes_ += letter.data.size();
    if (peer->inbox_ == nullptr) peer->inbox_ = std::make_unique<std::deque<Letter>>();
    peer->inbox_->push_back(std::move(letter));
    if (peer->listener_ != nullptr) peer->schedule_delivery();
  }

  void tell_drained() {
    if (drained_) loop_.defer(std::exchange(drained_, {}));
  }

  void schedule_delivery() {
    if (std::exchange(scheduled_, true)) return;
    loop_.defer([self = shared_from_this()] { self->deliver(); });
  }

  void deliver() {
    scheduled_ = false;
    while (inbox_ != nullptr && listener_ != nullptr) {
      const Letter letter = std::move(inbox_->front());
      inbox_->pop_front();
      if (inbox_->empty()) inbox_.reset();
      inbox_bytes_ -= letter.data.size();
      switch (letter.kind) {
        case Letter::Kind::text: listener_->on_message(true, letter.data); break;
        case Letter::Kind::binary: listener_->on_message(false, letter.data); break;
        case Letter::Kind::close: listener_->on_close(letter.code, letter.data); break;
        case Letter::Kind::failure:
          listener_->on_failure(Error{ErrorCode::aborted, "the other end is gone", ""});
          break;
      }
    }
    if (inbox_bytes_ >= http::kWebSocketHighWater) return;
    if (const auto peer = peer_.lock()) peer->tell_drained();
  }

  loop::Loop& loop_;
  std::weak_ptr<PairEnd> peer_;
  http::WebSocketListener* listener_ = nullptr;
  std::unique_ptr<std::deque<Letter>> inbox_;  // nullptr: empty (a deque is never small)
  size_t inbox_bytes_ = 0;
  UniqueFunction<void()> drained_;
  bool scheduled_ = false;
  bool closed_ = false;
};

}  // namespace

std::pair<std::shared_ptr<http::WebSocketEndpoint>, std::shared_ptr<http::WebSocketEndpoint>>
make_socket_pair(loop::Loop& loop) {
  auto one = std::make_shared<PairEnd>(loop);
  auto two = std::make_shared<PairEnd>(loop);
  one->connect(two);
  two->connect(one);
  return {one, two};
}

}  // namespace selvage::worker
