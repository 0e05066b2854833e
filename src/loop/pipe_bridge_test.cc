#include "loop/pipe_bridge.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <thread>

namespace selvage::loop {
namespace {

constexpr size_t kMark = 16 * 1024;

Error error(std::string message) { return {ErrorCode::aborted, std::move(message), {}}; }

/// A loop with the thread that carries it.
class CarriedLoop {
 public:
  explicit CarriedLoop(int index) : loop_(index), thread_([this] { loop_.carry(); }) {}
  ~CarriedLoop() {
    loop_.stop();
    thread_.join();
  }
  CarriedLoop(const CarriedLoop&) = delete;
  CarriedLoop& operator=(const CarriedLoop&) = delete;

  Loop& operator*() { return loop_; }
  [[nodiscard]] std::thread::id thread() const { return thread_.get_id(); }
  /// Returns once `work` ran on the loop.
  void call(UniqueFunction<void()> work) {
    std::promise<void> done;
    loop_.post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

 private:
  Loop loop_;
  std::thread thread_;
};

std::string pattern(size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((i * 31 + i / 251) & 0xff);
  return bytes;
}

/// Writes `all` as the pipe has room, then ends it. Lives on one loop.
class Producer {
 public:
  Producer(std::shared_ptr<Pipe> pipe, std::string all)
      : pipe_(std::move(pipe)), all_(std::move(all)) {
    pipe_->on_drain([this] { produce(); });
    pipe_->on_cancel([this](const Error& reason) {
      canceled_ = reason.message;
      pipe_.reset();
    });
  }
  void produce() {
    constexpr size_t kChunk = 3000;
    while (written_ < all_.size()) {
      const std::string chunk = all_.substr(written_, kChunk);
      written_ += chunk.size();
      const bool room = pipe_->write(chunk);
      most_buffered_ = std::max(most_buffered_, pipe_->buffered_bytes());
      if (!room) {
        ++waits_;
        return;
      }
    }
    std::exchange(pipe_, nullptr)->end();
  }

  std::shared_ptr<Pipe> pipe_;
  std::string all_;
  size_t written_ = 0;
  size_t most_buffered_ = 0;
  int waits_ = 0;
  std::string canceled_;
};

/// Reads everything; `done` gets "end" or the failure. Lives on one loop.
class Consumer {
 public:
  explicit Consumer(std::shared_ptr<Pipe> pipe) : pipe_(std::move(pipe)) {}
  void consume() {
    pipe_->read([this](Result<Pipe::Chunk> chunk) {
      if (chunk && *chunk) {
        got_ += **chunk;
        consume();
        return;
      }
      pipe_.reset();
      done_.set_value(chunk ? "end" : chunk.error().message);
    });
  }

  std::shared_ptr<Pipe> pipe_;
  std::string got_;
  std::promise<std::string> done_;
};

TEST(PipeBridge, CarriesAMebibyteInOrderBetweenThreads) {
  const std::string all = pattern(1024 * 1024);
  std::optional<Producer> producer;
  std::optional<Consumer> consumer;
  CarriedLoop from(0);
  CarriedLoop to(1);
  std::shared_ptr<Pipe> target;
  from.call([&] {
    const auto source = Pipe::create(kMark);
    producer.emplace(source, all);
    target = bridge(source, *from, *to);
    producer->produce();
  });
  to.call([&] {
    consumer.emplace(std::move(target));
    consumer->consume();
  });
  EXPECT_EQ(consumer->done_.get_future().get(), "end");
  EXPECT_TRUE(consumer->got_ == all) << consumer->got_.size() << " bytes arrived";
  from.call([&] {
    EXPECT_GT(producer->waits_, 0);
    EXPECT_LT(producer->most_buffered_, kMark + 3000);
  });
}

/// Two loops on this thread, each carried until neither has anything to do.
class StillBridge : public testing::Test {
 protected:
  void settle() {
    for (int i = 0; i < 100; ++i) {
      from_.run_until_idle();
      to_.run_until_idle();
    }
  }

