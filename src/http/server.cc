#include "http/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "base/log.h"
#include "fmt/format.h"
#include "http/connection.h"

namespace selvage::http {

/// One listening socket. libuv closes it asynchronously, so the handle is on its own.
class Listener {
 public:
  explicit Listener(Server& server) : handle_(new Handle{{}, &server, this}) {}
  ~Listener() {
    handle_->server = nullptr;
    if (!opened_) {
      delete handle_;
      return;
    }
    uv_close(reinterpret_cast<uv_handle_t*>(&handle_->uv),
             [](uv_handle_t* handle) { delete static_cast<Handle*>(handle->data); });
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  Status open(uv_loop_t* loop, int fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      return fail_errno(errno, fmt::format("file descriptor {} is no socket", fd));
    }
    int listening = 0;
    socklen_t option_size = sizeof listening;
    ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &option_size);
    if (listening == 0) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("file descriptor {} is no listening socket", fd));
    }
    int result = 0;
    if (address.ss_family == AF_UNIX) {
      result = uv_pipe_init(loop, &handle_->uv.pipe, 0);
      opened_ = true;
      if (result == 0) result = uv_pipe_open(&handle_->uv.pipe, fd);
    } else {
      // Inherited by the sockets that are accepted.
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      result = uv_tcp_init(loop, &handle_->uv.tcp);
      opened_ = true;
      if (result == 0) result = uv_tcp_open(&handle_->uv.tcp, fd);
    }
    handle_->uv.stream.data = handle_;
    constexpr int kBacklog = 4096;
    if (result == 0) {
      result = uv_listen(&handle_->uv.stream, kBacklog, [](uv_stream_t* stream, int status) {
        auto* handle = static_cast<Handle*>(stream->data);
        if (handle->server != nullptr && status == 0)
          handle->server->accept_from(*handle->listener);
      });
    }
    if (result != 0) {
      return fail(ErrorCode::io, fmt::format("cannot accept from file descriptor {}: {}", fd,
                                             uv_strerror(result)));
    }
    return {};
  }

  uv_stream_t* stream() { return &handle_->uv.stream; }

  /// A client waits that was not accepted because there are too many; libuv asks no more until it
  /// is.
  bool holds_back = false;

 private:
  struct Handle {
    union {
      uv_tcp_t tcp;
      uv_pipe_t pipe;
      uv_stream_t stream;
    } uv;
    Server* server;
    Listener* listener;
  };

  Handle* handle_;
  bool opened_ = false;
};

struct Server::Clock {
  uv_timer_t timer{};
  Server* server = nullptr;
};

Server::Server(loop::Loop& loop, RequestHandler& handler, ServerOptions options)
    : loop_(loop),
      handler_(handler),
      options_(options),
      scratch_(std::make_unique_for_overwrite<char[]>(kScratchSize)),
      wheel_(loop.now()),
      clock_(new Clock) {
  clock_->server = this;
  clock_->timer.data = clock_;
  uv_timer_init(loop_.uv(), &clock_->timer);
  uv_unref(reinterpret_cast<uv_handle_t*>(&clock_->timer));
}

Server::~Server() {
  loop_.unschedule(resumption_);
  listeners_.clear();
  for (Connection* connection : std::exchange(open_, {})) connection->orphan();
  uv_close(reinterpret_cast<uv_handle_t*>(&clock_->timer),
           [](uv_handle_t* handle) { delete static_cast<Clock*>(handle->data); });
}

Status Server::adopt_listener(int fd) {
  auto listener = std::make_unique<Listener>(*this);
  if (Status status = listener->open(loop_.uv(), fd); !status) return status;
  listeners_.push_back(std::move(listener));
  return {};
}

void Server::accept_from(Listener& listener) {
  if (open_.size() >= options_.connections) {
    listener.holds_back = true;
    return;
  }
  listener.holds_back = false;
  std::unique_ptr<Connection> connection;
  if (spare_.empty()) {
    connection = std::make_unique<Connection>(*this);
  } else {
    connection = std::move(spare_.back());
    spare_.pop_back();
  }
  if (open_.empty()) start_clock();
  connection->index_ = open_.size();
  open_.push_back(connection.get());
  statistics_.connections_open = open_.size();
  if (connection.release()->accept(listener.stream())) ++statistics_.connections_accepted;
}

void Server::recycle(Connection& connection) {
  std::unique_ptr<Connection> owned(&connection);
  open_[connection.index_] = open_.back();
  open_[connection.index_]->index_ = connection.index_;
  open_.pop_back();
  statistics_.connections_open = open_.size();
  spare_.push_back(std::move(owned));  // not destroyed: a handler may be writing its response
  check_drained();
  for (const auto& listener : listeners_) {
    if (listener->holds_back) {
      accept_from(*listener);
      return;
    }
  }
}

void Server::mark_dirty(Connection& connection) {
  if (connection.dirty_) return;
  connection.dirty_ = true;
  connection.next_dirty_ = nullptr;
  if (last_dirty_ != nullptr) {
    last_dirty_->next_dirty_ = &connection;
  } else {
    first_dirty_ = &connection;
  }
  last_dirty_ = &connection;
  if (flush_deferred_) return;
  flush_deferred_ = true;
  loop_.defer([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) flush();
  });
}

void Server::flush() {
  ++flushes_;
  // What answers at once to a pipelined request is sent in the same go; the input buffers bound how
  // long that can take.
  while (first_dirty_ != nullptr) {
    Connection& connection = *first_dirty_;
    first_dirty_ = connection.next_dirty_;
    if (first_dirty_ == nullptr) last_dirty_ = nullptr;
    connection.flush();
  }
  arena_.reset();
  flush_deferred_ = false;
}

void Server::resume_later(Connection& connection) {
  if (std::exchange(connection.resuming_, true)) return;
  resuming_.push_back(&connection);
  loop_.schedule(resumption_);
}

void Server::Resumption::run() {
  for (Connection* connection : std::exchange(server_.resuming_, {})) connection->resume_response();
}

void Server::start_clock() {
  // The timer stood still, and so did what it keeps up to date.
  on_tick();
  uv_timer_start(
      &clock_->timer,
      [](uv_timer_t* timer) { static_cast<Clock*>(timer->data)->server->on_tick(); },
      TimeoutWheel::kTick, TimeoutWheel::kTick);
}

void Server::on_tick() {
  date_.update(std::time(nullptr));
  wheel_.advance(loop_.now());
  constexpr size_t kMostSpare = 256;
  if (spare_.size() > kMostSpare) spare_.resize(kMostSpare);
  if (open_.empty()) uv_timer_stop(&clock_->timer);
}

void Server::drain(UniqueFunction<void()> done) {
  draining_ = true;
  drained_ = std::move(done);
  listeners_.clear();
  for (Connection* connection : std::vector<Connection*>(open_)) connection->drain();
  check_drained();
}

void Server::abort_all() {
  for (Connection* connection : std::vector<Connection*>(open_)) connection->break_off();
}

void Server::check_drained() {
  if (!draining_ || !drained_ || !open_.empty()) return;
  loop_.defer([done = std::move(drained_)]() mutable { done(); });
}

}  // namespace selvage::http
