// What the client's tests share: a loop, and a fetch whose outcome is collected.
#pragma once

#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "http/client.h"
#include "http/scripted_server_for_test.h"

namespace selvage::http {

/// What became of one fetch: its head, then its body as far as it was read.
struct Outcome {
  std::optional<Result<Response>> head;
  std::string body;
  bool body_ended = false;
  std::optional<Error> body_error;

  [[nodiscard]] bool answered() const { return head && head->has_value(); }
  [[nodiscard]] bool refused() const { return head && !head->has_value(); }
  [[nodiscard]] int status() const { return answered() ? (*head)->status : 0; }
  [[nodiscard]] const Error& error() const { return head->error(); }
  [[nodiscard]] bool done() const { return refused() || body_ended || body_error; }
  /// The body's pipe; nullptr when its bytes came with the head.
  [[nodiscard]] const std::shared_ptr<loop::Pipe>& pipe() const { return (*head)->body.pipe; }
};

class ClientFixture : public testing::Test {
 protected:
  // As every program of ours does: a peer that goes is an error of write(), not the end.
  ClientFixture() { std::signal(SIGPIPE, SIG_IGN); }

  static ClientOptions options() {
    ClientOptions options;
    options.allow_private = true;
    return options;
  }

  static Request get(std::string url) { return {"GET", std::move(url), {}, {}}; }
  static Request post(std::string url, Body body) {
    return {"POST", std::move(url), {}, std::move(body)};
  }

  /// Starts a fetch whose body nobody reads.
  static std::unique_ptr<ClientCall> begin_unread(Client& client, Request request, Outcome& outcome,
                                                  FetchOptions fetch_options = {}) {
    return client.fetch(std::move(request), fetch_options, [&outcome](Result<Response> response) {
      outcome.head = std::move(response);
    });
  }

  /// Starts a fetch whose body is read to the end.
  static std::unique_ptr<ClientCall> begin(Client& client, Request request, Outcome& outcome,
                                           FetchOptions fetch_options = {}) {
    return client.fetch(std::move(request), fetch_options, [&outcome](Result<Response> response) {
      outcome.head = std::move(response);
      if (outcome.answered()) read_all(outcome);
    });
  }

  static void read_all(Outcome& outcome) {
    if (outcome.pipe() != nullptr) {
      read_on(outcome.pipe(), outcome);
    } else {
      outcome.body = (*outcome.head)->body.bytes;
      outcome.body_ended = true;
    }
  }

  Outcome fetch(Client& client, Request request, FetchOptions fetch_options = {}) {
    Outcome outcome;
    const auto call = begin(client, std::move(request), outcome, fetch_options);
    EXPECT_FALSE(outcome.head) << "the callback came from within fetch()";
    EXPECT_TRUE(loop_.run_until([&] { return outcome.done(); }));
    return outcome;
  }

  /// Answers every complete request head with `response`.
  static ScriptedPeer::Handler always(std::string response) {
    return [response = std::move(response)](ScriptedPeer& peer) {
      if (!peer.received.ends_with("\r\n\r\n")) return;
      peer.received.clear();
      peer.send(response);
    };
  }

  /// Lets everything happen that needs no further event from outside.
  void settle() {
    loop::Timer awake(loop_);  // idle connections are looked at only while something is alive
    awake.start(std::chrono::hours(1), [] {});
    for (int step = 0; step < 200; ++step) {
      bool polled = false;
      loop_.post([&polled] { polled = true; });
      loop_.run_until([&polled] { return polled; });
    }
  }

  loop::Loop loop_{0};

 private:
  static void read_on(const std::shared_ptr<loop::Pipe>& pipe, Outcome& outcome) {
    pipe->read([&outcome, weak = std::weak_ptr(pipe)](Result<loop::Pipe::Chunk> chunk) {
      if (!chunk) {
        outcome.body_error = chunk.error();
      } else if (!chunk->has_value()) {
        outcome.body_ended = true;
      } else {
        outcome.body += **chunk;
        read_on(weak.lock(), outcome);
      }
    });
  }
};

}  // namespace selvage::http
