#include "net/tls_context.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <unistd.h>
#include <uv.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "net/address.h"

namespace selvage::net {
namespace {

constexpr size_t kMostSessions = 256;
constexpr unsigned char kAlpn[] = "\x08http/1.1";

/// Where distributions keep the bundle. The host's OpenSSL was built elsewhere: its default paths
/// need not exist here.
constexpr std::array<const char*, 4> kBundles = {
    "/etc/ssl/certs/ca-certificates.crt",  // Debian, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",    // Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",              // SUSE
    "/etc/ssl/cert.pem",
};

Status load_issuers(SSL_CTX* context, const std::string& own_file) {
  const auto load = [context](const char* file, const char* directory) {
    return SSL_CTX_load_verify_locations(context, file, directory) == 1;
  };
  const auto cannot_read = [](const std::string& what) {
    return fail(ErrorCode::io, "cannot read the certificates in " + what + ": " + take_ssl_error());
  };
  if (!own_file.empty()) {
    if (load(own_file.c_str(), nullptr)) return {};
    return cannot_read(own_file);
  }
  const char* const file = std::getenv("SSL_CERT_FILE");
  const char* const directory = std::getenv("SSL_CERT_DIR");
  if (file != nullptr || directory != nullptr) {
    if (load(file, directory)) return {};
    return cannot_read(file != nullptr ? file : directory);
  }
  for (const char* bundle : kBundles) {
    if (access(bundle, R_OK) == 0 && load(bundle, nullptr)) return {};
  }
  if (load(nullptr, "/etc/ssl/certs") && SSL_CTX_set_default_verify_paths(context) == 1) return {};
  return cannot_read("/etc/ssl/certs");
}

}  // namespace

std::string take_ssl_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "unknown error";
  // Errors of system calls have no reason string of their own.
  if (const char* reason = ERR_reason_error_string(code)) return reason;
  std::array<char, 256> text{};
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

/// The reading of issuers, which outlives the context when that goes first.
struct TlsContext::Load {
  TlsContext* context;  // null once gone
  uv_work_t request{};
  std::string issuers_file;
  std::unique_ptr<SSL_CTX, SslDeleter> made;
  Status status;
  std::shared_ptr<Load> self;
};

TlsContext::TlsContext(loop::Loop& loop, TlsOptions options)
    : loop_(loop), options_(std::move(options)) {}

TlsContext::~TlsContext() {
  // A connection may live on, and with it its share of the SSL_CTX.
  if (context_ != nullptr) SSL_CTX_set_app_data(context_.get(), nullptr);
  if (loading_ == nullptr) return;
  loading_->context = nullptr;
  uv_cancel(reinterpret_cast<uv_req_t*>(&loading_->request));
}

void TlsContext::when_ready(UniqueFunction<void(const Status&)> callback) {
  if (context_ != nullptr) {
    callback({});
    return;
  }
  waiting_.push_back(std::move(callback));
  if (loading_ != nullptr) return;
  loading_ = std::make_shared<Load>();
  loading_->context = this;
  loading_->issuers_file = options_.issuers_file;
  loading_->request.data = loading_.get();
  loading_->self = loading_;
  uv_queue_work(
      loop_.uv(), &loading_->request,
      [](uv_work_t* request) {
        load(*static_cast<Load*>(request->data));
        OPENSSL_thread_stop();  // the pool's thread need not keep OpenSSL's state for it
      },
      [](uv_work_t* request, int) {
        const auto work = std::exchange(static_cast<Load*>(request->data)->self, nullptr);
        if (work->context != nullptr) work->context->loaded(*work);
      });
}

void TlsContext::load(Load& work) {
  work.made.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const context = work.made.get();
  if (context == nullptr || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_alpn_protos(context, kAlpn, sizeof kAlpn - 1) != 0) {
    work.status = fail(ErrorCode::internal, "cannot set TLS up: " + take_ssl_error());
    return;
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  work.status = load_issuers(context, work.issuers_file);
}

void TlsContext::loaded(Load& work) {
  loading_.reset();
  if (work.status) {
    context_ = std::move(work.made);
    SSL_CTX_set_app_data(context_.get(), this);
    SSL_CTX_sess_set_new_cb(context_.get(), &on_new_session);
  }
  for (auto& callback : std::exchange(waiting_, {})) callback(work.status);
}

Result<std::unique_ptr<SSL, SslDeleter>> TlsContext::new_connection(const std::string& host,
                                                                    uint16_t port) {
  std::unique_ptr<SSL, SslDeleter> connection(SSL_new(context_.get()));
  std::string name = host;
  if (name.ends_with('.')) name.pop_back();
  bool named = false;
  if (connection != nullptr) {
    SSL_set_connect_state(connection.get());
    SSL_set_hostflags(connection.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (const auto address = Address::parse(name)) {
      named = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection.get()),
                                            address->to_string().c_str()) == 1;
    } else {
      named = SSL_set1_host(connection.get(), name.c_str()) == 1 &&
              SSL_set_tlsext_host_name(connection.get(), name.c_str()) == 1;
    }
  }
  if (!named) {
    return fail(ErrorCode::internal,
                "cannot set up a TLS connection to " + host + ": " + take_ssl_error());
  }
  offer_session(connection.get(), name + ":" + std::to_string(port));
  return connection;
}

void TlsContext::offer_session(SSL* connection, const std::string& peer) {
  // The key's place in the map stays where it is until the context goes.
  if (sessions_.size() >= kMostSessions && !sessions_.contains(peer)) return;
  const auto entry = sessions_.try_emplace(peer).first;
  SSL_set_app_data(connection, const_cast<std::string*>(&entry->first));
  auto& session = entry->second;
  if (session == nullptr) return;
  SSL_set_session(connection, session.get());
  // A ticket of TLS 1.3 is for one use (RFC 8446 appendix C.4); the server sends new ones.
  if (SSL_SESSION_get_protocol_version(session.get()) >= TLS1_3_VERSION) session.reset();
}

int TlsContext::on_new_session(SSL* connection, SSL_SESSION* session) {
  const auto* peer = static_cast<const std::string*>(SSL_get_app_data(connection));
  auto* context = static_cast<TlsContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
  if (peer == nullptr || context == nullptr) return 0;
  context->sessions_[*peer].reset(session);
  return 1;  // the reference is ours
}

}  // namespace selvage::net
