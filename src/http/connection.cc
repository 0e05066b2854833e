#include "http/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "http/server.h"

namespace selvage::http {

Connection::Connection(Server& server)
    : server_(server),
      parser_(server.options_.limits),
      output_(
          [](void* context, int status) { static_cast<Connection*>(context)->on_written(status); },
          this) {}

Connection::~Connection() = default;

bool Connection::accept(uv_stream_t* listener) {
  reset();
  if (listener->type == UV_TCP) {
    uv_tcp_init(server_.loop_.uv(), &handle_.tcp);
  } else {
    uv_pipe_init(server_.loop_.uv(), &handle_.pipe, 0);
  }
  handle()->data = this;
  handle_closed_ = false;
  phase_ = Phase::head;
  server_.wheel_.add(*this, TimeoutWheel::kNever);
  if (uv_accept(listener, stream()) != 0) {
    close_socket();
    return false;
  }
  set_read_deadline(server_.loop_.now() + server_.options_.head_timeout);
  update_reading();
  return true;
}

void Connection::reset() {
  reading_ = half_closed_ = head_begun_ = refused_ = had_request_ = false;
  read_deadline_ = write_deadline_ = TimeoutWheel::kNever;
  message_begin_ = body_begin_ = body_end_ = raw_begin_ = raw_end_ = 0;
  parser_.reset();
  body_ = BodyState::none;
  response_ = ResponseState::none;
  keep_alive_ = true;
  response_until_close_ = reading_response_ = false;
  response_chunk_.clear();
  websocket_finished_ = false;
  websocket_reads_ = true;
  client_address_[0] = '\0';
  waste_.reset();
  output_.clear();
}

void Connection::update_reading() {
  const bool wanted = wants_input();
  if (wanted == reading_) return;
  reading_ = wanted;
  if (!wanted) {
    uv_read_stop(stream());
    return;
  }
  uv_read_start(
      stream(),
      [](uv_handle_t* handle, size_t, uv_buf_t* buffer) {
        static_cast<Connection*>(handle->data)->provide_buffer(buffer);
      },
      [](uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer) {
        static_cast<Connection*>(stream->data)->on_read(size, *buffer);
      });
}

bool Connection::wants_input() const {
  if (half_closed_ || phase_ == Phase::closed) return false;
  // What came behind the handshake goes first.
  if (phase_ == Phase::websocket) return websocket_reads_ && raw_begin_ == raw_end_;
  if (phase_ == Phase::head || phase_ == Phase::linger) return true;
  if (body_ == BodyState::receiving) {
    if (body_discarded_) return true;
    if (request_pipe_) return !pipe_full_;
  }
  // Without a reader for the body, and for pipelined requests, the buffer is all there is.
  return raw_end_ < input_.capacity;
}

void Connection::provide_buffer(uv_buf_t* buffer) {
  const bool body_goes_away =
      body_ == BodyState::receiving && (body_discarded_ || request_pipe_ != nullptr);
  if (phase_ == Phase::linger || phase_ == Phase::websocket) {
    *buffer = uv_buf_init(server_.scratch_.get(), Server::kScratchSize);
  } else if (body_goes_away && !head().chunked) {
    // Never a byte of the next request.
    *buffer = uv_buf_init(server_.scratch_.get(), static_cast<unsigned>(std::min<uint64_t>(
                                                      Server::kScratchSize, body_remaining_)));
  } else {
    if (!input_) {
      input_ = server_.input_buffers_.take();
      message_begin_ = raw_begin_ = raw_end_ = 0;
    }
    *buffer =
        uv_buf_init(input_.data() + raw_end_, static_cast<unsigned>(input_.capacity - raw_end_));
  }
}

void Connection::on_read(ssize_t size, const uv_buf_t& buffer) {
  if (size <= 0) {
    if (phase_ == Phase::head && raw_end_ == message_begin_) release_input();
    if (size == UV_EOF) {
      on_end_of_input();
    } else if (size != 0) {
      break_off();
    }
    return;
  }
  const auto received = static_cast<size_t>(size);
  server_.statistics_.bytes_received += received;
  if (phase_ == Phase::linger) return;
  if (phase_ == Phase::websocket) {
    if (!websocket_finished_) websocket_->feed({buffer.base, received});
    update_reading();
    return;
  }
  if (buffer.base == server_.scratch_.get()) {
    body_remaining_ -= received;
    take_away({buffer.base, received});
    if (body_ == BodyState::receiving && body_remaining_ == 0) finish_body();
  } else {
    raw_end_ += received;
    process_input();
  }
  update_reading();
}

void Connection::on_end_of_input() {
  half_closed_ = true;
  reading_ = false;
  uv_read_stop(stream());
  switch (phase_) {
    case Phase::exchange:
      // It may only have finished sending; whether it still listens is not to be seen. A response
      // that is soon there is sent.
      if (body_ != BodyState::receiving && server_.options_.half_closed_timeout != 0) {
        set_read_deadline(server_.loop_.now() + server_.options_.half_closed_timeout);
        return;
      }
      break_off();
      return;
    case Phase::closed: return;
    default: break_off(); return;
  }
}

void Connection::on_written(int status) {
  if (phase_ == Phase::closed) return;
  set_write_deadline(TimeoutWheel::kNever);
  if (status != 0) {
    break_off();
    return;
  }
  after_flush();
}

void Connection::flush() {
  dirty_ = false;
  if (phase_ == Phase::closed) {
    recycle_when_free();
    return;
  }
  if (!output_.waiting()) {
    if (response_ == ResponseState::streaming && !gather_stream()) return;
    if (phase_ == Phase::websocket) gather_websocket();
  }
  switch (output_.flush(stream())) {
    case GatheredOutput::Outcome::sent: after_flush(); return;
    case GatheredOutput::Outcome::failed: break_off(); return;
    case GatheredOutput::Outcome::waiting:
      if (write_deadline_ != TimeoutWheel::kNever) return;
      write_queue_seen_ = uv_stream_get_write_queue_size(stream());
      set_write_deadline(server_.loop_.now() + server_.options_.write_timeout);
      return;
  }
}

void Connection::set_read_deadline(uint64_t deadline) {
  read_deadline_ = deadline;
  server_.wheel_.set_deadline(*this, std::min(read_deadline_, write_deadline_));
}

void Connection::set_write_deadline(uint64_t deadline) {
  write_deadline_ = deadline;
  server_.wheel_.set_deadline(*this, std::min(read_deadline_, write_deadline_));
}

void Connection::on_deadline(uint64_t now) {
  if (write_deadline_ <= now) {
    const size_t queue = uv_stream_get_write_queue_size(stream());
    if (queue >= write_queue_seen_) {
      ++server_.statistics_.timeouts;
      break_off();
      return;
    }
    write_queue_seen_ = queue;
    write_deadline_ = now + server_.options_.write_timeout;
  }
  if (read_deadline_ <= now) {
    read_deadline_ = TimeoutWheel::kNever;
    on_read_deadline();
    if (phase_ == Phase::closed) return;
  }
  server_.wheel_.set_deadline(*this, std::min(read_deadline_, write_deadline_));
}

void Connection::on_read_deadline() {
  switch (phase_) {
    case Phase::head:
      ++server_.statistics_.timeouts;
      if (head_begun_) {
        refuse(408, "The head of the request did not come in time.");
      } else {
        close_socket();
      }
      return;
    case Phase::exchange:
      ++server_.statistics_.timeouts;
      if (half_closed_) {
        if (!output_.waiting()) break_off();  // otherwise it is the write deadline that counts
      } else {
        refuse(408, "The body of the request did not come in time.");
      }
      return;
    case Phase::after_response:
      ++server_.statistics_.timeouts;
      break_off();
      return;
    case Phase::linger: close_socket(); return;
    case Phase::websocket:
    case Phase::closed: return;
  }
}

// Whether the client has sent something that was not read.
bool Connection::input_waits() {
  int fd = -1;
  char byte = 0;
  return uv_fileno(handle(), &fd) == 0 && ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

void Connection::drain() {
  if (phase_ == Phase::head && !head_begun_ && output_.idle()) {
    // Closing would reset a request that is here already, or on its way from a client that cannot
    // know that it came too late. (One that reuses a connection knows that it may be closed.)
    if (input_waits()) return;
    if (had_request_) {
      close_socket();
    } else {
      set_read_deadline(
          std::min(read_deadline_, server_.loop_.now() + server_.options_.drain_grace));
    }
  } else if (phase_ == Phase::websocket) {
    websocket_->close(1001, "the server is going away");
  }
}

void Connection::break_off() {
  if (phase_ == Phase::closed) return;
  close_socket(response_until_close_);
  drop_websocket("the connection was closed without a close frame");
  stop_piping_body("the client went away before it had sent all of the request's body");
  reading_response_ = false;
  if (const auto pipe = std::exchange(response_pipe_, nullptr)) {
    pipe->cancel(
        {ErrorCode::aborted, "the client went away before it had all of the response", {}});
  }
  if (exchange_open_) {
    ++server_.statistics_.clients_gone;
    tell_client_gone();
  }
}

void Connection::close_politely() {
  // Closing a socket that has unread input sends a reset, which can destroy the response on its
  // way: so the client is given time to read it and close (RFC 9112, section 9.6).
  stop_piping_body("the response was complete before the body of the request was");
  const bool more_to_come = refused_ || body_ == BodyState::receiving || raw_begin_ != raw_end_;
  body_ = BodyState::none;
  int fd = -1;
  if (half_closed_ || !more_to_come || uv_fileno(handle(), &fd) != 0) {
    close_socket();
    return;
  }
  ::shutdown(fd, SHUT_WR);
  phase_ = Phase::linger;
  if (!exchange_open_) release_input();
  set_read_deadline(server_.loop_.now() + server_.options_.linger_timeout);
  update_reading();
}

void Connection::close_socket(bool reset_peer) {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  reading_ = false;
  server_.wheel_.remove(*this);
  constexpr auto closed = [](uv_handle_t* handle) {
    static_cast<Connection*>(handle->data)->on_closed();
  };
  if (reset_peer && handle()->type == UV_TCP && uv_tcp_close_reset(&handle_.tcp, closed) == 0) {
    return;
  }
  uv_close(handle(), closed);
}

void Connection::on_closed() {
  handle_closed_ = true;
  if (orphaned_) {
    delete this;
  } else {
    recycle_when_free();
  }
}

void Connection::orphan() {
  close_socket();
  if (websocket_) std::exchange(websocket_, nullptr)->detach();
  stop_piping_body("the server was stopped");
  if (const auto pipe = std::exchange(response_pipe_, nullptr)) {
    pipe->cancel({ErrorCode::aborted, "the server was stopped", {}});
  }
  if (handle_closed_) {
    delete this;
  } else {
    orphaned_ = true;
  }
}

void Connection::recycle_when_free() {
  if (handle_closed_ && !exchange_open_ && !dirty_ && !resuming_ && !orphaned_) {
    release_input();
    server_.recycle(*this);
  }
}

}  // namespace selvage::http
