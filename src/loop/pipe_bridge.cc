#include "loop/pipe_bridge.h"

#include <utility>

namespace selvage::loop {
namespace {

/// One chunk at a time is under way: read on `from`, written on `to`, and asked for again when
/// there is room.
class Bridge : public std::enable_shared_from_this<Bridge> {
 public:
  Bridge(std::shared_ptr<Pipe> source, Loop& from, Loop& to)
      : source_(std::move(source)), from_(from), to_(to), target_(Pipe::create()) {}

  std::shared_ptr<Pipe> start() {
    // Nobody on `to` has the target yet.
    target_->on_cancel([self = shared_from_this()](const Error& reason) {
      self->from_.post([self, reason] {
        if (auto source = std::exchange(self->source_, nullptr)) source->cancel(reason);
      });
      self->drop_target();
    });
    target_->on_drain([self = shared_from_this()] { self->from_.post([self] { self->read(); }); });
    std::shared_ptr<Pipe> target = target_;
    read();
    return target;
  }

 private:
  // On `from`.
  void read() {
    if (!source_) return;  // canceled, or over, while the request was under way
    source_->read([self = shared_from_this()](Result<Pipe::Chunk> chunk) mutable {
      // Let go of here: the last reference to the bridge may be dropped on `to`.
      if (!chunk || !*chunk) self->source_.reset();
      auto carried = std::make_shared<Result<Pipe::Chunk>>(std::move(chunk));
      self->to_.post([self, carried] { self->write(std::move(*carried)); });
    });
  }

  // On `to`.
  void write(Result<Pipe::Chunk> chunk) {
    if (!target_) return;
    if (!chunk) {
      std::exchange(target_, nullptr)->fail(std::move(chunk).error());
    } else if (!*chunk) {
      std::exchange(target_, nullptr)->end();
    } else if (target_->write(std::move(**chunk))) {
      from_.post([self = shared_from_this()] { self->read(); });
    }
  }

  void drop_target() {
    // The callbacks hold this bridge: let go once the one that runs is over.
    to_.post([target = std::exchange(target_, nullptr)] {
      if (!target) return;
      target->on_drain(nullptr);
      target->on_cancel(nullptr);
    });
  }

  std::shared_ptr<Pipe> source_;  // `from` only; null once over or canceled
  Loop& from_;
  Loop& to_;
  std::shared_ptr<Pipe> target_;  // `to` only, once started
};

/// One chunk at a time, and the next when there is room.
class Joint : public std::enable_shared_from_this<Joint> {
 public:
  Joint(std::shared_ptr<Pipe> source, std::shared_ptr<Pipe> sink)
      : source_(std::move(source)), sink_(std::move(sink)) {}

  void start() {
    sink_->on_cancel([self = shared_from_this()](const Error& reason) {
      // The callbacks hold this joint, and it the sink.
      if (auto sink = std::exchange(self->sink_, nullptr)) sink->on_drain(nullptr);
      if (auto source = std::exchange(self->source_, nullptr)) source->cancel(reason);
    });
    sink_->on_drain([self = shared_from_this()] { self->next(); });
    next();
  }

 private:
  void next() {
    if (!source_) return;
    source_->read([self = shared_from_this()](Result<Pipe::Chunk> chunk) {
      if (!self->source_) return;
      if (!chunk || !*chunk) {
        self->source_.reset();
        const std::shared_ptr<Pipe> sink = std::exchange(self->sink_, nullptr);
        sink->on_drain(nullptr);
        sink->on_cancel(nullptr);
        if (chunk) {
          sink->end();
        } else {
          sink->fail(std::move(chunk).error());
        }
      } else if (self->sink_->write(std::move(**chunk))) {
        self->next();
      }
    });
  }

  std::shared_ptr<Pipe> source_;  // null once over or canceled
  std::shared_ptr<Pipe> sink_;
};

}  // namespace

void join(std::shared_ptr<Pipe> source, std::shared_ptr<Pipe> sink) {
  std::make_shared<Joint>(std::move(source), std::move(sink))->start();
}

std::shared_ptr<Pipe> bridge(std::shared_ptr<Pipe> source, Loop& from, Loop& to) {
  return std::make_shared<Bridge>(std::move(source), from, to)->start();
}

}  // namespace selvage::loop
