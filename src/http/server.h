// The HTTP/1.1 server of one loop: accepts connections from listening sockets that it is given,
// and hands their requests, one at a time for each connection, to a RequestHandler.
#pragma once

#include <uv.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/function.h"
#include "base/result.h"
#include "http/date_field.h"
#include "http/exchange.h"
#include "http/input_buffer.h"
#include "http/output_arena.h"
#include "http/request_parser.h"
#include "http/timeout_wheel.h"
#include "http/websocket_session.h"
#include "loop/loop.h"

namespace selvage::http {

class Connection;
class Listener;

/// Times are in milliseconds, and kept to a quarter of a second.
struct ServerOptions {
  RequestParser::Limits limits;
  uint64_t body_bytes = 100 << 20;       // of a request, decoded: beyond, 413
  uint64_t drained_bytes = 256 << 10;    // of an unread body, to keep the connection alive
  size_t connections = 100'000;          // beyond, clients wait in the kernel's queue
  uint32_t head_timeout = 30'000;        // from a head's first byte to its last: beyond, 408
  uint32_t keep_alive_timeout = 75'000;  // without any byte of a next request
  uint32_t body_timeout = 30'000;        // without a byte of a body that is wanted: beyond, 408
  uint32_t write_timeout = 30'000;       // without the client taking a byte
  uint32_t half_closed_timeout = 2'000;  // for a response, once the client has stopped sending
  uint32_t linger_timeout = 2'000;       // for the client to see an answer given early
  uint32_t drain_grace = 500;  // for the first request of a client that came before drain()
  WebSocketOptions websocket = default_websocket();

  /// Pings find out about clients that have vanished without a word.
  static WebSocketOptions default_websocket() {
    WebSocketOptions options;
    options.ping_interval = 60'000;
    return options;
  }
};

/// Counted since the start, except where it says "now".
struct ServerStatistics {
  uint64_t connections_accepted = 0;
  uint64_t connections_open = 0;  // now
  uint64_t requests = 0;          // handed to the handler
  uint64_t requests_open = 0;     // now
  uint64_t refused = 0;           // answered by the server itself with 4xx or 5xx
  uint64_t timeouts = 0;
  uint64_t clients_gone = 0;  // before their response was complete
  uint64_t bytes_received = 0;
  uint64_t websockets_open = 0;  // now
};

/// All calls on the loop's carrier, the destructor's not from within a callback of the server. The
/// process must ignore SIGPIPE.
class Server {
 public:
  /// `handler` must outlive the server.
  Server(loop::Loop& loop, RequestHandler& handler, ServerOptions options = {});
  /// Closes what is open at once; observers are not told. The loop must run once more before it is
  /// destroyed, so that libuv can close the handles.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Accepts from `fd`, a listening stream socket (IPv4, IPv6 or Unix), and takes it over; what is
  /// none stays the caller's.
  Status adopt_listener(int fd);

  /// Stops accepting, closes idle connections (those that have had a request), lets the others
  /// finish their exchange, asks WebSockets to close (1001). Then calls `done`, once, not from
  /// within drain(). New requests on open connections are still answered, with "Connection: close".
  void drain(UniqueFunction<void()> done);
  /// Aborts everything that drain() waits for; observers are told.
  void abort_all();

  [[nodiscard]] const ServerStatistics& statistics() const { return statistics_; }

 private:
  friend class Connection;
  friend class Listener;

  // What a connection needs of its server.
  void accept_from(Listener& listener);
  void add_connection(Connection& connection);
  void on_connection_closed(Connection& connection);
  void recycle(Connection& connection);
  void mark_dirty(Connection& connection);
  void resume_later(Connection& connection);
  void flush();
  void start_clock();
  void on_tick();
  void check_drained();

  // The next turn's continuation of streams that had sent much in one step.
  class Resumption final : public loop::Turn {
   public:
    explicit Resumption(Server& server) : server_(server) {}
    void run() override;

   private:
    Server& server_;
  };
  struct Clock;

  static constexpr size_t kScratchSize = 64 << 10;

  loop::Loop& loop_;
  RequestHandler& handler_;
  const ServerOptions options_;
  ServerStatistics statistics_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<Connection*> open_;
  std::vector<std::unique_ptr<Connection>> spare_;
  // Shared by all connections, one after the other.
  InputBufferPool input_buffers_;
  OutputArena arena_;
  std::unique_ptr<char[]> scratch_;
  DateField date_;
  DeflateContexts deflate_;
  TimeoutWheel wheel_;
  Clock* clock_;  // closed asynchronously by libuv, hence not a member
  Connection* first_dirty_ = nullptr;
  Connection* last_dirty_ = nullptr;
  bool flush_deferred_ = false;
  uint64_t flushes_ = 0;
  Resumption resumption_{*this};
  std::vector<Connection*> resuming_;
  bool draining_ = false;
  UniqueFunction<void()> drained_;
  // Survives the server in what it has deferred.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace selvage::http
