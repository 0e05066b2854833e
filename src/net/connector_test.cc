#include "net/connector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "net/tcp_stream.h"

namespace selvage::net {
namespace {

using testing::HasSubstr;

/// A listening socket on a free port; connections are left in its queue.
class Listener {
 public:
  Listener(loop::Loop& loop, const char* address) : uv_(new uv_tcp_t) {
    uv_tcp_init(loop.uv(), uv_);
    sockaddr_storage any = Address::parse(address)->with_port(0);
    usable_ = uv_tcp_bind(uv_, reinterpret_cast<const sockaddr*>(&any), 0) == 0 &&
              uv_listen(reinterpret_cast<uv_stream_t*>(uv_), 16, [](uv_stream_t*, int) {}) == 0;
    uv_unref(reinterpret_cast<uv_handle_t*>(uv_));
    int size = sizeof any;
    if (usable_) uv_tcp_getsockname(uv_, reinterpret_cast<sockaddr*>(&any), &size);
    port_ = ntohs(reinterpret_cast<const sockaddr_in&>(any).sin_port);  // the same place for IPv6
  }
  ~Listener() {
    uv_close(reinterpret_cast<uv_handle_t*>(uv_),
             [](uv_handle_t* handle) { delete reinterpret_cast<uv_tcp_t*>(handle); });
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] bool usable() const { return usable_; }
  [[nodiscard]] uint16_t port() const { return port_; }

 private:
  uv_tcp_t* uv_;
  bool usable_ = false;
  uint16_t port_ = 0;
};

class ConnectorTest : public testing::Test {
 protected:
  using Connected = Result<std::unique_ptr<Stream>>;

  Connected connect(Connector& connector, Destination destination) {
    std::optional<Connected> result;
    const auto attempt = connector.connect(
        std::move(destination), [&](Connected connected) { result = std::move(connected); });
    EXPECT_FALSE(result) << "the callback came from within connect()";
    EXPECT_TRUE(loop_.run_until([&] { return result.has_value(); }));
    return std::move(*result);
  }

  static ConnectorOptions anywhere() {
    ConnectorOptions options;
    options.allow_private = true;
    return options;
  }

  loop::Loop loop_{0};
};

TEST_F(ConnectorTest, GoesOnToTheNextAddress) {
  // "localhost" is 127.0.0.1, then ::1; only the second listens.
  Listener listener(loop_, "::1");
  if (!listener.usable()) GTEST_SKIP() << "no IPv6 here";
  Connector connector(loop_, anywhere());
  EXPECT_TRUE(connect(connector, {"localhost", listener.port(), false}));
}

TEST_F(ConnectorTest, GivesTheLastErrorWhenNoAddressAnswers) {
  uint16_t port = 0;
  {
    port = Listener(loop_, "127.0.0.1").port();
  }
  Connector connector(loop_, anywhere());
  const Connected connected = connect(connector, {"localhost", port, false});
  ASSERT_FALSE(connected);
  EXPECT_THAT(connected.error().message,
              HasSubstr("cannot connect to localhost:" + std::to_string(port) + ": "));
}

TEST_F(ConnectorTest, ChecksTheAddressThatANameResolvedTo) {
  Listener listener(loop_, "127.0.0.1");
  ConnectorOptions options;
  options.private_remedy = "the remedy";
  Connector connector(loop_, options);
  const Connected named = connect(connector, {"127.1", listener.port(), false});
  ASSERT_FALSE(named);
  EXPECT_EQ(named.error().code, ErrorCode::permission_denied);
  EXPECT_EQ(named.error().message,
            "access to 127.1 is not allowed: it is a loopback address (127.0.0.1)");
  EXPECT_EQ(named.error().remedy, "the remedy");

  const Connected literal = connect(connector, {"10.0.0.1", 80, false});
  ASSERT_FALSE(literal);
  EXPECT_EQ(literal.error().message, "access to a private address 10.0.0.1 is not allowed");
}

TEST_F(ConnectorTest, RefusesAnUnusableNameInsteadOfConnecting) {
  Connector connector(loop_, anywhere());
  EXPECT_FALSE(connect(connector, {std::string(300, 'x'), 80, false}));
}

TEST_F(ConnectorTest, GivesUpWhenTheAttemptIsDropped) {
  Listener listener(loop_, "127.0.0.1");
  Connector connector(loop_, anywhere());
  bool called = false;
  for (const char* host : {"127.0.0.1", "127.1"}) {
    auto attempt =
        connector.connect({host, listener.port(), false}, [&](const Connected&) { called = true; });
    attempt.reset();
  }
  loop_.run_until_idle();
  EXPECT_FALSE(called);
}

TEST_F(ConnectorTest, MayGoFromWithinItsCallback) {
  Listener listener(loop_, "127.0.0.1");
  auto connector = std::make_unique<Connector>(loop_, anywhere());
  std::unique_ptr<Connector::Attempt> attempt;
  attempt = connector->connect({"127.0.0.1", listener.port(), false}, [&](const Connected& result) {
    EXPECT_TRUE(result);
    attempt.reset();
    connector.reset();
  });
  EXPECT_TRUE(loop_.run_until([&] { return connector == nullptr; }));
}

}  // namespace
}  // namespace selvage::net
