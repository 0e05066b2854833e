// The HTTP/1.1 client: one exchange for each call, over connections that are kept and shared.
//
// Redirects, cookies and caches are not here: whoever calls has the URL class. What is here:
// address policy on the resolved address, TLS, time limits, bodies with back-pressure both ways,
// decompression, and one new try when a kept connection turns out to be dead.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/message.h"
#include "loop/loop.h"

namespace selvage::http {

struct ClientOptions {
  /// Whether loopback, private and other addresses that are not public may be connected to
  /// (net/address_policy.h). Holds for the client as a whole, because connections are shared.
  bool allow_private = false;
  /// What the error of a refused address tells to do.
  std::string private_remedy = "allow access to private networks in the configuration";

  /// PEM file of the certificate issuers to trust; "": those of SSL_CERT_FILE and SSL_CERT_DIR in
  /// the environment, otherwise the system's.
  std::string issuers_file;

  /// Until a connection stands: name resolution, TCP and TLS together.
  std::chrono::milliseconds connect_timeout{30'000};
  /// From the end of the request until the head of the response; 0: no limit.
  std::chrono::milliseconds response_head_timeout{0};
  /// Between two pieces of a response's body, while its consumer wants more; 0: no limit.
  std::chrono::milliseconds body_idle_timeout{0};

  /// An idle connection is closed after so long, or a second before the server said it will.
  std::chrono::milliseconds keep_idle_for{15'000};
  size_t most_idle_for_origin = 16;
  size_t most_idle = 256;
};

struct FetchOptions {
  /// Undoes Content-Encoding gzip, br and deflate (one coding), and asks for gzip and br where the
  /// caller does not set Accept-Encoding. Content-Encoding and Content-Length stay in the headers
  /// as they came, as on Workers.
  bool decompress = true;
  /// Asks for them even though it does not undo them.
  bool accept_compressed = false;
};

/// The caller's handle on an exchange. Destroying it before the response's head gives the exchange
/// up, and the callback does not come; after the head it does nothing. May outlive the client.
class ClientCall {
 public:
  ClientCall(const ClientCall&) = delete;
  ClientCall& operator=(const ClientCall&) = delete;
  ~ClientCall();

  /// Gives the exchange up, at once: `reason` goes to the callback from within this call if it is
  /// still owed, otherwise to the reader of the response's body. The request's body is canceled.
  void cancel(Error reason);
  /// Whether the exchange has nothing open any more.
  [[nodiscard]] bool over() const;

 private:
  friend class Client;
  struct Link;
  explicit ClientCall(std::unique_ptr<Link> link);
  std::unique_ptr<Link> link_;
};

/// All calls on the loop's carrier.
class Client {
 public:
  Client(loop::Loop& loop, ClientOptions options);
  /// Exchanges in flight are given up: callbacks that are owed are dropped, bodies fail.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// `request.url` is absolute and normalised, http or https. `callback` comes from the loop, never
  /// from within this call, with the response's head; its body is a pipe, or bytes when they have
  /// all come with the head. An answer of any status is a response, not an error.
  ///
  /// Fields of one hop (connection, te, upgrade, content-length...), host and expect in the request
  /// are left out: the client sets its own. When the answer is complete before the request's body
  /// is, the rest of that is canceled.
  [[nodiscard]] std::unique_ptr<ClientCall> fetch(Request request, FetchOptions options,
                                                  ResponseCallback callback);

  /// As fetch(), asking for a WebSocket (RFC 6455 section 4.1): `request` is a GET to the http or
  /// https form of the URL, with Sec-WebSocket-Protocol if subprotocols are offered. A server that
  /// agrees gives a response of status 101 whose `websocket` is the program's end; any other answer
  /// is an ordinary response. The client keeps the connection until the WebSocket is closed.
  [[nodiscard]] std::unique_ptr<ClientCall> connect_websocket(Request request,
                                                              ResponseCallback callback);

 private:
  class Exchanges;
  std::unique_ptr<Exchanges> exchanges_;
};

}  // namespace selvage::http
