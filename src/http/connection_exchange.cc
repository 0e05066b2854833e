// What the handler of a request can ask and say: Connection's side of Exchange.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <utility>

#include "http/connection.h"
#include "http/server.h"
#include "http/status.h"

namespace selvage::http {
namespace {

// Of a stream's body, in one write, and in one step of the loop.
constexpr size_t kMostInOneWrite = 64 << 10;
constexpr size_t kMostInOneStep = 512 << 10;

}  // namespace

std::string_view Connection::target() const {
  return head().target.starts_with('?') ? std::string_view(rewritten_target_) : head().target;
}

std::string_view Connection::client_address() const {
  if (client_address_[0] != '\0' || handle()->type != UV_TCP) return client_address_;
  sockaddr_storage address{};
  int size = sizeof address;
  if (uv_tcp_getpeername(&handle_.tcp, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return {};
  }
  if (address.ss_family == AF_INET) {
    uv_ip4_name(reinterpret_cast<sockaddr_in*>(&address), client_address_, sizeof client_address_);
    return client_address_;
  }
  uv_ip6_name(reinterpret_cast<sockaddr_in6*>(&address), client_address_, sizeof client_address_);
  // A dual-stack socket shows IPv4 clients so.
  constexpr std::string_view kMapped = "::ffff:";
  const std::string_view text = client_address_;
  const bool mapped = text.starts_with(kMapped) && text.find('.') != std::string_view::npos;
  return mapped ? text.substr(kMapped.size()) : text;
}

std::optional<uint32_t> Connection::round_trip_ms() const {
  uv_os_fd_t fd = -1;
  tcp_info info{};
  socklen_t size = sizeof info;
  if (handle()->type != UV_TCP || uv_fileno(handle(), &fd) != 0 ||
      getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) {
    return std::nullopt;
  }
  return info.tcpi_rtt / 1000;
}

bool Connection::wants_websocket() const { return head().websocket == WebSocketHandshake::valid; }

std::optional<uint64_t> Connection::body_length() const {
  if (head().chunked) return std::nullopt;
  return head().content_length.value_or(0);
}

std::optional<std::string_view> Connection::complete_body() const {
  if (body_ == BodyState::none) return std::string_view();
  if (body_ != BodyState::complete || body_taken_) return std::nullopt;
  return std::string_view(input_.data() + body_begin_, body_end_ - body_begin_);
}

std::shared_ptr<loop::Pipe> Connection::body() {
  assert(!body_taken_);
  auto pipe = loop::Pipe::create();
  if (phase_ != Phase::exchange) {
    pipe->fail({ErrorCode::aborted, "the client went away", {}});
    return pipe;
  }
  const std::string_view arrived(input_.data() + body_begin_, body_end_ - body_begin_);
  body_taken_ = true;
  const bool room = arrived.empty() || pipe->write(std::string(arrived));
  if (body_ != BodyState::receiving) {
    pipe->end();
    return pipe;
  }
  request_pipe_ = pipe;
  body_end_ = raw_begin_ = raw_end_ = body_begin_;
  pipe_full_ = !room;
  pipe->on_drain([this] {
    pipe_full_ = false;
    set_read_deadline(server_.loop_.now() + server_.options_.body_timeout);
    update_reading();
  });
  pipe->on_cancel([this](const Error&) {
    discard_body();
    update_reading();
  });
  if (continue_owed_) {
    continue_owed_ = false;
    output_.add_static("HTTP/1.1 100 Continue\r\n\r\n");
    server_.mark_dirty(*this);
  }
  set_read_deadline(pipe_full_ ? TimeoutWheel::kNever
                               : server_.loop_.now() + server_.options_.body_timeout);
  update_reading();
  return pipe;
}

void Connection::set_observer(ExchangeObserver* observer) {
  observer_ = observer;
  if (phase_ != Phase::closed || !exchange_open_ || observer == nullptr) return;
  server_.loop_.defer([this, alive = std::weak_ptr<bool>(server_.alive_)] {
    if (!alive.expired() && phase_ == Phase::closed && exchange_open_ && observer_ != nullptr) {
      tell_client_gone();
    }
  });
}

void Connection::tell_client_gone() {
  // Without an observer the handler does not know, and the exchange stays until it has answered.
  if (observer_ == nullptr) return;
  ExchangeObserver* const observer = observer_;
  end_exchange();
  observer->on_client_gone();
}

void Connection::end_exchange() {
  observer_ = nullptr;
  if (!std::exchange(exchange_open_, false)) return;
  --server_.statistics_.requests_open;
  recycle_when_free();
}

char* Connection::waste(size_t size) {
  waste_ = std::make_unique_for_overwrite<char[]>(size + 1);
  return waste_.get();
}

bool Connection::keeps_alive_after_response() const {
  if (!head().keep_alive || server_.draining_) return false;
  if (body_ != BodyState::receiving) return true;
  // Whether the body comes at all after an answer other than "100 Continue" is the client's choice.
  if (continue_owed_) return false;
  const bool somebody_reads = request_pipe_ != nullptr && request_pipe_.use_count() > 1;
  return somebody_reads || head().chunked || body_remaining_ <= server_.options_.drained_bytes;
}

// Writes the head, and leaves room for the body behind it; returns where the body begins.
char* Connection::write_head(ResponseHeadParts parts, size_t body_size, bool send_body) {
  parts.date_line = server_.date_.line();
  const size_t bound = response_head_bound(parts) + body_size;
  char* out = nullptr;
  std::unique_ptr<char[]> block;
  if (bound <= OutputArena::kLargestPiece) {
    out = server_.arena_.take(bound);
  } else {
    block = std::make_unique_for_overwrite<char[]>(bound);
    out = block.get();
  }
  char* const body = write_response_head(out, parts);
  const auto head_size = static_cast<size_t>(body - out);
  const size_t sent = head_size + (send_body ? body_size : 0);
  if (block != nullptr) {
    output_.add_block(std::move(block), sent);
  } else {
    server_.arena_.give_back(bound - head_size - body_size);
    output_.add_borrowed({out, sent});
  }
  server_.mark_dirty(*this);
  return body;
}

char* Connection::respond(int status, std::string_view status_text, std::string_view headers,
                          size_t body_length) {
  if (!may_respond()) {
    char* const bytes = waste(body_length);
    end_exchange();
    return bytes;
  }
  ResponseHeadParts parts;
  parts.status = status;
  parts.status_text = status_text;
  parts.headers = headers;
  bool send_body = true;
  if (!allows_body(status)) {
    send_body = false;
    // 205 is an empty body, the others have none at all.
    parts.framing = status == 205 ? BodyFraming::length : BodyFraming::none;
  } else if (answers_head()) {
    send_body = false;
    parts.framing = BodyFraming::head_length;
    parts.length = body_length;
  } else {
    parts.length = body_length;
  }
  keep_alive_ = keeps_alive_after_response();
  if (!keep_alive_) {
    parts.connection = ConnectionField::close;
  } else if (head().minor_version == 0) {
    parts.connection = ConnectionField::keep_alive;
  }
  char* const body = write_head(parts, body_length, send_body);
  response_ = ResponseState::whole;
  end_exchange();
  return body;
}

void Connection::respond_empty(int status, std::string_view status_text, std::string_view headers) {
  if (!may_respond()) {
    end_exchange();
    return;
  }
  ResponseHeadParts parts;
  parts.status = status;
  parts.status_text = status_text;
  parts.headers = headers;
  if (answers_head()) {
    parts.framing = BodyFraming::head_unknown;
  } else if (!allows_body(status) && status != 205) {
    parts.framing = BodyFraming::none;
  }  // else a length of 0: without it the client would wait for the end of the connection
  keep_alive_ = keeps_alive_after_response();
  if (!keep_alive_) {
    parts.connection = ConnectionField::close;
  } else if (head().minor_version == 0) {
    parts.connection = ConnectionField::keep_alive;
  }
  write_head(parts, 0, false);
  response_ = ResponseState::whole;
  end_exchange();
}

void Connection::respond_stream(int status, std::string_view status_text, std::string_view headers,
                                std::shared_ptr<loop::Pipe> body, std::optional<uint64_t> length) {
  if (!may_respond()) {
    body->cancel({ErrorCode::aborted, "the client went away", {}});
    end_exchange();
    return;
  }
  ResponseHeadParts parts;
  parts.status = status;
  parts.status_text = status_text;
  parts.headers = headers;
  parts.length = length.value_or(0);
  keep_alive_ = keeps_alive_after_response();
  const bool send_body = allows_body(status) && !answers_head();
  if (!send_body) {
    parts.framing = answers_head() ? (length ? BodyFraming::head_length : BodyFraming::head_unknown)
                                   : (status == 205 ? BodyFraming::length : BodyFraming::none);
    if (status == 205) parts.length = 0;
  } else if (!length && head().minor_version == 0) {
    parts.framing = BodyFraming::until_close;
    response_until_close_ = true;
    keep_alive_ = false;
  } else if (!length) {
    parts.framing = BodyFraming::chunked;
    response_chunked_ = true;
  }
  if (!keep_alive_) {
    parts.connection = ConnectionField::close;
  } else if (head().minor_version == 0) {
    parts.connection = ConnectionField::keep_alive;
  }
  write_head(parts, 0, false);
  if (!send_body) {
    response_ = ResponseState::whole;
    end_exchange();
    body->cancel({ErrorCode::aborted, "this response has no body", {}});
    return;
  }
  response_ = ResponseState::streaming;
  response_remaining_ = length;
  response_pipe_ = std::move(body);
  read_response();
}

void Connection::abort() {
  end_exchange();
  break_off();
}

void Connection::read_response() {
  if (reading_response_ || response_ended_ || response_pipe_ == nullptr) return;
  reading_response_ = true;
  // break_off() cancels the pipe, and with it this callback.
  response_pipe_->read([this](Result<loop::Pipe::Chunk> chunk) {
    reading_response_ = false;
    on_response_chunk(std::move(chunk));
  });
}

void Connection::on_response_chunk(Result<loop::Pipe::Chunk> chunk) {
  if (!chunk) {
    break_stream();
    return;
  }
  if (*chunk) {
    response_chunk_ = std::move(**chunk);
  } else {
    response_ended_ = true;
  }
  server_.mark_dirty(*this);
}

// The response cannot be completed; the client sees that from the missing end.
void Connection::break_stream() {
  end_exchange();
  break_off();
}

// Adds to the output what the pipe has given. False when the connection was closed over it.
bool Connection::gather_stream() {
  if (response_gathered_ || (response_chunk_.empty() && !response_ended_)) return true;
  const auto pipe = response_pipe_;  // its producer may abort us
  while (!response_ended_ && response_chunk_.size() < kMostInOneWrite) {
    std::optional<std::string> more = pipe->take_buffered();
    if (!more) break;
    if (response_chunk_.empty()) {
      response_chunk_ = std::move(*more);
    } else {
      response_chunk_ += *more;
    }
    if (phase_ == Phase::closed) return false;  // the producer aborted
  }
  if (pipe->ended() && pipe->drained()) response_ended_ = true;
  response_gathered_ = response_ended_;
  const size_t size = response_chunk_.size();
  if (response_remaining_) {
    const uint64_t before = *response_remaining_;
    if (size > before || (response_ended_ && size < before)) {
      break_stream();
      return false;
    }
    *response_remaining_ = before - size;
  }
  if (burst_flush_ != server_.flushes_) {
    burst_flush_ = server_.flushes_;
    burst_bytes_ = 0;
  }
  burst_bytes_ += size;
  if (!response_chunked_) {
    output_.add_string(std::exchange(response_chunk_, {}));
    return true;
  }
  if (size != 0) {
    char* const end = std::to_chars(chunk_size_line_, chunk_size_line_ + 16, size, 16).ptr;
    end[0] = '\r';
    end[1] = '\n';
    output_.add_static({chunk_size_line_, static_cast<size_t>(end + 2 - chunk_size_line_)});
    output_.add_string(std::exchange(response_chunk_, {}));
    output_.add_static(response_ended_ ? "\r\n0\r\n\r\n" : "\r\n");
  } else {
    output_.add_static("0\r\n\r\n");
  }
  return true;
}

void Connection::after_flush() {
  if (half_closed_) {
    set_read_deadline(server_.loop_.now() + server_.options_.half_closed_timeout);
  }
  if (phase_ == Phase::websocket) {
    after_websocket_flush();
    return;
  }
  switch (response_) {
    case ResponseState::none: return;
    case ResponseState::whole: finish_response(); return;
    case ResponseState::streaming:
      if (response_gathered_) {
        finish_response();
      } else if (!response_chunk_.empty() || response_ended_) {
        server_.mark_dirty(*this);
      } else if (burst_flush_ == server_.flushes_ && burst_bytes_ >= kMostInOneStep) {
        server_.resume_later(*this);
      } else {
        read_response();
      }
      return;
  }
}

void Connection::resume_response() {
  resuming_ = false;
  if (phase_ == Phase::closed) {
    recycle_when_free();
  } else {
    read_response();
  }
}

void Connection::finish_response() {
  if (response_ == ResponseState::streaming) end_exchange();
  response_ = ResponseState::none;
  response_pipe_.reset();
  response_until_close_ = false;
  phase_ = Phase::after_response;
  if (!keep_alive_) {
    close_politely();
    return;
  }
  if (body_ != BodyState::receiving) {
    next_message();
    return;
  }
  // A program that still reads the body gets it; otherwise it is passed over.
  const bool somebody_reads = request_pipe_ != nullptr && request_pipe_.use_count() > 1;
  if (!somebody_reads && !body_discarded_) discard_body();
  if (body_drained_ > server_.options_.drained_bytes) {
    close_politely();
    return;
  }
  set_read_deadline(server_.loop_.now() + server_.options_.body_timeout);
  update_reading();
}

}  // namespace selvage::http
