// HTTP as commands need it: one request, its whole answer, then the next.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "http/message.h"

namespace selvage::cli {

struct WebAnswer {
  int status = 0;
  http::HeaderBlock headers;
  std::string body;
};

/// One thread's. Blocks.
class WebClient {
 public:
  WebClient();
  ~WebClient();
  WebClient(const WebClient&) = delete;
  WebClient& operator=(const WebClient&) = delete;

  /// An answer of any status is an answer. Private addresses are as good as others: the platform
  /// may be on this machine.
  Result<WebAnswer> fetch(http::Request request);

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace selvage::cli
