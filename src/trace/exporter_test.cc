#include "trace/exporter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "http/scripted_server_for_test.h"

namespace selvage::trace {
namespace {

using http::ScriptedPeer;
using std::chrono::milliseconds;
using testing::HasSubstr;

/// A collector on the test's loop, which gives each request the next of `answers`, the last for all
/// after it.
class ExporterTest : public testing::Test {
 protected:
  ExporterTest() { std::signal(SIGPIPE, SIG_IGN); }

  void received(ScriptedPeer& peer) {
    const size_t head = peer.received.find("\r\n\r\n");
    if (head == std::string::npos) return;
    const size_t at = peer.received.find("Content-Length: ");
    const size_t length = std::stoul(peer.received.substr(at + 16));
    if (peer.received.size() < head + 4 + length) return;
    heads_.push_back(peer.received.substr(0, head));
    bodies_.push_back(nlohmann::json::parse(peer.received.substr(head + 4)));
    peer.received.clear();
    const std::string answer = answers_.front();
    if (answers_.size() > 1) answers_.erase(answers_.begin());
    if (!answer.empty()) peer.send("HTTP/1.1 " + answer);
  }
  ExporterOptions options() {
    ExporterOptions options;
    options.endpoint = server_.url("/v1/traces");
    options.resource.version = "0.1";
    options.interval = milliseconds(5);
    options.backoff = {.first = milliseconds(5), .longest = milliseconds(20), .most_tries = 3};
    options.closing_limit = milliseconds(100);
    return options;
  }
  static Span span(const std::string& name = "GET") {
    Span span;
    span.context = {.trace = {1, 2}, .span = 3, .sampled = true, .state = {}};
    span.name = name;
    span.worker = "w";
    return span;
  }
  void start(ExporterOptions options) {
    exporter_ = std::make_unique<Exporter>(1, std::move(options));
  }
  bool until(UniqueFunction<bool()> done) {
    loop::Timer tick(loop_);
    const auto again = [&](auto& self) -> void {
      tick.start(milliseconds(1), [&] { self(self); });
    };
    again(again);
    return loop_.run_until(std::move(done));
  }
  /// On a thread of its own, since the collector is on this one.
  void close() {
    std::atomic<bool> closed = false;
    std::thread closer([&] {
      exporter_->close();
      closed = true;
    });
    EXPECT_TRUE(until([&] { return closed.load(); }));
    closer.join();
  }

