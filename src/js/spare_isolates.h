// Isolates made ahead of time, so that a worker's first request does not wait for one to be made:
// most of that time is the operating system's, giving memory page by page.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "js/isolate.h"

namespace selvage::js {

/// Any thread. Must outlive the isolates that it gave.
class SpareIsolates {
 public:
  struct Options {
    node::MultiIsolatePlatform* platform = nullptr;
    const Snapshot* snapshot = nullptr;    // outlives this
    size_t count = 0;                      // kept ready; 0: none are made ahead
    uint64_t memory_bytes = 128ull << 20;  // the limit that they are made with
  };

  explicit SpareIsolates(Options options);
  ~SpareIsolates();
  SpareIsolates(const SpareIsolates&) = delete;
  SpareIsolates& operator=(const SpareIsolates&) = delete;

  /// Starts the thread that makes them, at the lowest priority. Once.
  void start();
  /// A fresh isolate: a spare one if there is one with that limit, else it is made now.
  std::unique_ptr<Isolate> take(uint64_t memory_bytes, TaskRunner::Wake wake, void* owner);

 private:
  void make();
  [[nodiscard]] std::unique_ptr<Isolate> take_spare();

  const Options options_;
  std::mutex mutex_;
  std::condition_variable taken_;
  std::vector<std::unique_ptr<Isolate>> spares_;
  bool stopping_ = false;
  std::thread maker_;
};

}  // namespace selvage::js
