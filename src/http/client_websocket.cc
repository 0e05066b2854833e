#include "http/client_websocket.h"

#include <chrono>
#include <utility>

#include "http/syntax.h"
#include "http/websocket_handshake.h"
#include "http/websocket_session.h"

namespace selvage::http {
namespace {

/// After the close handshake it is the server that closes the connection (RFC 6455 section 7.1.1).
constexpr std::chrono::seconds kLinger{5};

tl::unexpected<Error> refuse(std::string_view why) {
  return fail(ErrorCode::corrupt,
              "the server's answer to the WebSocket handshake is not valid: " + std::string(why));
}

bool has_element(std::string_view block, std::string_view lowercase_name,
                 std::string_view lowercase_element) {
  while (!block.empty()) {
    FieldLine line = take_field_line(block);
    if (!equals_ignoring_case(line.name, lowercase_name)) continue;
    while (!line.value.empty()) {
      if (equals_ignoring_case(take_list_element(line.value), lowercase_element)) return true;
    }
  }
  return false;
}

/// Subprotocols are compared with regard to case.
bool offered(std::string_view block, std::string_view protocol) {
  while (!block.empty()) {
    FieldLine line = take_field_line(block);
    if (!equals_ignoring_case(line.name, "sec-websocket-protocol")) continue;
    while (!line.value.empty()) {
      if (take_list_element(line.value) == protocol) return true;
    }
  }
  return false;
}

}  // namespace

Result<std::optional<DeflateAgreement>> check_websocket_answer(const ResponseHead& head,
                                                               std::string_view key,
                                                               std::string_view request_headers) {
  const std::string_view headers = head.headers;
  if (!has_element(headers, "upgrade", "websocket"))
    return refuse("there is no Upgrade: websocket");
  if (!has_element(headers, "connection", "upgrade")) {
    return refuse("there is no Connection: Upgrade");
  }
  if (find_field(headers, "sec-websocket-accept") != websocket_accept_for(key)) {
    return refuse("Sec-WebSocket-Accept is not the one for this key");
  }
  auto deflate = read_deflate_answer(headers);
  if (!deflate) return refuse(deflate.error().message);
  const std::string_view protocol = find_field(headers, "sec-websocket-protocol");
  if (protocol.data() != nullptr && !offered(request_headers, protocol)) {
    return refuse("it chose the subprotocol \"" + std::string(protocol) +
                  "\", which was not offered");
  }
  return *deflate;
}

class ClientWebSockets::Connection final : public WebSocketTransport, public net::StreamListener {
 public:
  Connection(ClientWebSockets& owner, std::unique_ptr<net::Stream> stream)
      : owner_(owner),
        stream_(std::move(stream)),
        session_(WebSocketSession::create(owner.loop_, WebSocketSession::Role::client, *this, {})),
        linger_(owner.loop_) {
    stream_->set_listener(this);
  }
  ~Connection() override { session_->detach(); }

  [[nodiscard]] const std::shared_ptr<WebSocketSession>& session() const { return session_; }

  // Of the session.
  void send_soon() override {
    if (!waiting_) plan_send();
  }
  void finish() override {
    finishing_ = true;
    if (session_->has_output()) stream_->write(session_->take_output());
    stream_->end();
    stream_->start_reading();
    linger_.start(kLinger, [this] { over(); });
  }
  void drop() override { over(); }
  void set_reading(bool reading) override {
    if (finishing_) return;
    reading ? stream_->start_reading() : stream_->stop_reading();
  }

  // Of the stream.
  void on_data(std::string_view bytes) override {
    if (finishing_) return;
    const auto session = session_;  // this may go from within
    session->feed(bytes);
  }
  void on_end() override { closed("the server closed the connection without a close frame"); }
  void on_error(const Error& error) override { closed(error.message); }
  void on_write_failed(const Error& error) override { closed(error.message); }
  void on_drain() override {
    waiting_ = false;
    const auto alive = std::weak_ptr(alive_);
    session_->on_sent();
    if (!alive.expired() && session_->has_output()) send();
  }

 private:
  void plan_send() {
    owner_.loop_.defer([this, alive = std::weak_ptr(alive_)] {
      if (!alive.expired()) send();
    });
  }

  void send() {
    if (finishing_ || waiting_ || !session_->has_output()) return;
    waiting_ = !stream_->write(session_->take_output());
    if (!waiting_) session_->on_sent();  // this may go from within
  }

  void closed(std::string_view why) {
    const auto session = session_;
    const std::string reason(why);
    over();  // first: the listener may destroy the client
    session->on_transport_closed(reason);
  }

  void over() {
    // Everything that follows within this object is the destructor.
    owner_.connections_.erase(this);
  }

  ClientWebSockets& owner_;
  std::unique_ptr<net::Stream> stream_;
  std::shared_ptr<WebSocketSession> session_;
  loop::Timer linger_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);  // for weak_ptr only
  bool waiting_ = false;  // for the stream to have room
  bool finishing_ = false;
};

ClientWebSockets::ClientWebSockets(loop::Loop& loop) : loop_(loop) {}

ClientWebSockets::~ClientWebSockets() = default;

std::shared_ptr<WebSocketEndpoint> ClientWebSockets::adopt(
    std::unique_ptr<net::Stream> stream, std::string_view received,
    const std::optional<DeflateAgreement>& deflate) {
  stream->stop_reading();
  auto connection = std::make_unique<Connection>(*this, std::move(stream));
  Connection& adopted = *connection;
  const auto session = adopted.session();
  if (deflate) session->compress(*deflate, deflate_);
  connections_.emplace(&adopted, std::move(connection));
  adopted.set_reading(true);
  if (!received.empty()) session->feed(received);
  return session;
}

}  // namespace selvage::http
