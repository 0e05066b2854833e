// A connection as the transport of a WebSocket.
#include <utility>

#include "http/connection.h"
#include "http/server.h"
#include "http/syntax.h"
#include "http/websocket_handshake.h"

namespace selvage::http {
namespace {

// The fields of an upgrade's response that are the program's.
std::string without_handshake_fields(std::string_view block) {
  std::string kept;
  while (!block.empty()) {
    const FieldLine line = take_field_line(block);
    if (equals_ignoring_case(line.name, "upgrade") ||
        equals_ignoring_case(line.name, "content-length") ||
        equals_ignoring_case(line.name, "sec-websocket-accept") ||
        equals_ignoring_case(line.name, "sec-websocket-extensions")) {
      continue;
    }
    kept.append(line.name).append(": ").append(line.value).append("\r\n");
  }
  return kept;
}

}  // namespace

std::shared_ptr<WebSocketEndpoint> Connection::upgrade(std::string_view headers) {
  auto session = WebSocketSession::create(server_.loop_, WebSocketSession::Role::server, *this,
                                          server_.options_.websocket);
  if (!may_respond() || !wants_websocket()) {
    end_exchange();
    session->on_transport_closed("the client went away");
    return session;
  }
  std::string fields = "Upgrade: websocket\r\nSec-WebSocket-Accept: ";
  fields += websocket_accept_for(head().websocket_key);
  fields += "\r\n";
  if (server_.options_.websocket.compression) {
    if (const auto agreement = accept_deflate_offer(head().header_block)) {
      fields += "Sec-WebSocket-Extensions: " + deflate_answer(*agreement) + "\r\n";
      session->compress(*agreement, server_.deflate_);
    }
  }
  fields += without_handshake_fields(headers);
  ResponseHeadParts parts;
  parts.status = 101;
  parts.headers = fields;
  parts.framing = BodyFraming::none;
  parts.connection = ConnectionField::upgrade;
  write_head(parts, 0, false);
  websocket_ = session;
  phase_ = Phase::websocket;
  ++server_.statistics_.websockets_open;
  set_read_deadline(TimeoutWheel::kNever);
  end_exchange();
  if (server_.draining_) session->close(1001, "the server is going away");
  return session;
}

void Connection::send_soon() { server_.mark_dirty(*this); }

void Connection::finish() {
  websocket_finished_ = true;
  server_.mark_dirty(*this);
}

void Connection::drop() { break_off(); }

void Connection::set_reading(bool reading) {
  websocket_reads_ = reading;
  update_reading();
}

void Connection::gather_websocket() {
  if (websocket_->has_output()) output_.add_string(websocket_->take_output());
}

// Everything that was gathered is with the kernel.
void Connection::after_websocket_flush() {
  const auto session = websocket_;
  session->on_sent();
  if (phase_ != Phase::websocket) return;
  if (raw_begin_ != raw_end_) {
    // Frames that came right behind the handshake.
    const std::string early(input_.data() + raw_begin_, raw_end_ - raw_begin_);
    raw_begin_ = raw_end_;
    if (!websocket_finished_) session->feed(early);
    if (phase_ != Phase::websocket) return;
  }
  release_input();
  if (session->has_output()) {
    server_.mark_dirty(*this);
  } else if (websocket_finished_) {
    drop_websocket({});
    refused_ = true;  // whatever else comes is passed over until the client closes
    close_politely();
    return;
  }
  update_reading();
}

void Connection::drop_websocket(std::string_view why) {
  if (const auto session = std::exchange(websocket_, nullptr)) {
    --server_.statistics_.websockets_open;
    session->on_transport_closed(why);
  }
}

}  // namespace selvage::http
