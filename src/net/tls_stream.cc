#include "net/tls_stream.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace selvage::net {
namespace {

constexpr size_t kRecordSize = 16 * 1024;  // RFC 8446 section 5.1

/// "a.example, b.example" of the certificate that the peer showed.
std::string names_in_certificate(SSL* ssl) {
  // SSL_get0_peer_certificate() has none before it is verified.
  STACK_OF(X509)* const chain = SSL_get_peer_cert_chain(ssl);
  if (chain == nullptr || sk_X509_num(chain) == 0) return {};
  X509* const certificate = sk_X509_value(chain, 0);
  auto* const names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  std::string text;
  for (int i = 0; i < sk_GENERAL_NAME_num(names) && text.size() < 200; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_DNS) continue;
    if (!text.empty()) text += ", ";
    text.append(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                static_cast<size_t>(ASN1_STRING_length(name->d.dNSName)));
  }
  GENERAL_NAMES_free(names);
  return text;
}

}  // namespace

TlsStream::TlsStream(loop::Loop& loop, TlsContext& context, std::unique_ptr<Stream> lower)
    : loop_(loop), context_(context), lower_(std::move(lower)) {
  lower_->set_listener(this);
}

TlsStream::~TlsStream() {
  // Otherwise OpenSSL takes the missing close_notify for a broken session and never resumes it.
  if (ssl_ != nullptr) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

void TlsStream::defer(void (TlsStream::*action)()) {
  loop_.defer([this, alive = std::weak_ptr(alive_), action] {
    if (!alive.expired()) (this->*action)();
  });
}

void TlsStream::handshake(const std::string& host, uint16_t port, HandshakeCallback callback) {
  peer_ = host;
  handshake_done_ = std::move(callback);
  auto made = context_.new_connection(host, port);
  if (!made) {
    loop_.defer([this, alive = std::weak_ptr(alive_), error = std::move(made).error()] {
      if (!alive.expired()) finish_handshake(fail(error));
    });
    return;
  }
  ssl_ = std::move(*made);
  incoming_ = BIO_new(BIO_s_mem());
  outgoing_ = BIO_new(BIO_s_mem());
  BIO_set_mem_eof_return(incoming_, -1);  // empty means: wait
  BIO_set_mem_eof_return(outgoing_, -1);
  SSL_set_bio(ssl_.get(), incoming_, outgoing_);
  lower_->start_reading();
  defer(&TlsStream::advance);
}

void TlsStream::advance() {
  if (handshake_done_) {
    advance_handshake();
  } else {
    deliver();
  }
}

void TlsStream::advance_handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  send_ciphertext();  // an alert, too
  if (result == 1) {
    lower_->stop_reading();
    finish_handshake({});
  } else if (SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ) {
    finish_handshake(fail(handshake_failure()));
  } else if (lower_ended_) {
    finish_handshake(
        fail(ErrorCode::unavailable, "the server closed the connection during the TLS handshake"));
  }
}

void TlsStream::finish_handshake(Status status) {
  if (handshake_done_) std::exchange(handshake_done_, {})(std::move(status));
}

Error TlsStream::handshake_failure() {
  const long verified = SSL_get_verify_result(ssl_.get());
  const std::string reason = take_ssl_error();
  if (verified == X509_V_OK) {
    return Error{ErrorCode::unavailable, "the TLS handshake failed: " + reason, {}};
  }
  if (verified == X509_V_ERR_HOSTNAME_MISMATCH || verified == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    const std::string names = names_in_certificate(ssl_.get());
    return Error{ErrorCode::permission_denied,
                 "the server's certificate is not for " + peer_ +
                     (names.empty() ? std::string() : ", but for " + names),
                 "use one of the certificate's names"};
  }
  std::string remedy;
  if (verified == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
      verified == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
      verified == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
      verified == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE) {
    remedy = "add its issuer to the system's certificates, or to the file that SSL_CERT_FILE names";
  }
  return Error{ErrorCode::permission_denied,
               std::string("the server's certificate is not trusted: ") +
                   X509_verify_cert_error_string(verified),
               std::move(remedy)};
}

void TlsStream::on_data(std::string_view bytes) {
  // A memory BIO takes everything.
  BIO_write(incoming_, bytes.data(), static_cast<int>(bytes.size()));
  advance();
}

void TlsStream::on_end() {
  lower_ended_ = true;
  advance();
}

