#include "http/client_exchange.h"

#include <fmt/format.h>

#include <utility>

#include "http/syntax.h"
#include "http/websocket_handshake.h"

namespace selvage::http {

ClientExchange::ClientExchange(ClientContext& context, Request request, FetchOptions options,
                               ResponseCallback callback,
                               UniqueFunction<void(ClientExchange&)> on_over)
    : context_(context),
      request_(std::move(request)),
      options_(options),
      callback_(std::move(callback)),
      on_over_(std::move(on_over)),
      limit_(context.loop) {}

ClientExchange::~ClientExchange() = default;

void ClientExchange::start() {
  if (Status ready = prepare(); !ready) {
    fail_later(std::move(ready).error());
    return;
  }
  // A WebSocket never gives its connection back.
  connect(/*may_reuse=*/websocket_key_.empty());
}

void ClientExchange::start_websocket() {
  websocket_key_ = new_websocket_key();
  start();
}

Status ClientExchange::prepare() {
  SELVAGE_TRY(url_, parse_client_url(request_.url));
  const RequestFraming framing = framing_of(request_);
  SELVAGE_TRY(head_, serialize_request_head(
                         request_, url_, framing,
                         {.accept_compressed = options_.decompress || options_.accept_compressed,
                          .websocket_key = websocket_key_}));
  const auto weak = weak_from_this();
  sender_ = ClientBodySender::create(std::move(request_.body), framing,
                                     {.on_sent =
                                          [weak] {
                                            if (const auto self = weak.lock()) self->request_sent();
                                          },
                                      .on_failed =
                                          [weak](Error error) {
                                            if (const auto self = weak.lock())
                                              self->fail(std::move(error));
                                          }});
  if (websocket_key_.empty()) request_.headers.clear();
  return {};
}

void ClientExchange::fail_later(Error error) {
  context_.loop.defer([weak = weak_from_this(), error = std::move(error)]() mutable {
    if (const auto self = weak.lock()) self->fail(std::move(error));
  });
}

void ClientExchange::connect(bool may_reuse) {
  if (may_reuse) {
    stream_ = context_.pool.take(url_.origin());
    if (stream_ != nullptr) {
      // From the loop, as with a new connection: a body that fails at once calls back.
      context_.loop.defer([weak = weak_from_this()] {
        const auto self = weak.lock();
        if (self != nullptr && !self->over_) self->use(std::move(self->stream_), /*reused=*/true);
      });
      return;
    }
  }
  connecting_ = context_.connector.connect(url_.destination, [this](auto stream) {
    const auto self = shared_from_this();
    connecting_.reset();
    if (stream) {
      use(std::move(*stream), /*reused=*/false);
    } else {
      fail(std::move(stream).error());
    }
  });
}

void ClientExchange::use(std::unique_ptr<net::Stream> stream, bool reused) {
  const auto self = shared_from_this();
  stream_ = std::move(stream);
  reused_ = reused;
  write_failed_ = false;
  parser_.begin(request_.method == "HEAD", !websocket_key_.empty());
  stream_->set_listener(this);
  stream_->start_reading();
  sender_->start(*stream_, head_);
}

void ClientExchange::request_sent() {
  const auto limit = context_.options.response_head_timeout;
  if (head_delivered_ || limit.count() == 0) return;
  limit_.start(limit, [this, limit] {
    fail(Error{ErrorCode::timeout,
               fmt::format("{} did not answer within {} ms", url_.authority, limit.count()),
               {}});
  });
}

void ClientExchange::on_drain() { sender_->resume(); }

void ClientExchange::on_data(std::string_view bytes) {
  const auto self = shared_from_this();
  process(bytes);
}

void ClientExchange::process(std::string_view bytes) {
  bool room = true;
  while (!over_) {
    auto step = parser_.advance(bytes);
    if (!step) {
      fail(std::move(step).error().within(url_.authority));
      return;
    }
    switch (step->event) {
      case ResponseParser::Event::head: head_arrived(bytes); break;
      case ResponseParser::Event::body:
        if (body_ != nullptr) room = body_->write(step->body);
        break;
      case ResponseParser::Event::complete: response_complete(bytes); return;
      case ResponseParser::Event::need_more:
        if (!room) {
          limit_.cancel();
          stream_->stop_reading();
        } else if (head_delivered_) {
          expect_body_bytes();
        }
        return;
    }
  }
}

void ClientExchange::head_arrived(std::string_view rest) {
  limit_.cancel();
  if (parser_.head().status == 101) {
    websocket_opened(rest);
    return;
  }
  head_delivered_ = true;
  ResponseHead& head = parser_.head();
  Response response;
  response.status = head.status;
  response.status_text = std::move(head.reason);
  response.headers = std::move(head.headers);
  if (head.has_body) {
    auto decompressor = options_.decompress
                            ? Decompressor::create(find_field(response.headers, "content-encoding"))
                            : nullptr;
    const auto known_length = decompressor == nullptr ? head.body_length : std::nullopt;
    if (known_length && *known_length <= rest.size()) {
      response.body = Body::of(std::string(rest.substr(0, static_cast<size_t>(*known_length))));
    } else {
      const auto weak = weak_from_this();
      body_ = ClientBody::create(std::move(decompressor), {.on_room =
                                                               [weak] {
                                                                 if (const auto self = weak.lock())
                                                                   self->body_has_room();
                                                               },
                                                           .on_unwanted =
                                                               [weak] {
                                                                 if (const auto self = weak.lock())
                                                                   self->body_unwanted();
                                                               }});
      response.body = Body::of(body_->take_pipe(), known_length);
    }
  }
  std::exchange(callback_, {})(std::move(response));
}

void ClientExchange::websocket_opened(std::string_view rest) {
  ResponseHead& head = parser_.head();
  const auto agreed = check_websocket_answer(head, websocket_key_, request_.headers);
  if (!agreed) {
    fail(Error(agreed.error()).within(url_.authority));
    return;
  }
  Response response;
  response.status = head.status;
  response.status_text = std::move(head.reason);
  response.headers = std::move(head.headers);
  response.websocket = context_.websockets.adopt(std::move(stream_), rest, *agreed);
  ResponseCallback callback = std::move(callback_);
  close();
  callback(std::move(response));
}

void ClientExchange::body_has_room() {
  if (over_ || stream_ == nullptr) return;
  expect_body_bytes();
  stream_->start_reading();
}

void ClientExchange::expect_body_bytes() {
  const auto limit = context_.options.body_idle_timeout;
  if (limit.count() == 0) return;
  limit_.start(limit, [this, limit] {
    fail(Error{ErrorCode::timeout,
               fmt::format("{} sent nothing more of the response's body for {} ms", url_.authority,
                           limit.count()),
               {}});
  });
}

void ClientExchange::body_unwanted() { close(); }

void ClientExchange::response_complete(std::string_view rest) {
  if (body_ != nullptr) body_->end();
  if (over_) return;
  if (sender_->sent() && !write_failed_ && parser_.keep_alive() && rest.empty()) {
    stream_->stop_reading();
    stream_->set_listener(nullptr);
    context_.pool.put(url_.origin(), std::move(stream_), parser_.keep_alive_seconds());
  }
  close();
}

void ClientExchange::on_end() {
  const auto self = shared_from_this();
  if (const Status ended = parser_.finish(); !ended) {
    connection_lost(ended.error());
  } else {
    response_complete({});
  }
}

void ClientExchange::on_error(const Error& error) {
  const auto self = shared_from_this();
  connection_lost(Error{ErrorCode::unavailable, "the connection broke: " + error.message, {}});
}

void ClientExchange::on_write_failed(const Error&) {
  // An answer may be on its way all the same: reading tells.
  write_failed_ = true;
  sender_->detach();
}

void ClientExchange::connection_lost(Error error) {
  if (may_retry()) {
    retried_ = true;
    sender_->detach();
    stream_.reset();
    limit_.cancel();
    connect(/*may_reuse=*/false);
    return;
  }
  fail(std::move(error).within(url_.authority));
}

/// A kept connection that the server has closed meanwhile looks like this; the request is sent
/// again only when nothing can have been done twice.
bool ClientExchange::may_retry() const {
  return reused_ && !retried_ && !parser_.started() && is_idempotent(request_.method) &&
         sender_->replayable();
}

void ClientExchange::cancel(Error reason) {
  const auto self = shared_from_this();
  fail(std::move(reason));
}

void ClientExchange::abandon() {
  if (over_ || head_delivered_) return;
  const auto self = shared_from_this();
  callback_ = {};
  close();
}

void ClientExchange::shut_down() {
  const auto self = shared_from_this();
  callback_ = {};
  fail(Error{ErrorCode::aborted, "the HTTP client is shutting down", {}});
}

void ClientExchange::fail(Error error) {
  if (over_) return;
  const auto self = shared_from_this();
  const auto body = body_;
  ResponseCallback callback = std::move(callback_);
  if (sender_ != nullptr) sender_->stop(error);
  close();
  if (callback) {
    callback(selvage::fail(std::move(error)));
  } else if (body != nullptr) {
    body->fail(std::move(error));
  }
}

void ClientExchange::close() {
  if (over_) return;
  over_ = true;
  limit_.cancel();
  connecting_.reset();
  stream_.reset();
  if (sender_ != nullptr) {
    sender_->stop(Error{ErrorCode::aborted, "the exchange is over", {}});
  } else if (request_.body.pipe != nullptr) {
    request_.body.pipe->cancel(Error{ErrorCode::aborted, "the request was not sent", {}});
  }
  body_.reset();
  if (on_over_) std::exchange(on_over_, {})(*this);
}

}  // namespace selvage::http
