#include "worker/socket_bridge.h"

#include <string>
#include <utility>

#include "worker/socket_pair.h"

namespace selvage::worker {
namespace {

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

  void on_message(bool text, std::string_view data) override { to_->send(text, data); }
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

/// The far half of a bridge: an endpoint on `from` whose messages appear at `near_` on `to`.
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
    there_.post([other = other_, text, copy = std::string(data)] {
      if (const auto far = other.lock()) far->endpoint_->send(text, copy);
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
