#include "cli/web_client.h"

#include <chrono>
#include <optional>

#include "http/client.h"
#include "loop/loop.h"

namespace selvage::cli {
namespace {

constexpr std::chrono::milliseconds kConnectTimeout{10'000};
// An upload is compiled and started before it is answered.
constexpr std::chrono::milliseconds kAnswerTimeout{120'000};

http::ClientOptions client_options() {
  http::ClientOptions options;
  options.allow_private = true;
  options.connect_timeout = kConnectTimeout;
  options.response_head_timeout = kAnswerTimeout;
  options.body_idle_timeout = kAnswerTimeout;
  return options;
}

void read_on(loop::Pipe& pipe, std::string& body, std::optional<Status>& done) {
  pipe.read([&](Result<loop::Pipe::Chunk> chunk) {
    if (!chunk) {
      done = fail(std::move(chunk).error());
    } else if (!chunk->has_value()) {
      done = Status();
    } else {
      body += **chunk;
      read_on(pipe, body, done);
    }
  });
}

}  // namespace

struct WebClient::Connection {
  loop::Loop loop{0};
  http::Client client{loop, client_options()};
};

WebClient::WebClient() = default;
WebClient::~WebClient() = default;

Result<WebAnswer> WebClient::fetch(http::Request request) {
  if (connection_ == nullptr) connection_ = std::make_unique<Connection>();
  WebAnswer answer;
  std::optional<Status> done;
  std::shared_ptr<loop::Pipe> pipe;
  const auto call =
      connection_->client.fetch(std::move(request), {}, [&](Result<http::Response> response) {
        if (!response) {
          done = fail(std::move(response).error());
          return;
        }
        answer.status = response->status;
        answer.headers = std::move(response->headers);
        if (response->body.pipe == nullptr) {
          answer.body = std::move(response->body.bytes);
          done = Status();
          return;
        }
        pipe = std::move(response->body.pipe);
        read_on(*pipe, answer.body, done);
      });
  connection_->loop.run_until([&] { return done.has_value(); });
  if (!done) return fail(ErrorCode::internal, "the answer never came");
  SELVAGE_CHECK_STATUS(*done);
  return answer;
}

}  // namespace selvage::cli
