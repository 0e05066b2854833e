// How a connection reads requests: heads, bodies, and what is wrong with them.
#include <algorithm>
#include <cstring>
#include <utility>

#include "fmt/format.h"
#include "http/connection.h"
#include "http/server.h"
#include "http/status.h"

namespace selvage::http {
namespace {

// A body up to this size can lie beside its head, even when the head is large.
constexpr uint64_t kRoomForBody = 8 << 10;

}  // namespace

void Connection::process_input() {
  if (phase_ == Phase::head) {
    read_head();
  } else if (body_ == BodyState::receiving) {
    take_body();
  }
}

void Connection::read_head() {
  const std::string_view message(input_.data() + message_begin_, raw_end_ - message_begin_);
  switch (parser_.parse(message)) {
    case RequestParser::Status::complete:
      head_begun_ = false;
      begin_exchange();
      return;
    case RequestParser::Status::incomplete:
      if (half_closed_) {
        close_socket();
        return;
      }
      if (!head_begun_) {
        // Once for each head, so that a byte now and then does not keep it open.
        head_begun_ = true;
        set_read_deadline(server_.loop_.now() + server_.options_.head_timeout);
      }
      make_room_for_head();
      return;
    case RequestParser::Status::refused:
      head_begun_ = false;
      refuse(parser_.refused_status(), parser_.refused_because());
      return;
  }
}

void Connection::make_room_for_head() {
  if (raw_end_ == input_.capacity) {
    // The parser's limits bound how often this can happen.
    move_message(message_begin_ > 0 ? input_.capacity : input_.capacity * 2);
  }
}

// Moves what is there of the message to the front of a buffer with at least `room` bytes.
void Connection::move_message(size_t room) {
  const size_t size = raw_end_ - message_begin_;
  if (room <= input_.capacity) {
    std::memmove(input_.data(), input_.data() + message_begin_, size);
  } else {
    InputBuffer larger{std::make_unique_for_overwrite<char[]>(room), room};
    std::memcpy(larger.data(), input_.data() + message_begin_, size);
    server_.input_buffers_.give_back(std::exchange(input_, std::move(larger)));
  }
  raw_begin_ -= std::min(raw_begin_, message_begin_);
  raw_end_ = size;
  message_begin_ = 0;
}

void Connection::begin_exchange() {
  phase_ = Phase::exchange;
  had_request_ = true;
  raw_begin_ = message_begin_ + parser_.head_size();
  response_ = ResponseState::none;
  response_chunked_ = response_until_close_ = response_ended_ = response_gathered_ = false;
  body_taken_ = body_discarded_ = pipe_full_ = false;
  body_ = BodyState::none;
  continue_owed_ = false;
  set_read_deadline(half_closed_ ? server_.loop_.now() + server_.options_.half_closed_timeout
                                 : TimeoutWheel::kNever);
  if (head().has_body() && !prepare_body()) return;
  body_begin_ = body_end_ = raw_begin_;
  if (head().target.starts_with('?')) rewritten_target_ = fmt::format("/{}", head().target);
  if (body_ == BodyState::receiving) {
    take_body();
    if (!may_respond()) return;  // the body was refused
  }
  if (answer_without_handler()) return;
  exchange_open_ = true;
  ++server_.statistics_.requests;
  ++server_.statistics_.requests_open;
  server_.handler_.on_request(*this);
}

bool Connection::answer_without_handler() {
  if (head().method == "CONNECT") {
    refuse(501, "This server is no proxy: it does not answer CONNECT.");
  } else if (head().method == "TRACE") {
    refuse(405, "This server does not answer TRACE.", "Allow: GET, HEAD, POST, PUT, DELETE\r\n");
  } else if (head().websocket == WebSocketHandshake::wrong_version) {
    refuse(426, "The only WebSocket version this server speaks is 13.",
           "Sec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n");
  } else if (head().websocket == WebSocketHandshake::malformed) {
    refuse(400, "The WebSocket handshake has a body, or no valid Sec-WebSocket-Key.");
  } else if (head().target == "*") {
    respond(200, {}, {}, 0);  // about the server as a whole (RFC 9110, section 9.3.7)
  } else {
    return false;
  }
  return true;
}

bool Connection::prepare_body() {
  body_ = BodyState::receiving;
  body_remaining_ = head().content_length.value_or(0);
  body_drained_ = 0;
  continue_owed_ = head().expect_continue;
  decoder_ = ChunkedDecoder();
  if (body_remaining_ > server_.options_.body_bytes) {
    refuse(413, fmt::format("The body has {} bytes; the limit is {}.", body_remaining_,
                            server_.options_.body_bytes));
    return false;
  }
  const uint64_t room = head().chunked ? kRoomForBody : std::min(body_remaining_, kRoomForBody);
  if (input_.capacity - raw_begin_ < room) {
    move_message(std::max(input_.capacity, parser_.head_size() + static_cast<size_t>(room) +
                                               (raw_end_ - raw_begin_)));
    parser_.rebase(input_.data());
    raw_begin_ = parser_.head_size();
  }
  return true;
}

void Connection::take_body() {
  if (raw_begin_ != raw_end_) continue_owed_ = false;
  if (!decode_body()) return;
  const bool complete = body_ == BodyState::complete;
  if (!complete) {
    raw_begin_ = raw_end_ = body_end_;
    set_read_deadline(server_.loop_.now() + server_.options_.body_timeout);
  }
  if ((request_pipe_ || body_discarded_) && body_end_ != body_begin_) {
    const std::string_view piece(input_.data() + body_begin_, body_end_ - body_begin_);
    body_end_ = body_begin_;
    if (!complete) raw_begin_ = raw_end_ = body_end_;
    take_away(piece);
  }
  if (complete && phase_ != Phase::closed && phase_ != Phase::linger) finish_body();
}

// Moves what has come of the body to body_end_. False when the body was refused.
bool Connection::decode_body() {
  while (body_ == BodyState::receiving && raw_begin_ != raw_end_) {
    char* const raw = input_.data() + raw_begin_;
    size_t size = raw_end_ - raw_begin_;
    if (!head().chunked) {
      size = static_cast<size_t>(std::min<uint64_t>(size, body_remaining_));
      body_remaining_ -= size;
      raw_begin_ += size;
      body_end_ += size;  // where it is already
      if (body_remaining_ == 0) body_ = BodyState::complete;
      continue;
    }
    const ChunkedDecoder::Step step = decoder_.next({raw, size});
    raw_begin_ += step.consumed;
    if (step.status == ChunkedDecoder::Status::malformed) {
      refuse(400, fmt::format("The chunked body is malformed: {}.", decoder_.problem()));
      return false;
    }
    if (decoder_.decoded_bytes() > server_.options_.body_bytes) {
      refuse(413, fmt::format("The body has more than {} bytes, the limit.",
                              server_.options_.body_bytes));
      return false;
    }
    if (!step.data.empty()) {
      std::memmove(input_.data() + body_end_, step.data.data(), step.data.size());
      body_end_ += step.data.size();
    }
    if (step.status == ChunkedDecoder::Status::done) body_ = BodyState::complete;
  }
  return true;
}

// `piece` of the body leaves the connection: to the pipe, or to nowhere.
void Connection::take_away(std::string_view piece) {
  continue_owed_ = false;
  if (body_ == BodyState::receiving) {
    set_read_deadline(server_.loop_.now() + server_.options_.body_timeout);
  }
  if (body_discarded_) {
    body_drained_ += piece.size();
    if (phase_ == Phase::after_response && body_drained_ > server_.options_.drained_bytes) {
      close_politely();
    }
    return;
  }
  const auto pipe = request_pipe_;  // its reader may make us drop it
  const bool room = pipe->write(std::string(piece));
  if (!room && request_pipe_ == pipe) {
    pipe_full_ = true;
    // It is not the client that is slow. But a reader that has left does not say so.
    if (phase_ == Phase::exchange) set_read_deadline(TimeoutWheel::kNever);
  }
}

void Connection::finish_body() {
  body_ = BodyState::complete;
  if (phase_ == Phase::exchange) set_read_deadline(TimeoutWheel::kNever);
  if (const auto pipe = std::exchange(request_pipe_, nullptr)) {
    pipe->on_drain(nullptr);
    pipe->on_cancel(nullptr);
    pipe->end();
  }
  if (phase_ == Phase::after_response) next_message();
}

void Connection::discard_body() {
  request_pipe_.reset();
  if (body_ != BodyState::receiving) return;
  body_discarded_ = true;
  body_drained_ += body_end_ - body_begin_;
  body_end_ = body_begin_;
  raw_begin_ = raw_end_ = body_end_;
  pipe_full_ = false;
}

void Connection::stop_piping_body(std::string_view reason) {
  if (const auto pipe = std::exchange(request_pipe_, nullptr)) {
    pipe->on_drain(nullptr);
    pipe->on_cancel(nullptr);
    pipe->fail({ErrorCode::aborted, std::string(reason), {}});
  }
}

void Connection::refuse(int status, std::string_view because, std::string_view headers) {
  if (phase_ != Phase::head && !may_respond()) {
    break_off();
    return;
  }
  ++server_.statistics_.refused;
  phase_ = Phase::exchange;
  response_ = ResponseState::whole;
  keep_alive_ = false;
  refused_ = true;
  body_ = BodyState::none;
  set_read_deadline(TimeoutWheel::kNever);
  const std::string page = fmt::format("{} {}\n{}\n", status, reason_phrase(status), because);
  const std::string fields = fmt::format("Content-Type: text/plain; charset=utf-8\r\n{}", headers);
  ResponseHeadParts parts;
  parts.status = status;
  parts.headers = fields;
  parts.length = page.size();
  parts.connection = ConnectionField::close;
  std::memcpy(write_head(parts, page.size(), true), page.data(), page.size());
  stop_piping_body("the request is malformed");
  if (exchange_open_) tell_client_gone();
}

void Connection::next_message() {
  parser_.reset();
  phase_ = Phase::head;
  response_ = ResponseState::none;
  body_ = BodyState::none;
  head_begun_ = false;
  if (raw_begin_ != raw_end_) {
    message_begin_ = raw_begin_;
    read_head();
  } else if (half_closed_ || server_.draining_) {
    close_socket();
    return;
  } else {
    release_input();
    set_read_deadline(server_.loop_.now() + server_.options_.keep_alive_timeout);
  }
  update_reading();
}

void Connection::release_input() {
  message_begin_ = body_begin_ = body_end_ = raw_begin_ = raw_end_ = 0;
  if (input_) server_.input_buffers_.give_back(std::exchange(input_, {}));
}

}  // namespace selvage::http
