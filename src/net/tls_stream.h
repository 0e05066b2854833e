// The client's side of TLS over another stream.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/function.h"
#include "loop/loop.h"
#include "net/stream.h"
#include "net/tls_context.h"

namespace selvage::net {

class TlsStream final : public Stream, private StreamListener {
 public:
  using HandshakeCallback = UniqueFunction<void(Status)>;

  /// `context` is ready and lives until the handshake is done; `lower` is connected.
  TlsStream(loop::Loop& loop, TlsContext& context, std::unique_ptr<Stream> lower);
  ~TlsStream() override;
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  /// Once, before anything else. `callback` comes from the loop, never from within this call, and
  /// not at all when the stream is destroyed first. It may destroy the stream.
  void handshake(const std::string& host, uint16_t port, HandshakeCallback callback);
  /// Whether the handshake resumed an earlier session.
  [[nodiscard]] bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }

  void set_listener(StreamListener* listener) override { listener_ = listener; }
  void start_reading() override;
  void stop_reading() override;
  bool write(std::string bytes) override;
  [[nodiscard]] size_t unsent_bytes() const override;
  void end() override;
  [[nodiscard]] bool quiet() const override;
  void keep_loop_alive(bool alive) override { lower_->keep_loop_alive(alive); }

 private:
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_error(const Error& error) override;
  void on_write_failed(const Error& error) override;
  void on_drain() override;

  void defer(void (TlsStream::*action)());
  void advance();
  void advance_handshake();
  void finish_handshake(Status status);
  [[nodiscard]] Error handshake_failure();
  void deliver();
  void read_ended();
  void plan_flush();
  void flush();
  void send_ciphertext();

  loop::Loop& loop_;
  TlsContext& context_;
  std::unique_ptr<Stream> lower_;
  std::unique_ptr<SSL, SslDeleter> ssl_;
  BIO* incoming_ = nullptr;  // owned by ssl_
  BIO* outgoing_ = nullptr;  // likewise
  std::string peer_;         // "host", for messages
  HandshakeCallback handshake_done_;
  StreamListener* listener_ = nullptr;
  std::string plaintext_;  // to be encrypted by the next flush
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);  // for weak_ptr only
  bool reading_ = false;
  bool flush_planned_ = false;
  bool ending_ = false;
  bool wants_drain_ = false;
  bool lower_ended_ = false;
  bool read_over_ = false;
};

}  // namespace selvage::net
