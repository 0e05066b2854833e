#include "loop/pipe.h"

#include <utility>

namespace selvage::loop {

std::shared_ptr<Pipe> Pipe::create(size_t high_water_mark) {
  return std::shared_ptr<Pipe>(new Pipe(high_water_mark));
}

bool Pipe::write(std::string bytes) {
  if (canceled_ || ended_ || failure_) return true;
  if (buffered_.empty()) {
    buffered_ = std::move(bytes);
  } else {
    buffered_ += bytes;
  }
  if (reader_) {
    const auto self = shared_from_this();  // the reader may drop the last other reference
    deliver();
    if (buffered_.size() < high_water_mark_) return true;
    wants_drain_ = true;
    return false;
  }
  if (buffered_.size() < high_water_mark_) return true;
  wants_drain_ = true;
  return false;
}

void Pipe::end() {
  if (canceled_ || ended_ || failure_) return;
  ended_ = true;
  deliver();
}

void Pipe::fail(Error error) {
  if (canceled_ || ended_ || failure_) return;
  failure_ = std::move(error);
  deliver();
}

void Pipe::on_drain(UniqueFunction<void()> callback) { on_drain_ = std::move(callback); }

void Pipe::on_cancel(UniqueFunction<void(const Error&)> callback) {
  on_cancel_ = std::move(callback);
}

void Pipe::read(ReadCallback callback) {
  reader_ = std::move(callback);
  deliver();
}

std::optional<std::string> Pipe::take_buffered() {
  if (buffered_.empty()) return std::nullopt;
  const auto self = shared_from_this();  // on_drain may drop the last other reference
  std::string bytes = std::exchange(buffered_, {});
  after_consuming();
  return bytes;
}

void Pipe::cancel(Error reason) {
  if (canceled_) return;
  const auto self = shared_from_this();
  canceled_ = true;
  reader_ = {};
  buffered_.clear();
  if (on_cancel_ && !ended_ && !failure_) std::exchange(on_cancel_, {})(reason);
  on_drain_ = {};
}

void Pipe::deliver() {
  if (!reader_) return;
  const auto self = shared_from_this();  // the callback may drop the last other reference
  if (!buffered_.empty()) {
    std::string bytes = std::exchange(buffered_, {});
    std::exchange(reader_, {})(Chunk(std::move(bytes)));
    after_consuming();
  } else if (failure_) {
    std::exchange(reader_, {})(selvage::fail(*failure_));
  } else if (ended_) {
    std::exchange(reader_, {})(Chunk());
  }
}

void Pipe::after_consuming() {
  if (!wants_drain_ || buffered_.size() >= high_water_mark_) return;
  wants_drain_ = false;
  // Kept aside while it runs: it may write, and so come here again.
  if (UniqueFunction<void()> callback = std::exchange(on_drain_, {})) {
    callback();
    if (!on_drain_ && !canceled_) on_drain_ = std::move(callback);
  }
}

}  // namespace selvage::loop
