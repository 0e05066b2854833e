#include "worker/local_exchange.h"

#include "worker/socket_pair.h"

namespace selvage::worker {
namespace {

http::Response make_response(int status, std::string_view status_text, std::string_view headers) {
  http::Response response;
  response.status = status;
  response.status_text = status_text;
  response.headers = headers;
  return response;
}

}  // namespace

std::shared_ptr<LocalExchange> LocalExchange::create(loop::Loop& loop, http::Request request,
                                                     http::ResponseCallback callback) {
  return std::shared_ptr<LocalExchange>(
      new LocalExchange(loop, std::move(request), std::move(callback)));
}

LocalExchange::~LocalExchange() { abort(); }

void LocalExchange::answer(Result<http::Response> response) {
  if (!callback_) return;
  // The body of a respond() is filled in after it returns: hence deferred.
  loop_.defer([callback = std::exchange(callback_, nullptr),
               response = std::make_shared<Result<http::Response>>(std::move(response))]() mutable {
    callback(std::move(*response));
  });
}

std::string_view LocalExchange::target() const {
  const std::string_view url = request_.url;
  const size_t authority = url.find("://");
  if (authority == std::string_view::npos) return url;
  const size_t path = url.find('/', authority + 3);
  return path == std::string_view::npos ? "/" : url.substr(path);
}

std::string_view LocalExchange::host() const {
  const std::string_view url = request_.url;
  const size_t authority = url.find("://");
  if (authority == std::string_view::npos) return {};
  return url.substr(authority + 3, url.find('/', authority + 3) - authority - 3);
}

std::optional<uint64_t> LocalExchange::body_length() const {
  if (!request_.body.pipe) return request_.body.bytes.size();
  return request_.body.length;
}

std::optional<std::string_view> LocalExchange::complete_body() const {
  if (request_.body.pipe) return std::nullopt;
  return request_.body.bytes;
}

std::shared_ptr<loop::Pipe> LocalExchange::body() {
  if (!request_.body.pipe) {
    request_.body.pipe = loop::Pipe::create();
    request_.body.pipe->write(std::move(request_.body.bytes));
    request_.body.pipe->end();
  }
  return request_.body.pipe;
}

char* LocalExchange::respond(int status, std::string_view status_text, std::string_view headers,
                             size_t body_length) {
  auto response =
      std::make_shared<Result<http::Response>>(make_response(status, status_text, headers));
  (*response)->body = http::Body::of(std::string(body_length, '\0'));
  char* bytes = (*response)->body.bytes.data();
  if (callback_) {
    loop_.defer([callback = std::exchange(callback_, nullptr), response]() mutable {
      callback(std::move(*response));
    });
  } else {
    loop_.defer([response] {});  // keeps the bytes until they are written
  }
  return bytes;
}

void LocalExchange::respond_empty(int status, std::string_view status_text,
                                  std::string_view headers) {
  answer(make_response(status, status_text, headers));
}

void LocalExchange::respond_stream(int status, std::string_view status_text,
                                   std::string_view headers, std::shared_ptr<loop::Pipe> body,
                                   std::optional<uint64_t> length) {
  http::Response response = make_response(status, status_text, headers);
  response.body = http::Body::of(std::move(body), length);
  answer(std::move(response));
}

std::shared_ptr<http::WebSocketEndpoint> LocalExchange::upgrade(std::string_view headers) {
  auto [ours, theirs] = make_socket_pair(loop_);
  http::Response response = make_response(101, "", headers);
  response.websocket = std::move(theirs);
  answer(std::move(response));
  return ours;
}

void LocalExchange::fail_with(Error error) { answer(fail(std::move(error))); }

void LocalExchange::throw_to_caller(std::string_view exception) {
  answer(make_response(kThrown, "", exception));
}

void LocalExchange::abort() {
  answer(fail(ErrorCode::aborted, "the worker ended without a response"));
}

}  // namespace selvage::worker
