#include "http/websocket_session.h"

#include <openssl/rand.h>

#include <chrono>
#include <utility>

namespace selvage::http {

std::shared_ptr<WebSocketSession> WebSocketSession::create(loop::Loop& loop, Role role,
                                                           WebSocketTransport& transport,
                                                           const WebSocketOptions& options) {
  std::shared_ptr<WebSocketSession> session(new WebSocketSession(loop, role, transport, options));
  if (options.ping_interval != 0) session->start_ping_timer();
  return session;
}

WebSocketSession::WebSocketSession(loop::Loop& loop, Role role, WebSocketTransport& transport,
                                   const WebSocketOptions& options)
    : loop_(loop),
      role_(role),
      options_(options),
      transport_(&transport),
      decoder_(role == Role::server, options.largest_message) {
  if (options.any_masking) decoder_.allow_any_masking();
}

WebSocketSession::~WebSocketSession() = default;

void WebSocketSession::set_listener(WebSocketListener* listener) {
  listener_ = listener;
  if (listener_ == nullptr || kept_ == nullptr || std::exchange(delivery_deferred_, true)) return;
  loop_.defer([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->deliver_kept();
  });
}

void WebSocketSession::compress(const DeflateAgreement& agreement, DeflateContexts& contexts) {
  contexts_ = &contexts;
  window_bits_ = static_cast<uint8_t>(agreement.window_bits);
  if (agreement.peer_takes_over) inflater_ = std::make_unique<MessageInflater>(true);
  decoder_.allow_compression();
}

void WebSocketSession::send(bool text, std::string_view data) {
  if (transport_ == nullptr || close_sent_) return;
  const WebSocketOpcode opcode = text ? WebSocketOpcode::text : WebSocketOpcode::binary;
  if (contexts_ != nullptr && data.size() >= options_.compressed_from) {
    if (const auto compressed = contexts_->deflater.compress(data, window_bits_)) {
      append_frame(opcode, *compressed, true);
      return;
    }
  }
  append_frame(opcode, data);
}

void WebSocketSession::close(uint16_t code, std::string_view reason) {
  if (transport_ == nullptr || std::exchange(close_sent_, true)) return;
  append_frame(WebSocketOpcode::close, websocket_close_payload(code, reason));
  if (close_received_) {
    finish();
  } else {
    start_close_timer();
  }
}

void WebSocketSession::terminate() {
  if (WebSocketTransport* const transport = transport_) {
    const auto self = shared_from_this();  // the transport's may be the last other reference
    failed_ = true;                        // the program knows
    detach();
    transport->drop();
  }
}

void WebSocketSession::append_frame(WebSocketOpcode opcode, std::string_view payload,
                                    bool compressed) {
  std::optional<WebSocketMask> mask;
  if (role_ == Role::client) mask = next_mask();
  append_websocket_frame(output_, opcode, payload, mask, compressed);
  if (!std::exchange(asked_to_send_, true)) transport_->send_soon();
}

WebSocketMask WebSocketSession::next_mask() {
  if (masks_left_ == 0) {
    if (masks_ == nullptr) masks_ = std::make_unique<std::array<WebSocketMask, kMasks>>();
    RAND_bytes(reinterpret_cast<unsigned char*>(masks_->data()), static_cast<int>(sizeof *masks_));
    masks_left_ = kMasks;
  }
  return (*masks_)[--masks_left_];
}

std::string WebSocketSession::take_output() {
  asked_to_send_ = false;
  taken_ += output_.size();
  return std::exchange(output_, {});
}

void WebSocketSession::on_sent() {
  taken_ = 0;
  tell_if_drained();
}

void WebSocketSession::when_drained(UniqueFunction<void()> callback) {
  drained_ = std::move(callback);
  tell_if_drained();
}

void WebSocketSession::tell_if_drained() {
  if (!drained_ || buffered_amount() >= options_.high_water_mark) return;
  loop_.defer(std::exchange(drained_, {}));
}

void WebSocketSession::feed(std::string_view bytes) {
  const auto self = shared_from_this();  // a listener may drop everything
  heard_ = true;
  while (transport_ != nullptr && !close_received_ && !failed_) {
    switch (decoder_.next(bytes)) {
      case WebSocketDecoder::Event::more: return;
      case WebSocketDecoder::Event::message: {
        std::string_view message = decoder_.payload();
        if (decoder_.compressed() && !decompress(message)) return;
        receive(decoder_.text() ? Received::Kind::text : Received::Kind::binary, 0, message);
        break;
      }
      case WebSocketDecoder::Event::ping:
        // To whoever asks without taking the answers, the latest need not be given.
        if (!close_sent_ && buffered_amount() < options_.high_water_mark) {
          append_frame(WebSocketOpcode::pong, decoder_.payload());
        }
        break;
      case WebSocketDecoder::Event::pong: break;
      case WebSocketDecoder::Event::close: on_close_frame(); return;
      case WebSocketDecoder::Event::refused:
        fail(decoder_.close_code(), decoder_.problem());
        return;
    }
  }
}

// False when the session has failed of it.
bool WebSocketSession::decompress(std::string_view& message) {
  MessageInflater& inflater = inflater_ ? *inflater_ : contexts_->inflater;
  switch (inflater.decompress(message, options_.largest_message)) {
    case MessageInflater::Outcome::too_large:
      fail(kCloseMessageTooBig, "a message is larger than the limit");
      return false;
    case MessageInflater::Outcome::corrupt:
      fail(kCloseInvalidData, "a compressed message is corrupt");
      return false;
    case MessageInflater::Outcome::whole: break;
  }
  message = inflater.message();
  if (!decoder_.text() || is_utf8(message)) return true;
  fail(kCloseInvalidData, "a text message is not UTF-8");
  return false;
}

void WebSocketSession::on_close_frame() {
  close_received_ = true;
  if (close_sent_) {
    finish();
  } else {
    start_close_timer();
  }
  receive(Received::Kind::close, decoder_.close_code(), decoder_.payload());
}

void WebSocketSession::fail(uint16_t code, std::string_view problem) {
  failed_ = true;
  if (!std::exchange(close_sent_, true)) {
    append_frame(WebSocketOpcode::close, websocket_close_payload(code, problem));
  }
  finish();
  receive(Received::Kind::failure, code, problem);
}

// The protocol has come to its end.
void WebSocketSession::finish() {
  ping_timer_.reset();
  close_timer_.reset();
  std::exchange(transport_, nullptr)->finish();
}

void WebSocketSession::on_transport_closed(std::string_view why) {
  const auto self = shared_from_this();
  detach();
  if (close_received_ || std::exchange(failed_, true)) return;
  receive(Received::Kind::failure, kCloseAbnormal, why);
}

void WebSocketSession::detach() {
  ping_timer_.reset();
  close_timer_.reset();
  transport_ = nullptr;
  output_.clear();
  taken_ = 0;
  tell_if_drained();
}

void WebSocketSession::receive(Received::Kind kind, uint16_t code, std::string_view data) {
  if (listener_ != nullptr && kept_ == nullptr) {
    deliver(kind, code, data);
    return;
  }
  if (kept_ == nullptr) kept_ = std::make_unique<std::deque<Received>>();
  kept_->push_back({kind, code, std::string(data)});
  kept_bytes_ += sizeof(Received) + data.size();
  if (kept_bytes_ > options_.kept_bytes && transport_ != nullptr &&
      std::exchange(reading_, false)) {
    transport_->set_reading(false);
  }
}

void WebSocketSession::deliver(Received::Kind kind, uint16_t code, std::string_view data) {
  switch (kind) {
    case Received::Kind::text:
    case Received::Kind::binary: listener_->on_message(kind == Received::Kind::text, data); return;
    case Received::Kind::close: listener_->on_close(code, data); return;
    case Received::Kind::failure:
      listener_->on_failure({code == kCloseMessageTooBig ? ErrorCode::limit_exceeded
                             : code == kCloseAbnormal    ? ErrorCode::aborted
                                                         : ErrorCode::corrupt,
                             "the WebSocket failed: " + std::string(data),
                             {}});
      return;
  }
}

void WebSocketSession::deliver_kept() {
  delivery_deferred_ = false;
  const auto self = shared_from_this();
  while (listener_ != nullptr && kept_ != nullptr) {
    const Received received = std::move(kept_->front());
    kept_->pop_front();
    if (kept_->empty()) kept_.reset();
    kept_bytes_ -= sizeof(Received) + received.data.size();
    deliver(received.kind, received.code, received.data);
  }
  if (kept_ == nullptr && !std::exchange(reading_, true) && transport_ != nullptr) {
    transport_->set_reading(true);
  }
}

void WebSocketSession::start_close_timer() {
  close_timer_.emplace(loop_).start(std::chrono::milliseconds(options_.close_timeout), [this] {
    const auto self = shared_from_this();
    if (close_received_) {
      close(decoder_.close_code(), {});
      receive(Received::Kind::failure, kCloseAbnormal, "its close frame was not answered");
      return;
    }
    WebSocketTransport* const transport = transport_;
    on_transport_closed("the other side did not answer the close frame");
    transport->drop();
  });
}

void WebSocketSession::start_ping_timer() {
  if (!ping_timer_) ping_timer_.emplace(loop_);
  ping_timer_->start(std::chrono::milliseconds(options_.ping_interval), [this] {
    const auto self = shared_from_this();
    // A ping waits behind what was sent before, and its answer with it. Whether that gets through
    // is the transport's to see.
    if (taken_ != 0) {
      start_ping_timer();
      return;
    }
    if (!std::exchange(heard_, false) && reading_) {
      WebSocketTransport* const transport = transport_;
      on_transport_closed("the other side does not answer");
      transport->drop();
      return;
    }
    if (!close_sent_) append_frame(WebSocketOpcode::ping, {});
    start_ping_timer();
  });
}

}  // namespace selvage::http
