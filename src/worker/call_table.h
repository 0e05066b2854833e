// The exchanges that an isolate's scripts have with the outside world, so that they end when their
// script gives them up (AbortSignal), or when its invocation ends.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "http/client.h"
#include "worker/event.h"

namespace selvage::worker {

/// The loop's holder only.
class CallTable {
 public:
  /// Keeps `call` as long as it lasts, and at most until the invocation ends; its number.
  int32_t add(std::unique_ptr<http::ClientCall> call, InvocationId invocation);
  /// Closes the connection of the exchange: whoever waits for its answer or reads its body gets an
  /// error. Numbers of exchanges that are over are ignored.
  void cancel(int32_t id);
  /// Gives up the exchanges of an invocation that nobody has answered yet.
  void end_of(InvocationId invocation);
  void clear() { entries_.clear(); }

 private:
  struct Entry {
    std::unique_ptr<http::ClientCall> call;
    InvocationId invocation;
  };
  static constexpr size_t kFewest = 64;

  int32_t last_id_ = 0;
  std::unordered_map<int32_t, Entry> entries_;
  size_t look_at_ = kFewest;  // entries at which those that are over are let go
};

}  // namespace selvage::worker
