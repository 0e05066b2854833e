// What the TLS connections of one loop share: trusted issuers, settings, sessions to resume.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/function.h"
#include "base/result.h"
#include "loop/loop.h"

namespace selvage::net {

struct TlsOptions {
  /// PEM file of the issuers to trust; "": SSL_CERT_FILE and SSL_CERT_DIR of the environment,
  /// otherwise the system's.
  std::string issuers_file;
};

struct SslDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* connection) const { SSL_free(connection); }
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};

/// TLS 1.2 and later, servers authenticated by certificate and name, ALPN "http/1.1". All calls on
/// the loop's carrier.
class TlsContext {
 public:
  TlsContext(loop::Loop& loop, TlsOptions options);
  /// Callbacks that are owed are dropped.
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  /// Calls back when connections can be made: at once, or after the first call has read the
  /// issuers, hundreds of them, on a thread of the pool. A failure is tried again at the next call.
  void when_ready(UniqueFunction<void(const Status&)> callback);

  /// The client's side of a connection, once ready, that accepts only a certificate for `host` (a
  /// name or an address) and resumes the last session with host and port.
  Result<std::unique_ptr<SSL, SslDeleter>> new_connection(const std::string& host, uint16_t port);

 private:
  struct Load;
  static void load(Load& work);
  void loaded(Load& work);
  void offer_session(SSL* connection, const std::string& peer);
  static int on_new_session(SSL* connection, SSL_SESSION* session);

  loop::Loop& loop_;
  TlsOptions options_;
  std::unique_ptr<SSL_CTX, SslDeleter> context_;
  std::shared_ptr<Load> loading_;
  std::vector<UniqueFunction<void(const Status&)>> waiting_;
  std::unordered_map<std::string, std::unique_ptr<SSL_SESSION, SslDeleter>> sessions_;
};

/// Takes the oldest entry off OpenSSL's error queue of this thread, and empties it.
std::string take_ssl_error();

}  // namespace selvage::net
