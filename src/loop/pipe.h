// A one-way stream of bytes between a producer and a consumer on the same loop, with
// back-pressure: how every body travels, between sockets, isolates and locations.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/function.h"
#include "base/result.h"

namespace selvage::loop {

/// Shared by its producer and its consumer, hence shared_ptr. All calls on the loop's carrier.
/// Callbacks may be called from within the call that causes them, and may drop the pipe.
class Pipe : public std::enable_shared_from_this<Pipe> {
 public:
  static constexpr size_t kDefaultHighWaterMark = 64 * 1024;
  /// A chunk; nullopt at the end of the stream.
  using Chunk = std::optional<std::string>;
  using ReadCallback = UniqueFunction<void(Result<Chunk>)>;

  static std::shared_ptr<Pipe> create(size_t high_water_mark = kDefaultHighWaterMark);

  // Producer.
  /// Takes `bytes`. False when the producer should wait for on_drain before it writes more (what
  /// it writes nevertheless is kept). After cancel() or end() it is dropped.
  bool write(std::string bytes);
  void end();
  void fail(Error error);
  /// Called once each time there is room again after write() returned false.
  void on_drain(UniqueFunction<void()> callback);
  /// Called once when the consumer cancels.
  void on_cancel(UniqueFunction<void(const Error&)> callback);
  [[nodiscard]] bool canceled() const { return canceled_; }

  // Consumer.
  /// One at a time. `callback` gets the next chunk (all that is buffered), the end, or the failure;
  /// at once when it is there.
  void read(ReadCallback callback);
  /// What is buffered now, without waiting; nullopt when nothing is (not: the end).
  std::optional<std::string> take_buffered();
  /// The rest is not wanted. The producer's on_cancel gets the reason.
  void cancel(Error reason);

  /// End was written, and all before it consumed or buffered.
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] bool failed() const { return failure_.has_value(); }
  [[nodiscard]] bool drained() const { return buffered_.empty(); }
  [[nodiscard]] size_t buffered_bytes() const { return buffered_.size(); }

 private:
  explicit Pipe(size_t high_water_mark) : high_water_mark_(high_water_mark) {}
  void deliver();
  void after_consuming();

  size_t high_water_mark_;
  std::string buffered_;
  bool ended_ = false;
  bool canceled_ = false;
  bool wants_drain_ = false;
  std::optional<Error> failure_;
  ReadCallback reader_;
  UniqueFunction<void()> on_drain_;
  UniqueFunction<void(const Error&)> on_cancel_;
};

}  // namespace selvage::loop
