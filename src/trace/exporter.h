// Sends spans to a collector over OTLP/HTTP, in batches, on a thread and a loop of its own.
//
// Nobody waits for it: spans gather in bounded memory, and are dropped and counted when the
// collector is slower than they come, or away. What a collector cannot take now (429, 502, 503,
// 504, no connection) is sent again, later and later, a few times; what it refuses is dropped.
// https://opentelemetry.io/docs/specs/otlp/#otlphttp
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "http/message.h"
#include "loop/loop.h"
#include "trace/otlp_json.h"
#include "trace/retry.h"
#include "trace/span_queue.h"

namespace selvage::trace {

struct ExporterOptions {
  std::string endpoint;       // "http://localhost:4318/v1/traces", normalised
  http::HeaderBlock headers;  // besides our own: credentials
  Resource resource;
  QueueLimits queue;
  size_t batch_spans = 512;
  size_t batch_bytes = size_t{1} << 20;
  std::chrono::milliseconds interval{1000};  // a batch that is not full goes after so long
  std::chrono::milliseconds timeout{10'000};
  Backoff backoff;
  std::chrono::milliseconds closing_limit{2000};
};

class Exporter {
 public:
  /// Starts. `loop_index`: see loop::Loop.
  Exporter(int loop_index, ExporterOptions options);
  /// close(), then waits for its thread.
  ~Exporter();
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;

  /// Any thread; never blocks.
  void add(Span span);
  /// Sends what waits, without waiting for a collector that does not answer; takes
  /// ExporterOptions::closing_limit at most, and then drops the rest. Nothing is sent after. Once.
  void close();

  struct Statistics {
    uint64_t waiting = 0;   // in the queue, or on their way
    uint64_t exported = 0;  // the collector has them
    uint64_t dropped = 0;   // there was no room in the queue
    uint64_t refused = 0;   // by the collector
    uint64_t failed = 0;    // given up: it did not answer, or not in time
    uint64_t requests = 0;  // sent, again or not
  };
  /// Any thread.
  [[nodiscard]] Statistics statistics() const;

 private:
  class Sender;

  const ExporterOptions options_;
  SpanQueue queue_;
  mutable std::mutex mutex_;
  Statistics statistics_;  // without `dropped` and what is in the queue
  loop::Loop loop_;
  std::unique_ptr<Sender> sender_;  // the loop's
  bool closed_ = false;
  std::thread thread_;
};

}  // namespace selvage::trace