  Loop from_{0};
  Loop to_{1};
};

TEST_F(StillBridge, ProducerWaitsForAConsumerThatDoesNotRead) {
  const auto source = Pipe::create(kMark);
  Producer producer(source, pattern(4 * 1024 * 1024));
  const auto target = bridge(source, from_, to_);
  producer.produce();
  settle();
  const size_t stuck = producer.written_;
  EXPECT_LT(stuck, 512 * 1024U);
  EXPECT_GE(target->buffered_bytes(), Pipe::kDefaultHighWaterMark);
  Consumer consumer(target);
  consumer.consume();
  for (int i = 0; i < 20 && !producer.all_.empty() && consumer.pipe_; ++i) settle();
  EXPECT_TRUE(consumer.got_ == producer.all_) << consumer.got_.size() << " bytes arrived";
}

TEST_F(StillBridge, FailureCrossesAfterTheData) {
  const auto source = Pipe::create(kMark);
  const auto target = bridge(source, from_, to_);
  source->write("some");
  source->fail(error("reset"));
  Consumer consumer(target);
  consumer.consume();
  settle();
  EXPECT_EQ(consumer.got_, "some");
  EXPECT_EQ(consumer.done_.get_future().get(), "reset");
}

TEST_F(StillBridge, CancelCrossesBack) {
  const auto source = Pipe::create(kMark);
  Producer producer(source, pattern(1024 * 1024));
  const auto target = bridge(source, from_, to_);
  producer.produce();
  settle();
  target->cancel(error("enough"));
  EXPECT_EQ(producer.canceled_, "") << "only its own loop may tell it";
  settle();
  EXPECT_EQ(producer.canceled_, "enough");
  EXPECT_TRUE(source->canceled());
}

// The write that delivered the chunk asked for the next one after the cancel: the canceled source
// and the bridge then held each other for ever.
TEST_F(StillBridge, CancelingInsideTheReaderLetsGoOfTheSource) {
  auto source = Pipe::create(kMark);
  const std::weak_ptr<Pipe> watch = source;
  auto target = bridge(source, from_, to_);
  std::string reason;
  source->on_cancel([&](const Error& why) { reason = why.message; });
  target->read([&](const Result<Pipe::Chunk>&) { target->cancel(error("enough")); });
  source->write("some");
  settle();
  EXPECT_EQ(reason, "enough");
  source.reset();
  target.reset();
  settle();
  EXPECT_TRUE(watch.expired());
}

TEST(PipeBridge, FailureAndCancelCrossThreads) {
  CarriedLoop from(0);
  CarriedLoop to(1);
  std::optional<Consumer> consumer;
  std::shared_ptr<Pipe> target;
  from.call([&] {
    const auto source = Pipe::create(kMark);
    target = bridge(source, *from, *to);
    source->write("some");
    source->fail(error("reset"));
  });
  to.call([&] {
    consumer.emplace(std::move(target));
    consumer->consume();
  });
  EXPECT_EQ(consumer->done_.get_future().get(), "reset");
  EXPECT_EQ(consumer->got_, "some");

  std::promise<std::pair<std::string, std::thread::id>> canceled;
  from.call([&] {
    const auto source = Pipe::create(kMark);
    source->on_cancel([&](const Error& reason) {
      canceled.set_value({reason.message, std::this_thread::get_id()});
    });
    target = bridge(source, *from, *to);
  });
  to.call([&] { std::exchange(target, nullptr)->cancel(error("enough")); });
  EXPECT_EQ(canceled.get_future().get(), std::make_pair(std::string("enough"), from.thread()));
}

// The consumer's loop dropped the target, with it the bridge, and with that the source: whatever
// the producer's callbacks owned was destroyed on a thread that must not touch it.
TEST(PipeBridge, SourceIsDestroyedOnItsOwnLoop) {
  CarriedLoop from(0);
  CarriedLoop to(1);
  std::promise<std::thread::id> destroyed_on;
  std::optional<Consumer> consumer;
  std::shared_ptr<Pipe> target;
  from.call([&] {
    const auto source = Pipe::create(kMark);
    const std::shared_ptr<int> owned(new int(0), [&](const int* owner) {
      delete owner;
      destroyed_on.set_value(std::this_thread::get_id());
    });
    source->on_cancel([owned](const Error&) {});
    target = bridge(source, *from, *to);
    source->end();
  });
  to.call([&] {
    consumer.emplace(std::move(target));
    consumer->consume();
  });
  EXPECT_EQ(consumer->done_.get_future().get(), "end");
  EXPECT_EQ(destroyed_on.get_future().get(), from.thread());
}

/// Reads a pipe to its end, or its failure.
struct Reader {
  explicit Reader(std::shared_ptr<Pipe> from) : pipe(std::move(from)) {}
  void read() {
    pipe->read([this](Result<Pipe::Chunk> chunk) {
      if (!chunk) {
        failure = chunk.error().message;
      } else if (!*chunk) {
        ended = true;
      } else {
        bytes += **chunk;
        read();
      }
    });
  }
  std::shared_ptr<Pipe> pipe;
  std::string bytes;
  std::string failure;
  bool ended = false;
};

TEST(PipeJoin, CarriesEverythingAndTheEnd) {
  auto source = Pipe::create(kMark);
  auto sink = Pipe::create(kMark);
  join(source, sink);
  const std::string all = pattern(200'000);
  Producer producer(source, all);
  producer.produce();
  // Nobody reads the sink: the producer waits, with no more in the pipes than they take.
  EXPECT_EQ(producer.waits_, 1);
  EXPECT_LT(sink->buffered_bytes() + source->buffered_bytes(), 3 * kMark);
  Reader reader(sink);
  reader.read();
  EXPECT_TRUE(reader.ended);
  EXPECT_EQ(reader.bytes, all);
}

TEST(PipeJoin, PassesAFailureOn) {
  auto source = Pipe::create();
  auto sink = Pipe::create();
  join(source, sink);
  Reader reader(sink);
  reader.read();
  source->write("first");
  source->fail(error("broken"));
  EXPECT_EQ(reader.bytes, "first");
  EXPECT_EQ(reader.failure, "broken");
}

TEST(PipeJoin, CancelingTheSinkCancelsTheSource) {
  auto source = Pipe::create();
  auto sink = Pipe::create();
  join(source, sink);
  std::string reason;
  source->on_cancel([&](const Error& given) { reason = given.message; });
  sink->cancel(error("enough"));
  EXPECT_EQ(reason, "enough");
}

}  // namespace
}  // namespace selvage::loop
