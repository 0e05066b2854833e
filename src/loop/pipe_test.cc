#include "loop/pipe.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace selvage::loop {
namespace {

// What a reader got, in words: "data:...", "end" or "failure:...".
std::string describe(const Result<Pipe::Chunk>& chunk) {
  if (!chunk) return "failure:" + chunk.error().message;
  if (!*chunk) return "end";
  return "data:" + **chunk;
}

std::string read_now(Pipe& pipe) {
  std::string got = "nothing";
  pipe.read([&](Result<Pipe::Chunk> chunk) { got = describe(chunk); });
  return got;
}

Error error(std::string message) { return {ErrorCode::aborted, std::move(message), {}}; }

TEST(Pipe, AsksTheProducerToWaitAtTheMark) {
  const auto pipe = Pipe::create(4);
  EXPECT_TRUE(pipe->write("abc"));
  EXPECT_FALSE(pipe->write("d"));
  EXPECT_FALSE(pipe->write("e"));
  EXPECT_EQ(pipe->buffered_bytes(), 5U);
  EXPECT_EQ(read_now(*pipe), "data:abcde");
}

TEST(Pipe, SaysOnceThatThereIsRoomAgain) {
  const auto pipe = Pipe::create(4);
  int drained = 0;
  pipe->on_drain([&] { ++drained; });
  EXPECT_FALSE(pipe->write("abcd"));
  EXPECT_FALSE(pipe->write("efgh"));
  EXPECT_EQ(drained, 0);
  EXPECT_EQ(read_now(*pipe), "data:abcdefgh");
  EXPECT_EQ(drained, 1);
  EXPECT_TRUE(pipe->write("i"));
  EXPECT_EQ(read_now(*pipe), "data:i");
  EXPECT_EQ(drained, 1) << "nobody was told to wait";
  EXPECT_FALSE(pipe->write("jklm"));
  EXPECT_EQ(pipe->take_buffered(), "jklm");
  EXPECT_EQ(drained, 2);
}

TEST(Pipe, DrainedProducerMayWriteFromItsCallback) {
  const auto pipe = Pipe::create(2);
  int left = 3;
  pipe->on_drain([&] {
    if (left-- > 0) {
      pipe->write("xy");
    } else {
      pipe->end();
    }
  });
  pipe->write("ab");
  std::vector<std::string> got;
  for (int i = 0; i < 5; ++i) got.push_back(read_now(*pipe));
  pipe->on_drain(nullptr);
  EXPECT_EQ(got, (std::vector<std::string>{"data:ab", "data:xy", "data:xy", "data:xy", "end"}));
}

TEST(Pipe, WaitingReaderGetsAWriteAtOnce) {
  const auto pipe = Pipe::create(4);
  std::string got;
  pipe->read([&](Result<Pipe::Chunk> chunk) { got = describe(chunk); });
  EXPECT_TRUE(pipe->write("longer than the mark")) << "it does not stay in the pipe";
  EXPECT_EQ(got, "data:longer than the mark");
}

TEST(Pipe, EndComesAfterWhatIsBuffered) {
  const auto pipe = Pipe::create();
  pipe->write("rest");
  pipe->end();
  EXPECT_EQ(read_now(*pipe), "data:rest");
  EXPECT_EQ(read_now(*pipe), "end");
}

TEST(Pipe, FailureComesAfterWhatIsBuffered) {
  const auto pipe = Pipe::create();
  pipe->write("rest");
  pipe->fail(error("reset"));
  EXPECT_EQ(read_now(*pipe), "data:rest");
  EXPECT_EQ(read_now(*pipe), "failure:reset");
}

TEST(Pipe, NothingFollowsTheEnd) {
  const auto pipe = Pipe::create(1);
  pipe->end();
  EXPECT_TRUE(pipe->write("late"));
  pipe->fail(error("late"));
  EXPECT_EQ(read_now(*pipe), "end");
  EXPECT_FALSE(pipe->failed());
}

TEST(Pipe, CancelReachesTheProducerOnceAndDropsTheData) {
  const auto pipe = Pipe::create(4);
  std::vector<std::string> reasons;
  pipe->on_cancel([&](const Error& reason) { reasons.push_back(reason.message); });
  pipe->write("abcdef");
  pipe->cancel(error("enough"));
  pipe->cancel(error("again"));
  EXPECT_EQ(reasons, std::vector<std::string>{"enough"});
  EXPECT_TRUE(pipe->canceled());
  EXPECT_EQ(pipe->buffered_bytes(), 0U);
  EXPECT_TRUE(pipe->write("ghijkl"));
  EXPECT_EQ(pipe->buffered_bytes(), 0U);
  EXPECT_EQ(read_now(*pipe), "nothing");
}

TEST(Pipe, CancelAfterTheEndDoesNotReachTheProducer) {
  const auto pipe = Pipe::create();
  bool told = false;
  pipe->on_cancel([&](const Error&) { told = true; });
  pipe->write("abc");
  pipe->end();
  pipe->cancel(error("enough"));
  EXPECT_FALSE(told);
  EXPECT_EQ(pipe->buffered_bytes(), 0U);
}

// The producer reaches the pipe through the only reference, and the reader drops that: what write()
// looked at after the callback was freed memory.
TEST(Pipe, ReaderMayDropThePipeDuringAWrite) {
  auto pipe = Pipe::create(4);
  const std::weak_ptr<Pipe> watch = pipe;
  std::string got;
  pipe->read([&](Result<Pipe::Chunk> chunk) {
    got = describe(chunk);
    pipe.reset();
  });
  EXPECT_TRUE(pipe->write("abcdef"));
  EXPECT_EQ(got, "data:abcdef");
  EXPECT_TRUE(watch.expired());
}

TEST(Pipe, ReaderMayDropThePipeAtItsEndOrFailure) {
  auto ended = Pipe::create();
  ended->read([&](const Result<Pipe::Chunk>&) { ended.reset(); });
  ended->end();
  EXPECT_EQ(ended, nullptr);
  auto failed = Pipe::create();
  failed->read([&](const Result<Pipe::Chunk>&) { failed.reset(); });
  failed->fail(error("reset"));
  EXPECT_EQ(failed, nullptr);
}

TEST(Pipe, ReaderMayDropThePipeWhileItReads) {
  auto pipe = Pipe::create(2);
  bool drained = false;
  pipe->on_drain([&] { drained = true; });
  pipe->write("abc");
  pipe->read([&](const Result<Pipe::Chunk>&) { pipe.reset(); });
  EXPECT_EQ(pipe, nullptr);
  EXPECT_TRUE(drained);
}

// Likewise for take_buffered(), whose on_drain dropped the pipe.
TEST(Pipe, ProducerMayDropThePipeWhenItIsDrained) {
  auto pipe = Pipe::create(2);
  const std::weak_ptr<Pipe> watch = pipe;
  pipe->on_drain([&] { pipe.reset(); });
  pipe->write("abc");
  EXPECT_EQ(pipe->take_buffered(), "abc");
  EXPECT_TRUE(watch.expired());
}

TEST(Pipe, ProducerMayDropThePipeWhenItIsCanceled) {
  auto pipe = Pipe::create();
  pipe->on_cancel([&](const Error&) { pipe.reset(); });
  pipe->cancel(error("enough"));
  EXPECT_EQ(pipe, nullptr);
}

}  // namespace
}  // namespace selvage::loop
