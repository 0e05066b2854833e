// A connected stream of bytes in both directions: TCP, or TLS on top of it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace selvage::net {

/// Told about what happens on a stream: on the loop's carrier, from within uv_run or a deferred
/// callback, never from within a call to the stream. Every call may destroy the stream.
class StreamListener {
 public:
  virtual ~StreamListener() = default;
  /// `bytes` are valid during the call only.
  virtual void on_data(std::string_view bytes) = 0;
  /// The peer will send nothing more; writing is still possible.
  virtual void on_end() = 0;
  /// Reading broke; nothing follows.
  virtual void on_error(const Error& error) = 0;
  /// Writing broke: what was not sent is lost. What the peer sent before can still be read.
  virtual void on_write_failed(const Error& error) = 0;
  /// Bytes waiting to be sent fell below the high-water mark again, after write() returned false.
  virtual void on_drain() {}
};

/// All calls on the loop's carrier. Destroying a stream closes it at once; what was written and not
/// sent yet is lost.
class Stream {
 public:
  static constexpr size_t kHighWaterMark = 64 * 1024;

  virtual ~Stream() = default;

  /// Nobody is told anything while it is nullptr; reading should be stopped then.
  virtual void set_listener(StreamListener* listener) = 0;

  /// Reading is stopped at first. Between start and stop data is delivered as it arrives.
  virtual void start_reading() = 0;
  virtual void stop_reading() = 0;

  /// Takes `bytes`; they are sent together with others at the end of the loop's step. False when
  /// the caller should wait for on_drain before it writes more (what it writes is kept).
  virtual bool write(std::string bytes) = 0;
  /// Taken and not yet given to the kernel.
  [[nodiscard]] virtual size_t unsent_bytes() const = 0;
  /// Tells the peer, after what was written, that nothing more comes.
  virtual void end() = 0;

  /// Whether neither data nor the peer's end waits to be read: what a connection is worth after it
  /// was idle. One system call.
  [[nodiscard]] virtual bool quiet() const = 0;

  /// Whether this stream alone keeps Loop::run_until_idle going (at first it does).
  virtual void keep_loop_alive(bool alive) = 0;
};

}  // namespace selvage::net
