// What travels on every hop: a request and its response, whether the other side is a socket, an
// isolate on this thread, one on another thread, or another machine. Plain values, free of V8.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/function.h"
#include "base/result.h"
#include "loop/pipe.h"

namespace selvage::http {

class WebSocketEndpoint;

/// Header fields as lines "name: value\r\n", in order, without a final empty line. Names as they
/// came (compare without regard to case), values as bytes (Latin-1 for JavaScript). Fields of one
/// hop (connection, transfer-encoding, keep-alive, upgrade, content-length) are set by the sender
/// of the message and are left in what was received.
using HeaderBlock = std::string;

/// Either bytes that are all here, or a pipe, or nothing (has_body false).
struct Body {
  bool present = false;
  std::string bytes;
  std::shared_ptr<loop::Pipe> pipe;  // when set, `bytes` is empty
  std::optional<uint64_t> length;    // of the pipe, when it was announced

  static Body none() { return {}; }
  static Body of(std::string bytes) { return {true, std::move(bytes), nullptr, std::nullopt}; }
  static Body of(std::shared_ptr<loop::Pipe> pipe, std::optional<uint64_t> length = {}) {
    return {true, {}, std::move(pipe), length};
  }
};

struct Request {
  std::string method;
  std::string url;  // absolute and normalised: "http://host[:port]/path?query"
  HeaderBlock headers;
  Body body;
};

struct Response {
  int status = 200;
  std::string status_text;  // empty: the standard reason phrase
  HeaderBlock headers;
  Body body;
  /// Set with status 101: the other end of the WebSocket, to be adopted by the caller.
  std::shared_ptr<WebSocketEndpoint> websocket;
};

using ResponseCallback = UniqueFunction<void(Result<Response>)>;

}  // namespace selvage::http
