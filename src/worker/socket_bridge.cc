#include "worker/socket_bridge.h"

#include <string>
#include <utility>

#include "worker/socket_pair.h"

namespace selvage::worker {
namespace {

/// Bytes on their way from one loop to the other: beyond, the endpoint they come from is not
/// listened to.
constexpr size_t kWindow = 1 << 20;
/// What a message costs beside its bytes.
constexpr size_t kPerMessage = 64;

/// Sends on what comes from one endpoint. Two of them hold each other and what they forward to,
/// until both sides have closed.
class Forwarder final : public http::WebSocketListener,
                        public std::enable_shared_from_this<Forwarder> {
 public:
  explicit Forwarder(std::shared_ptr<http::WebSocketEndpoint> from) : from_(std::move(from)) {}

  void start(std::shared_ptr<http::WebSocketEndpoint> to, std::shared_ptr<Forwarder> partner) {
    to_ = std::move(to);
    partner_ = std::move(partner);
    self_ = shared_from_this();
    from_->set_listener(this);
  }

  void on_message(bool text, std::string_view data) override {
    to_->send(text, data);
    if (to_->buffered_amount() < http::kWebSocketHighWater) return;
    from_->set_listener(nullptr);
    to_->when_drained([weak = weak_from_this()] {
      if (const auto self = weak.lock(); self && self->self_) self->from_->set_listener(self.get());
    });
  }
  void on_close(uint16_t code, std::string_view reason) override {
    to_->close(code, reason);
    finish();
  }
  void on_failure(const Error&) override {
    to_->terminate();
    finish();
  }

 private:
  void finish() {
    done_ = true;
    if (!partner_->done_) return;
    const auto keep = self_;  // both may go with the last reference
    const auto partner = std::exchange(partner_, nullptr);
    from_->set_listener(nullptr);
    partner->from_->set_listener(nullptr);
    partner->partner_.reset();
    partner->self_.reset();
    self_.reset();
  }

  std::shared_ptr<http::WebSocketEndpoint> from_;
  std::shared_ptr<http::WebSocketEndpoint> to_;
  std::shared_ptr<Forwarder> partner_;
  std::shared_ptr<Forwarder> self_;
  bool done_ = false;
};

/// One half of a bridge: passes what its endpoint receives to the other half's, on the other loop.
class LoopCrossing final : public http::WebSocketListener,
                           public std::enable_shared_from_this<LoopCrossing> {
 public:
  LoopCrossing(std::shared_ptr<http::WebSocketEndpoint> endpoint, loop::Loop& here,
               loop::Loop& there)
      : endpoint_(std::move(endpoint)), here_(here), there_(there) {}

  void connect(const std::shared_ptr<LoopCrossing>& other) { other_ = other; }
  void listen() {
    self_ = shared_from_this();
    endpoint_->set_listener(this);
  }

  void on_message(bool text, std::string_view data) override {
    unacknowledged_ += data.size() + kPerMessage;
    if (unacknowledged_ > kWindow) endpoint_->set_listener(nullptr);
    there_.post([other = other_, text, copy = std::string(data)] {
      if (const auto far = other.lock()) far->send(text, copy);
    });
  }
  void on_close(uint16_t code, std::string_view reason) override {
    there_.post([other = other_.lock(), code, copy = std::string(reason)] {
      if (other) other->close(code, copy);
    });
    heard_close_ = true;
    release_if_over();
  }
  void on_failure(const Error&) override {
    there_.post([other = other_.lock()] {
      if (other) other->terminate();
    });
    release();
  }

 private:
  void send(bool text, std::string_view data) {
    endpoint_->send(text, data);
    to_acknowledge_ += data.size() + kPerMessage;
    if (waits_for_drain_) return;
    if (endpoint_->buffered_amount() < http::kWebSocketHighWater) {
      if (to_acknowledge_ >= kWindow / 2) acknowledge();
      return;
    }
    waits_for_drain_ = true;
    endpoint_->when_drained([weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        self->waits_for_drain_ = false;
        self->acknowledge();
      }
    });
  }
  void acknowledge() {
    there_.post([other = other_, bytes = std::exchange(to_acknowledge_, 0)] {
      if (const auto far = other.lock()) far->on_acknowledged(bytes);
    });
  }
  void on_acknowledged(size_t bytes) {
    const bool was_full = unacknowledged_ > kWindow;
    unacknowledged_ -= bytes;
    if (was_full && unacknowledged_ <= kWindow && self_) endpoint_->set_listener(this);
  }
  void close(uint16_t code, std::string_view reason) {
    endpoint_->close(code, reason);
    said_close_ = true;
    release_if_over();
  }
  void terminate() {
    endpoint_->terminate();
    release();
  }
  // Closed in one direction only, the answer to it is still to come.
  void release_if_over() {
    if (heard_close_ && said_close_) release();
  }
  void release() {
    // The endpoint may still have to send: it goes when its connection does.
    here_.defer([self = std::exchange(self_, nullptr)] {
      if (self) self->endpoint_->set_listener(nullptr);
    });
  }

  std::shared_ptr<http::WebSocketEndpoint> endpoint_;
  loop::Loop& here_;
  loop::Loop& there_;
  std::weak_ptr<LoopCrossing> other_;
  std::shared_ptr<LoopCrossing> self_;
  size_t unacknowledged_ = 0;  // that the other half has not passed on
  size_t to_acknowledge_ = 0;  // that were passed on, and the other half does not know
  bool waits_for_drain_ = false;
  bool heard_close_ = false;
  bool said_close_ = false;
};

}  // namespace

void join_sockets(std::shared_ptr<http::WebSocketEndpoint> one,
                  std::shared_ptr<http::WebSocketEndpoint> two) {
  auto forward = std::make_shared<Forwarder>(one);
  auto back = std::make_shared<Forwarder>(two);
  forward->start(two, back);
  back->start(one, forward);
}

std::shared_ptr<http::WebSocketEndpoint> bridge_socket(
    std::shared_ptr<http::WebSocketEndpoint> source, loop::Loop& from, loop::Loop& to) {
  auto [inner, outer] = make_socket_pair(to);
  auto near_half = std::make_shared<LoopCrossing>(std::move(source), from, to);
  auto far_half = std::make_shared<LoopCrossing>(std::move(inner), to, from);
  near_half->connect(far_half);
  far_half->connect(near_half);
  near_half->listen();
  to.post([far_half] { far_half->listen(); });
  return outer;
}

}  // namespace selvage::worker
