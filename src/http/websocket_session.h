// One end of a WebSocket on a connection: between the bytes of a transport and a program's
// messages. Knows the protocol and its close handshake (RFC 6455, sections 5.5 and 7), not the
// transport.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/websocket_codec.h"
#include "http/websocket_deflate.h"
#include "http/websocket_endpoint.h"
#include "loop/loop.h"

namespace selvage::http {

/// What carries a session's bytes: a connection after its handshake. It holds the session (which it
/// shares with the program), and calls detach() before it goes.
class WebSocketTransport {
 public:
  virtual ~WebSocketTransport() = default;
  /// There is something to send: at the end of the step, and when all that was taken before is
  /// sent, call take_output(). Comes again only after that.
  virtual void send_soon() = 0;
  /// Close once everything has been sent, take_output() included. Nothing is fed any more.
  virtual void finish() = 0;
  /// Close at once.
  virtual void drop() = 0;
  /// Whether to call feed(): not while the program does not take what came before.
  virtual void set_reading(bool reading) = 0;
};

struct WebSocketOptions {
  size_t largest_message = 32 << 20;  // bytes, joined: beyond, the socket is closed with 1009
  size_t high_water_mark = kWebSocketHighWater;  // unsent bytes: drained is below them
  size_t kept_bytes = 256 << 10;     // received before there is a listener: beyond, not read
  uint32_t close_timeout = 10'000;   // ms, for the other end's part of the close handshake
  uint32_t ping_interval = 0;        // ms; a peer that is silent for two of them is gone. 0: off
  bool compression = true;           // offered, or accepted when offered
  bool any_masking = false;          // clients' frames need not be masked (RFC 6455 wants it)
  size_t compressed_from = 1 << 10;  // bytes: shorter messages are not worth it
};

/// All calls on the loop's carrier.
class WebSocketSession final : public WebSocketEndpoint,
                               public std::enable_shared_from_this<WebSocketSession> {
 public:
  enum class Role : uint8_t { server, client };

  /// `transport` must outlive the session, or call detach() first.
  static std::shared_ptr<WebSocketSession> create(loop::Loop& loop, Role role,
                                                  WebSocketTransport& transport,
                                                  const WebSocketOptions& options);
  ~WebSocketSession() override;

  /// Before anything is sent or fed: permessage-deflate was agreed on. `contexts` must outlive the
  /// session's use of the transport.
  void compress(const DeflateAgreement& agreement, DeflateContexts& contexts);

  // The program's side. Calls after the end do nothing. A peer's close that stays unanswered is
  // answered in kind after the close timeout.
  void set_listener(WebSocketListener* listener) override;
  void send(bool text, std::string_view data) override;
  void close(uint16_t code, std::string_view reason) override;
  void terminate() override;
  [[nodiscard]] size_t buffered_amount() const override { return output_.size() + taken_; }
  void when_drained(UniqueFunction<void()> callback) override;

  // The transport's side.
  /// Bytes of the peer. Calls the listener.
  void feed(std::string_view bytes);
  /// What is to be sent now; the transport then has it.
  std::string take_output();
  [[nodiscard]] bool has_output() const { return !output_.empty(); }
  /// All that take_output() gave is sent.
  void on_sent();
  /// The peer is gone, or cannot be reached: the transport is not used any more.
  void on_transport_closed(std::string_view why);
  /// The transport goes away; nobody is told.
  void detach();

 private:
  struct Received {
    enum class Kind : uint8_t { text, binary, close, failure } kind;
    uint16_t code = 0;
    std::string data;
  };

  WebSocketSession(loop::Loop& loop, Role role, WebSocketTransport& transport,
                   const WebSocketOptions& options);
  void append_frame(WebSocketOpcode opcode, std::string_view payload, bool compressed = false);
  bool decompress(std::string_view& message);
  WebSocketMask next_mask();
  void receive(Received::Kind kind, uint16_t code, std::string_view data);
  void deliver(Received::Kind kind, uint16_t code, std::string_view data);
  void deliver_kept();
  void on_close_frame();
  void fail(uint16_t code, std::string_view problem);
  void finish();
  void tell_if_drained();
  void start_close_timer();
  void start_ping_timer();

  loop::Loop& loop_;
  const Role role_;
  const WebSocketOptions options_;
  WebSocketTransport* transport_;  // nullptr after the end
  WebSocketListener* listener_ = nullptr;
  WebSocketDecoder decoder_;
  DeflateContexts* contexts_ = nullptr;  // nullptr: no compression
  uint8_t window_bits_ = 15;
  std::unique_ptr<MessageInflater> inflater_;  // of a peer whose messages refer to earlier ones
  // Of a client; not to be foreseen by its program (RFC 6455, section 10.3). Many at once are
  // cheap.
  static constexpr size_t kMasks = 32;
  std::unique_ptr<std::array<WebSocketMask, kMasks>> masks_;
  size_t masks_left_ = 0;
  std::string output_;
  size_t taken_ = 0;  // bytes that the transport has and has not sent
  UniqueFunction<void()> drained_;
  bool asked_to_send_ = false;
  bool close_sent_ = false;
  bool close_received_ = false;
  bool failed_ = false;
  bool heard_ = true;  // since the last ping
  bool reading_ = true;
  bool delivery_deferred_ = false;
  std::unique_ptr<std::deque<Received>> kept_;  // nullptr: nothing (a deque is never small)
  size_t kept_bytes_ = 0;
  std::optional<loop::Timer> close_timer_;
  std::optional<loop::Timer> ping_timer_;
};

}  // namespace selvage::http
