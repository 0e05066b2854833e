// A certificate authority and a TLS server for tests: real handshakes without any network.
#pragma once

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "net/tls_context.h"

namespace selvage::net {

struct CertificateDeleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

/// A certificate with its key.
struct TestIdentity {
  std::unique_ptr<X509, CertificateDeleter> certificate;
  std::unique_ptr<EVP_PKEY, CertificateDeleter> key;
};

class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name);
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  /// The authority's certificate as PEM, in a file that goes with this object.
  [[nodiscard]] const std::string& file() const { return file_; }
  /// `subject_names` as OpenSSL writes them: "DNS:a.example, IP:127.0.0.1".
  [[nodiscard]] TestIdentity issue(const std::string& subject_names, bool expired = false) const;

 private:
  TestIdentity identity_;
  std::string file_;
};

/// Serves one connection after the other on a thread of its own, with blocking calls.
class TlsTestServer {
 public:
  /// Talks on a connection whose handshake succeeded; the connection is closed, without
  /// close_notify, when it returns.
  using Session = std::function<void(SSL*)>;

  TlsTestServer(TestIdentity identity, Session session, int max_version = TLS1_3_VERSION);
  ~TlsTestServer();
  TlsTestServer(const TlsTestServer&) = delete;
  TlsTestServer& operator=(const TlsTestServer&) = delete;

  [[nodiscard]] uint16_t port() const { return port_; }

 private:
  void serve();

  TestIdentity identity_;
  Session session_;
  std::unique_ptr<SSL_CTX, SslDeleter> context_;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

/// Reads until what came ends with `end`, or the peer is gone.
std::string read_until(SSL* ssl, const std::string& end);
void write_all(SSL* ssl, const std::string& bytes);

}  // namespace selvage::net
