// An invocation: the life of one event in a worker, from its arrival to the end of its response
// and of what it handed to waitUntil(). Everything that it opened ends with it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "http/exchange.h"
#include "worker/event.h"

namespace selvage::worker {

class LocalExchange;

/// What an invocation calls: the default fetch handler, a named entrypoint, or a Durable Object.
struct Target {
  std::string entrypoint;    // "" is the default export
  std::string object_class;  // set: a Durable Object of this class
  std::string object_id;     // its id, 64 hexadecimal digits
  std::string object_name;   // the name it was made from, if known
};

/// Belongs to a WorkerIsolate, and is at the same time the event that starts it.
class Invocation final : public Event, public http::ExchangeObserver {
 public:
  Invocation(WorkerIsolate& isolate, InvocationId id);

  /// Starts a life: `exchange` is answered by it.
  void begin(http::Exchange& exchange, std::unique_ptr<Target> target,
             std::shared_ptr<void> exchange_owner);
  /// Starts a life without a request: held once, by whoever starts it.
  void begin(std::string description);
  /// Ends the life; the object waits for its next one under `next_id`.
  void finish(InvocationId next_id);
  void deliver(WorkerIsolate& isolate) override;
  void release(bool) override {}
  void on_client_gone() override;

  [[nodiscard]] InvocationId id() const { return id_; }
  [[nodiscard]] bool live() const { return live_; }
  /// nullptr once the response was given or the client is gone.
  [[nodiscard]] http::Exchange* exchange() const { return exchange_; }
  /// What called it, when that is a script in this process rather than a client. Else nullptr.
  [[nodiscard]] LocalExchange* local_exchange() const;
  [[nodiscard]] bool responded() const { return responded_; }
  [[nodiscard]] bool client_gone() const { return client_gone_; }
  [[nodiscard]] const Target* target() const { return target_.get(); }

  /// The response was given; `status` is for the log.
  void mark_responded(int status);
  /// Kept alive by waitUntil().
  void hold() { ++holds_; }
  void unhold() { --holds_; }
  /// It waits for one operation more, or less.
  void wait() { ++waits_; }
  void unwait() { --waits_; }
  [[nodiscard]] bool waiting() const { return waits_ > 0; }
  /// Response given (or nobody to give it to) and nothing holds it.
  [[nodiscard]] bool over() const {
    return holds_ == 0 && (responded_ || (client_gone_ && !streaming_));
  }
  /// The response's body is still being written by the script.
  void set_streaming(bool streaming) { streaming_ = streaming; }
  [[nodiscard]] bool streaming() const { return streaming_; }

  [[nodiscard]] std::chrono::nanoseconds cpu_used() const { return cpu_used_; }
  void charge(std::chrono::nanoseconds cpu) { cpu_used_ += cpu; }
  [[nodiscard]] const std::string& description() const { return description_; }
  [[nodiscard]] std::chrono::steady_clock::time_point started() const { return started_; }

 private:
  WorkerIsolate& isolate_;
  InvocationId id_;
  http::Exchange* exchange_ = nullptr;
  std::shared_ptr<void> exchange_owner_;
  std::unique_ptr<Target> target_;
  int holds_ = 0;
  int waits_ = 0;
  bool live_ = false;
  bool responded_ = false;
  bool client_gone_ = false;
  bool streaming_ = false;
  std::chrono::nanoseconds cpu_used_{};
  std::chrono::steady_clock::time_point started_;
  std::string description_;  // "GET /path"
};

}  // namespace selvage::worker
