#include "serve/api_listener.h"

#include <utility>

#include "http/syntax.h"

namespace selvage::serve {
namespace {

http::ServerOptions server_options(const ControlPlane& control) {
  http::ServerOptions options;
  options.body_bytes = control.body_bytes();
  options.connections = ApiListener::kConnections;
  options.websocket.any_masking = true;  // wrangler does not mask what it sends on a tail
  return options;
}

}  // namespace

/// A request on its way to the control plane. The listener's loop.
struct ApiListener::Upload {
  explicit Upload(http::Exchange& exchange) : client(exchange) {}
  WaitingClient client;
  api::ApiRequest request;
  std::string target;
  std::shared_ptr<loop::Pipe> body;

  void answer(const api::ApiResponse& response) {
    client.answer(response.status, response.content_type, response.body, response.headers);
  }
};

ApiListener::ApiListener(int index, ControlPlane& control)
    : control_(control),
      loop_(index),
      server_(std::make_unique<http::Server>(loop_, *this, server_options(control))) {}

ApiListener::~ApiListener() {
  if (!thread_.joinable()) return;
  loop_.post([this] {
    tails_.clear();
    server_.reset();
    loop_.post([this] { loop_.stop(); });
  });
  thread_.join();
}

void ApiListener::start() {
  thread_ = std::thread([this] { loop_.carry(); });
}

void ApiListener::drain(UniqueFunction<void()> done) {
  loop_.post([this, done = std::move(done)]() mutable { server_->drain(std::move(done)); });
}

bool ApiListener::serve_tail(http::Exchange& exchange) {
  constexpr std::string_view kProtocol = "trace-v1";
  std::string_view path = exchange.target().substr(0, exchange.target().find('?'));
  if (path.starts_with(api::kPathPrefix)) path.remove_prefix(api::kPathPrefix.size());
  if (!path.starts_with(api::kTailsPath) || !exchange.wants_websocket()) return false;
  path.remove_prefix(api::kTailsPath.size());
  auto session = control_.tail_sessions().find(std::string(path));
  if (!session) {
    exchange.respond(404, "", "", 0);
    return true;
  }
  std::string headers;
  std::string_view offered = http::find_field(exchange.header_block(), "sec-websocket-protocol");
  while (!offered.empty()) {
    if (http::take_list_element(offered) != kProtocol) continue;
    headers = "Sec-WebSocket-Protocol: " + std::string(kProtocol) + "\r\n";
  }
  auto endpoint = exchange.upgrade(headers);
  auto socket = std::make_shared<TailSocket>(loop_, std::move(endpoint));
  TailSocket* const place = socket.get();
  tails_.emplace(place, socket);
  socket->start(control_.hub(), std::move(*session), [this, place] { tails_.erase(place); });
  return true;
}

void ApiListener::on_request(http::Exchange& exchange) {
  if (serve_tail(exchange)) return;
  auto upload = std::make_shared<Upload>(exchange);
  upload->target = exchange.target();
  api::ApiRequest& request = upload->request;
  request.method = exchange.method();
  request.content_type = http::find_field(exchange.header_block(), "content-type");
  request.authorization = http::find_field(exchange.header_block(), "authorization");
  request.client = exchange.client_address();
  const bool secure = http::find_field(exchange.header_block(), "x-forwarded-proto") == "https";
  request.origin = (secure ? "https://" : "http://") + std::string(exchange.host());
  if (!exchange.has_body()) return hand_over(upload);
  const auto length = exchange.body_length();
  if (length && *length <= kSmallBody) {
    upload->body = exchange.body();
    return read(upload);
  }
  control_.ask_to_enter(request, upload->target, [this, upload](bool may) mutable {
    // Moved: it belongs to this loop, and is destroyed there.
    loop_.post([this, may, upload = std::move(upload)] {
      http::Exchange* exchange = upload->client.exchange();
      if (exchange == nullptr) return;
      if (!may) return hand_over(upload);  // the gate says why not, and counts it
      upload->body = exchange->body();
      read(upload);
    });
  });
}

void ApiListener::read(const std::shared_ptr<Upload>& upload) {
  // The server ends what is larger than it may be, and a client that stops sending.
  upload->body->read([this, upload](Result<loop::Pipe::Chunk> chunk) {
    if (!chunk) return;  // nobody is there to be answered
    if (!*chunk) return hand_over(upload);
    upload->request.body += **chunk;
    read(upload);
  });
}

void ApiListener::hand_over(const std::shared_ptr<Upload>& upload) {
  upload->body.reset();
  api::ApiRequest request = std::move(upload->request);
  control_.ask(std::move(request), std::move(upload->target),
               [this, upload = upload](api::ApiResponse response) mutable {
                 loop_.post([upload = std::move(upload), response = std::move(response)] {
                   upload->answer(response);
                 });
               });
}

}  // namespace selvage::serve
