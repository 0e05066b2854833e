#include "cli/platform_tail.h"

#include <optional>

#include "cli/json_text.h"
#include "http/client.h"
#include "http/websocket_endpoint.h"
#include "loop/loop.h"

namespace selvage::cli {
namespace {

constexpr uint16_t kNormalClosure = 1000;

class Events final : public http::WebSocketListener {
 public:
  explicit Events(const TailCallbacks& callbacks) : callbacks_(callbacks) {}
  [[nodiscard]] const std::optional<Status>& ended() const { return ended_; }

  void on_message(bool, std::string_view data) override {
    const auto record = nlohmann::ordered_json::parse(data, nullptr, false);
    if (record.is_object()) callbacks_.event(record);
  }
  void on_close(uint16_t code, std::string_view reason) override {
    if (code == kNormalClosure || code == http::kCloseNoStatus) {
      ended_ = Status();
      return;
    }
    std::string why = "the platform has ended it (" + std::to_string(code) + ")";
    if (!reason.empty()) why += ": " + std::string(reason);
    ended_ = fail(ErrorCode::aborted, why);
  }
  void on_failure(const Error& error) override { ended_ = fail(error); }

 private:
  const TailCallbacks& callbacks_;
  std::optional<Status> ended_;
};

/// The form of a WebSocket's URL that a request is made of: "ws" is "http", "wss" is "https".
std::string http_url(const std::string& url) {
  return url.starts_with("ws") ? "http" + url.substr(2) : url;
}

}  // namespace

Status follow_tail(ApiClient& api, const std::string& followed, const nlohmann::json& filters,
                   const TailCallbacks& callbacks) {
  SELVAGE_TRY(const ApiAnswer tail,
              api.ask_account("POST", followed + "/tails", ApiContent::of({{"filters", filters}})));
  loop::Loop loop(0);
  Events events(callbacks);
  {
    http::ClientOptions options;
    options.allow_private = true;
    http::Client client(loop, options);
    std::optional<Result<http::Response>> opened;
    const auto call = client.connect_websocket(
        {"GET", http_url(text_of(tail.result, "url")), "Sec-WebSocket-Protocol: trace-v1\r\n", {}},
        [&opened](Result<http::Response> response) { opened = std::move(response); });
    loop.run_until([&opened] { return opened.has_value(); });
    if (!opened || !*opened || (*opened)->websocket == nullptr) {
      return fail(ErrorCode::unavailable,
                  "the platform does not let it be followed" +
                      (opened && !*opened ? ": " + (*opened).error().message : std::string()));
    }
    const auto socket = (*opened)->websocket;
    socket->set_listener(&events);
    socket->send(true, R"({"debug":false})");
    callbacks.listening();
    loop.run_until([&events] { return events.ended().has_value(); });
    socket->set_listener(nullptr);
    if (!events.ended()) socket->terminate();
  }
  loop.run_until_idle();
  return events.ended() ? *events.ended() : Status();
}

}  // namespace selvage::cli