void TlsStream::on_error(const Error& error) {
  if (handshake_done_) {
    finish_handshake(
        fail(error.code, "the connection broke during the TLS handshake: " + error.message));
  } else if (listener_ != nullptr && !std::exchange(read_over_, true)) {
    listener_->on_error(error);
  }
}

void TlsStream::on_write_failed(const Error& error) {
  plaintext_.clear();
  // During the handshake reading tells more: an alert, or the end.
  if (!handshake_done_ && listener_ != nullptr) listener_->on_write_failed(error);
}

void TlsStream::on_drain() {
  if (!wants_drain_ || unsent_bytes() >= kHighWaterMark) return;
  wants_drain_ = false;
  if (listener_ != nullptr) listener_->on_drain();
}

void TlsStream::start_reading() {
  if (reading_) return;
  reading_ = true;
  if (!lower_ended_) lower_->start_reading();
  // What came before reading stopped, or with the handshake's last message.
  defer(&TlsStream::deliver);
}

void TlsStream::stop_reading() {
  reading_ = false;
  lower_->stop_reading();
}

void TlsStream::deliver() {
  const auto alive = std::weak_ptr(alive_);
  std::array<char, kRecordSize> piece;
  while (reading_ && listener_ != nullptr && !read_over_) {
    ERR_clear_error();
    const int size = SSL_read(ssl_.get(), piece.data(), static_cast<int>(piece.size()));
    if (size > 0) {
      listener_->on_data({piece.data(), static_cast<size_t>(size)});
      if (alive.expired()) return;
      continue;
    }
    const int why = SSL_get_error(ssl_.get(), size);
    send_ciphertext();  // the answer to a key update, or an alert
    if (why == SSL_ERROR_WANT_READ) {
      if (lower_ended_) read_ended();
    } else if (why == SSL_ERROR_ZERO_RETURN) {
      read_over_ = true;
      lower_->stop_reading();
      listener_->on_end();
    } else {
      read_over_ = true;
      lower_->stop_reading();
      listener_->on_error(
          Error{ErrorCode::io, "the server's TLS data is not valid: " + take_ssl_error(), {}});
    }
    return;
  }
}

/// The connection ended without close_notify: somebody else may have cut it (RFC 8446 section 6.1).
void TlsStream::read_ended() {
  read_over_ = true;
  listener_->on_error(Error{ErrorCode::io, "it was closed without the end that TLS requires", {}});
}

bool TlsStream::write(std::string bytes) {
  if (ending_) return true;
  if (plaintext_.empty()) {
    plaintext_ = std::move(bytes);
  } else {
    plaintext_ += bytes;
  }
  plan_flush();
  if (unsent_bytes() < kHighWaterMark) return true;
  wants_drain_ = true;
  return false;
}

size_t TlsStream::unsent_bytes() const { return plaintext_.size() + lower_->unsent_bytes(); }

void TlsStream::end() {
  ending_ = true;
  plan_flush();
}

bool TlsStream::quiet() const { return !read_over_ && !lower_ended_ && lower_->quiet(); }

void TlsStream::plan_flush() {
  if (std::exchange(flush_planned_, true)) return;
  defer(&TlsStream::flush);
}

void TlsStream::flush() {
  flush_planned_ = false;
  ERR_clear_error();
  for (std::string_view rest = plaintext_; !rest.empty();) {
    const size_t size = std::min<size_t>(rest.size(), std::numeric_limits<int>::max());
    const int written = SSL_write(ssl_.get(), rest.data(), static_cast<int>(size));
    if (written <= 0) {
      plaintext_.clear();
      if (listener_ != nullptr) {
        listener_->on_write_failed(Error{ErrorCode::io, "cannot encrypt: " + take_ssl_error(), {}});
      }
      return;
    }
    rest.remove_prefix(static_cast<size_t>(written));
  }
  plaintext_.clear();
  if (ending_) SSL_shutdown(ssl_.get());
  send_ciphertext();
  if (ending_) lower_->end();
  on_drain();  // the lower stream may have had room all the time
}

void TlsStream::send_ciphertext() {
  const size_t size = BIO_ctrl_pending(outgoing_);
  if (size == 0) return;
  std::string bytes(size, '\0');
  BIO_read(outgoing_, bytes.data(), static_cast<int>(size));
  const bool room = lower_->write(std::move(bytes));
  // The lower stream tells when there is room again only after it said that there is none.
  if (!room) wants_drain_ = true;
}

}  // namespace selvage::net
