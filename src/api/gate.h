// Who may come in: tokens, accounts, read or write, and patience with those who guess. Then the
// router. One thread's.
#pragma once

#include <chrono>
#include <string>
#include <unordered_map>

#include "api/platform.h"
#include "api/router.h"

namespace selvage::api {

/// In front of the paths of resources, where clients send it.
inline constexpr std::string_view kPathPrefix = "/client/v4";
/// Below it: the WebSockets of tails, by id (tails.cc).
inline constexpr std::string_view kTailsPath = "/tails/";

class Gate {
 public:
  using Clock = std::chrono::steady_clock;
  /// Of one address in kWindow: then 429. Good tokens are not held up: many clients may share the
  /// address of a proxy.
  static constexpr int kFailures = 30;
  static constexpr std::chrono::seconds kWindow{60};

  Gate(const Router& router, Platform& platform) : router_(router), platform_(platform) {}

  /// `target` as received, "/client/v4/accounts?page=1"; the prefix may be missing. Fills in the
  /// rest of `request`, which has method, body, client and the header fields.
  ApiResponse answer(ApiRequest request, std::string_view target, Clock::time_point now);

  /// Whether a request with this head could be answered: asked before its body is read.
  bool may_enter(const ApiRequest& request, std::string_view target);

 private:
  struct Failures {
    int count = 0;
    Clock::time_point since;
  };
  ApiResponse refuse(const std::string& client, Clock::time_point now);

  const Router& router_;
  Platform& platform_;
  std::unordered_map<std::string, Failures> failures_;
};

}  // namespace selvage::api
