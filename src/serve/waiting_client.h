// A client that waits for an answer which is made later, and that may have gone by then.
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "http/exchange.h"

namespace selvage::serve {

/// The loop's holder only. Shared by those who may answer.
class WaitingClient final : public http::ExchangeObserver {
 public:
  explicit WaitingClient(http::Exchange& exchange) : exchange_(&exchange) {
    exchange.set_observer(this);
  }
  void on_client_gone() override { exchange_ = nullptr; }
  /// nullptr when it has been answered, or has gone.
  [[nodiscard]] http::Exchange* exchange() const { return exchange_; }
  /// Once; without effect when the client has gone. `more` lines of the head, each with its end.
  void answer(int status, std::string_view type, std::string_view text,
              std::string_view more = {}) {
    if (exchange_ == nullptr) return;
    std::string headers = "Content-Type: " + std::string(type) + "\r\n";
    headers += more;
    char* to = std::exchange(exchange_, nullptr)->respond(status, "", headers, text.size());
    if (to != nullptr) std::memcpy(to, text.data(), text.size());
  }

 private:
  http::Exchange* exchange_;
};

}  // namespace selvage::serve
