#include "net/tls_server_for_test.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace selvage::net {
namespace {

constexpr long kDay = 24 * 60 * 60;

void add_extension(X509* certificate, X509* issuer, int type, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, type, value.c_str());
  ASSERT_NE(extension, nullptr) << value;
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

/// Signed by `issuer`, or by itself when that is null.
TestIdentity make_identity(const std::string& name, const std::string& subject_names,
                           const TestIdentity* issuer, bool expired) {
  TestIdentity identity;
  identity.key.reset(EVP_EC_gen("P-256"));
  identity.certificate.reset(X509_new());
  X509* certificate = identity.certificate.get();
  X509_set_version(certificate, X509_VERSION_3);
  static std::atomic<long> serial{1};
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial.fetch_add(1));
  X509_gmtime_adj(X509_getm_notBefore(certificate), -10 * kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate), expired ? -kDay : kDay);
  X509_set_pubkey(certificate, identity.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509* signer = issuer != nullptr ? issuer->certificate.get() : certificate;
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));
  if (issuer == nullptr) {
    add_extension(certificate, signer, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate, signer, NID_key_usage, "critical,keyCertSign");
  } else {
    add_extension(certificate, signer, NID_subject_alt_name, subject_names);
  }
  X509_sign(certificate, issuer != nullptr ? issuer->key.get() : identity.key.get(), EVP_sha256());
  return identity;
}

}  // namespace

TestAuthority::TestAuthority(const std::string& name)
    : identity_(make_identity(name, {}, nullptr, false)) {
  char path[] = "/tmp/selvage_test_authority_XXXXXX";
  const int fd = mkstemp(path);
  EXPECT_GE(fd, 0);
  file_ = path;
  FILE* const file = fdopen(fd, "w");
  PEM_write_X509(file, identity_.certificate.get());
  std::fclose(file);
}

TestAuthority::~TestAuthority() { unlink(file_.c_str()); }

TestIdentity TestAuthority::issue(const std::string& subject_names, bool expired) const {
  return make_identity("server", subject_names, &identity_, expired);
}

TlsTestServer::TlsTestServer(TestIdentity identity, Session session, int max_version)
    : identity_(std::move(identity)), session_(std::move(session)) {
  // As every program of ours does: a peer that goes is an error of write(), not the end.
  std::signal(SIGPIPE, SIG_IGN);
  context_.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_set_max_proto_version(context_.get(), max_version);
  SSL_CTX_use_certificate(context_.get(), identity_.certificate.get());
  SSL_CTX_use_PrivateKey(context_.get(), identity_.key.get());
  const unsigned char id = 1;
  SSL_CTX_set_session_id_context(context_.get(), &id, 1);

  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(listen(listener_, 16), 0);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

TlsTestServer::~TlsTestServer() {
  stopping_ = true;
  shutdown(listener_, SHUT_RDWR);  // wakes accept()
  thread_.join();
  close(listener_);
}

void TlsTestServer::serve() {
  while (!stopping_) {
    const int fd = accept(listener_, nullptr, nullptr);
    if (fd < 0) continue;
    {
      const std::unique_ptr<SSL, SslDeleter> ssl(SSL_new(context_.get()));
      SSL_set_fd(ssl.get(), fd);
      if (SSL_accept(ssl.get()) == 1) session_(ssl.get());
      SSL_set_shutdown(ssl.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    }
    close(fd);
  }
}

std::string read_until(SSL* ssl, const std::string& end) {
  std::string text;
  char piece[4096];
  while (!text.ends_with(end)) {
    const int size = SSL_read(ssl, piece, sizeof piece);
    if (size <= 0) break;
    text.append(piece, static_cast<size_t>(size));
  }
  return text;
}

void write_all(SSL* ssl, const std::string& bytes) {
  SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace selvage::net
