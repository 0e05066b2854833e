// Live tails of a platform: opened through the API, each read from a WebSocket.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "api/platform.h"
#include "base/function.h"
#include "http/websocket_endpoint.h"
#include "loop/loop.h"
#include "signals/hub.h"
#include "signals/tail_filter.h"

namespace selvage::serve {

/// Makes a record as its account sees it: with the names that the account gave its workers.
void name_for_account(nlohmann::ordered_json& record);
/// Such a record on one line.
std::string line_for_account(const signals::Record& record);

/// Any thread.
class TailSessions {
 public:
  static constexpr size_t kMostOfAWorker = 10;
  static constexpr std::chrono::hours kLifetime{6};

  struct Session {
    std::string worker;  // key
    signals::TailFilter filter;
    int64_t expires = 0;  // seconds since 1970
  };

  Result<api::Tail> open(const std::string& worker, const nlohmann::json& filters,
                         const std::string& client);
  [[nodiscard]] std::vector<api::Tail> of(const std::string& worker);
  bool close(const std::string& worker, const std::string& id);
  /// nullopt when there is none, or it has expired.
  [[nodiscard]] std::optional<Session> find(const std::string& id);

 private:
  void forget_expired();

  std::mutex mutex_;
  std::map<std::string, Session> sessions_;  // by id
};

/// One end of a tail's WebSocket: sends it the records that its session wants. The loop's holder
/// only, except where it says otherwise.
class TailSocket final : public http::WebSocketListener,
                         public std::enable_shared_from_this<TailSocket> {
 public:
  /// Records that may wait; and bytes that the client has not taken. Beyond, records are dropped.
  static constexpr size_t kMostWaiting = 1000;
  static constexpr size_t kMostBytes = 4 << 20;

  TailSocket(loop::Loop& loop, std::shared_ptr<http::WebSocketEndpoint> endpoint)
      : loop_(loop), endpoint_(std::move(endpoint)) {}
  ~TailSocket() override;

  /// Once. `ended` is called, not from within a call, when the client has gone.
  void start(signals::Hub& hub, TailSessions::Session session, UniqueFunction<void()> ended);

  void on_message(bool, std::string_view) override {}  // options, and wrangler's pings
  void on_close(uint16_t code, std::string_view reason) override;
  void on_failure(const Error& error) override;

 private:
  struct Queue {
    std::mutex mutex;
    std::vector<std::shared_ptr<const signals::Record>> waiting;
  };
  void send_waiting();
  void end();

  loop::Loop& loop_;
  std::shared_ptr<http::WebSocketEndpoint> endpoint_;
  UniqueFunction<void()> ended_;
  std::shared_ptr<Queue> queue_ = std::make_shared<Queue>();
  std::unique_ptr<signals::Hub::Subscription> subscription_;
};

}  // namespace selvage::serve