  loop::Loop loop_{0};
  http::ScriptedServer server_{loop_, [this](ScriptedPeer& peer) { received(peer); }};
  std::vector<std::string> answers_{"200 OK\r\nContent-Length: 2\r\n\r\n{}"};
  std::vector<std::string> heads_;
  std::vector<nlohmann::json> bodies_;
  std::unique_ptr<Exporter> exporter_;
};

TEST_F(ExporterTest, SendsWhatWaitsWithItsHeaders) {
  ExporterOptions with = options();
  with.headers = "Authorization: Bearer x\r\n";
  start(with);
  exporter_->add(span("one"));
  EXPECT_TRUE(until([&] { return exporter_->statistics().exported == 1; }));
  EXPECT_THAT(heads_.at(0), HasSubstr("POST /v1/traces HTTP/1.1\r\n"));
  EXPECT_THAT(heads_.at(0), HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(heads_.at(0), HasSubstr("Authorization: Bearer x\r\n"));
  EXPECT_EQ(bodies_.at(0)["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["name"], "one");
  EXPECT_EQ(exporter_->statistics().waiting, 0u);
}

TEST_F(ExporterTest, AFullBatchDoesNotWaitForItsTime) {
  ExporterOptions slow = options();
  slow.interval = std::chrono::hours(1);
  slow.batch_spans = 3;
  start(slow);
  for (int i = 0; i < 7; ++i) exporter_->add(span());
  EXPECT_TRUE(until([&] { return exporter_->statistics().exported == 6; }));
  EXPECT_EQ(exporter_->statistics().waiting, 1u);
  close();
  EXPECT_EQ(exporter_->statistics().exported, 7u);
}

TEST_F(ExporterTest, WhatACollectorCannotTakeNowIsSentAgain) {
  answers_ = {"503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n",
              "429 Busy\r\nContent-Length: 4\r\n\r\nbusy", "200 OK\r\nContent-Length: 0\r\n\r\n"};
  start(options());
  exporter_->add(span());
  EXPECT_TRUE(until([&] { return exporter_->statistics().exported == 1; }));
  EXPECT_EQ(bodies_.size(), 3u);
  EXPECT_EQ(bodies_[0], bodies_[2]);
  EXPECT_EQ(exporter_->statistics().requests, 3u);
}

TEST_F(ExporterTest, GivesUpAndGoesOnWithTheNext) {
  answers_ = {"503 Busy\r\nContent-Length: 0\r\n\r\n", "503 Busy\r\nContent-Length: 0\r\n\r\n",
              "503 Busy\r\nContent-Length: 0\r\n\r\n", "200 OK\r\nContent-Length: 0\r\n\r\n"};
  start(options());
  exporter_->add(span("lost"));
  EXPECT_TRUE(until([&] { return exporter_->statistics().failed == 1; }));
  exporter_->add(span("next"));
  EXPECT_TRUE(until([&] { return exporter_->statistics().exported == 1; }));
}

TEST_F(ExporterTest, WhatACollectorRefusesIsNotSentAgain) {
  answers_ = {
      "400 Bad\r\nContent-Length: 0\r\n\r\n",
      "200 OK\r\nContent-Length: 40\r\n\r\n{\"partialSuccess\":{\"rejectedSpans\":\"1\"}} "};
  ExporterOptions two = options();
  two.batch_spans = 2;
  two.interval = std::chrono::hours(1);
  start(two);
  exporter_->add(span());
  exporter_->add(span());
  EXPECT_TRUE(until([&] { return exporter_->statistics().refused == 2; }));
  exporter_->add(span());
  exporter_->add(span());
  EXPECT_TRUE(until([&] { return exporter_->statistics().exported == 1; }));
  EXPECT_EQ(exporter_->statistics().refused, 3u);
  EXPECT_EQ(bodies_.size(), 2u);
}

TEST_F(ExporterTest, ACollectorThatDoesNotAnswerCostsItsTimeAndBoundedMemory) {
  answers_ = {""};
  ExporterOptions impatient = options();
  impatient.timeout = milliseconds(20);
  impatient.queue.spans = 10;
  start(impatient);
  for (int i = 0; i < 1000; ++i) exporter_->add(span());
  EXPECT_TRUE(until([&] { return exporter_->statistics().requests >= 3; }));
  EXPECT_GT(exporter_->statistics().dropped, 900u);
  EXPECT_LE(exporter_->statistics().waiting, 20u);
}

TEST_F(ExporterTest, ClosingSendsWhatWaitsAndIsBounded) {
  start(options());
  for (int i = 0; i < 5; ++i) exporter_->add(span());
  close();
  EXPECT_EQ(exporter_->statistics().exported, 5u);

  answers_ = {""};
  start(options());
  for (int i = 0; i < 5; ++i) exporter_->add(span());
  const auto began = std::chrono::steady_clock::now();
  close();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
  EXPECT_EQ(exporter_->statistics().failed, 5u);
}

TEST_F(ExporterTest, NobodyListens) {
  ExporterOptions nobody = options();
  nobody.endpoint = "http://127.0.0.1:1/v1/traces";
  start(nobody);
  exporter_->add(span());
  EXPECT_TRUE(until([&] { return exporter_->statistics().failed == 1; }));
  EXPECT_EQ(exporter_->statistics().requests, 3u);
}

}  // namespace
}  // namespace selvage::trace
