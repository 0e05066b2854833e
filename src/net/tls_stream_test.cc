#include "net/tls_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "net/connector.h"
#include "net/tls_server_for_test.h"

namespace selvage::net {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

/// Collects what comes until the end.
class Reader final : public StreamListener {
 public:
  explicit Reader(Stream& stream) : stream_(stream) {
    stream_.set_listener(this);
    stream_.start_reading();
  }
  void on_data(std::string_view bytes) override { text.append(bytes); }
  void on_end() override { ended = true; }
  void on_error(const Error& failure) override { error = failure; }
  void on_write_failed(const Error& failure) override { write_error = failure; }
  void on_drain() override { ++drained; }

  [[nodiscard]] bool over() const { return ended || error; }

  std::string text;
  bool ended = false;
  std::optional<Error> error;
  std::optional<Error> write_error;
  int drained = 0;

 private:
  Stream& stream_;
};

class TlsStreamTest : public testing::Test {
 protected:
  using Connected = Result<std::unique_ptr<Stream>>;

  ConnectorOptions options() {
    ConnectorOptions options;
    options.allow_private = true;
    options.tls.issuers_file = authority_.file();
    return options;
  }

  Connected connect(Connector& connector, const std::string& host, uint16_t port) {
    std::optional<Connected> result;
    const auto attempt = connector.connect(
        {host, port, true}, [&](Connected connected) { result = std::move(connected); });
    EXPECT_FALSE(result);
    EXPECT_TRUE(loop_.run_until([&] { return result.has_value(); }));
    return std::move(*result);
  }

  static void echo_once(SSL* ssl) {
    write_all(ssl, "you said " + read_until(ssl, "\n"));
    SSL_shutdown(ssl);
  }

  TestAuthority authority_{"Test Authority"};
  loop::Loop loop_{0};
};

TEST_F(TlsStreamTest, TalksToAServerWithACertificateForItsName) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsTestServer server(authority_.issue("DNS:localhost"), &echo_once, version);
    Connector connector(loop_, options());
    Connected stream = connect(connector, "localhost", server.port());
    ASSERT_TRUE(stream) << stream.error().describe();
    Reader reader(**stream);
    (*stream)->write("hello");
    (*stream)->write(" there\n");
    ASSERT_TRUE(loop_.run_until([&] { return reader.over(); }));
    EXPECT_EQ(reader.text, "you said hello there\n");
    EXPECT_TRUE(reader.ended);
  }
}

TEST_F(TlsStreamTest, TalksToAServerWithACertificateForItsAddress) {
  TlsTestServer server(authority_.issue("IP:127.0.0.1"), &echo_once);
  Connector connector(loop_, options());
  EXPECT_TRUE(connect(connector, "127.0.0.1", server.port()));
}

TEST_F(TlsStreamTest, CarriesMuchMoreThanARecordBothWays) {
  constexpr size_t kSize = 3'000'000;
  TlsTestServer server(authority_.issue("DNS:localhost"), [](SSL* ssl) {
    write_all(ssl, read_until(ssl, "\n"));
    SSL_shutdown(ssl);
  });
  Connector connector(loop_, options());
  Connected stream = connect(connector, "localhost", server.port());
  ASSERT_TRUE(stream);
  Reader reader(**stream);
  std::string sent(kSize, 'x');
  for (size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>('a' + i % 23);
  sent.back() = '\n';
  EXPECT_FALSE((*stream)->write(sent));
  ASSERT_TRUE(loop_.run_until([&] { return reader.over(); }));
  EXPECT_TRUE(reader.text == sent);
  EXPECT_GE(reader.drained, 1);
}

TEST_F(TlsStreamTest, RefusesACertificateForAnotherName) {
  TlsTestServer server(authority_.issue("DNS:other.example, DNS:more.example"), &echo_once);
  Connector connector(loop_, options());
  const Connected stream = connect(connector, "localhost", server.port());
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().message,
            "cannot connect to localhost:" + std::to_string(server.port()) +
                ": the server's certificate is not for localhost, but for other.example, "
                "more.example");
}

TEST_F(TlsStreamTest, RefusesACertificateOfAnUnknownAuthority) {
  const TestAuthority unknown("Unknown Authority");
  TlsTestServer server(unknown.issue("DNS:localhost"), &echo_once);
  Connector connector(loop_, options());
  const Connected stream = connect(connector, "localhost", server.port());
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().code, ErrorCode::permission_denied);
  EXPECT_THAT(stream.error().message, HasSubstr("certificate is not trusted"));
  EXPECT_THAT(stream.error().remedy, HasSubstr("SSL_CERT_FILE"));
}

TEST_F(TlsStreamTest, RefusesAnExpiredCertificate) {
  TlsTestServer server(authority_.issue("DNS:localhost", /*expired=*/true), &echo_once);
  Connector connector(loop_, options());
  const Connected stream = connect(connector, "localhost", server.port());
  ASSERT_FALSE(stream);
  EXPECT_THAT(stream.error().message, HasSubstr("certificate has expired"));
}

TEST_F(TlsStreamTest, RefusesOldVersionsOfTls) {
  TlsTestServer server(authority_.issue("DNS:localhost"), &echo_once, TLS1_1_VERSION);
  Connector connector(loop_, options());
  const Connected stream = connect(connector, "localhost", server.port());
  ASSERT_FALSE(stream);
  EXPECT_THAT(stream.error().message, HasSubstr("TLS handshake"));
}

TEST_F(TlsStreamTest, ResumesTheLastSessionWithAServer) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsTestServer server(authority_.issue("DNS:localhost"), &echo_once, version);
    Connector connector(loop_, options());
    for (const bool resumed : {false, true, true}) {
      Connected stream = connect(connector, "localhost", server.port());
      ASSERT_TRUE(stream);
      EXPECT_EQ(dynamic_cast<TlsStream&>(**stream).resumed(), resumed);
      Reader reader(**stream);
      (*stream)->write("\n");
      ASSERT_TRUE(loop_.run_until([&] { return reader.over(); }));
    }
  }
}

TEST_F(TlsStreamTest, TellsACutFromAnEnd) {
  TlsTestServer server(authority_.issue("DNS:localhost"),
                       [](SSL* ssl) { write_all(ssl, "half of"); });
  Connector connector(loop_, options());
  Connected stream = connect(connector, "localhost", server.port());
  ASSERT_TRUE(stream);
  Reader reader(**stream);
  ASSERT_TRUE(loop_.run_until([&] { return reader.over(); }));
  EXPECT_EQ(reader.text, "half of");
  EXPECT_FALSE(reader.ended);
}

TEST_F(TlsStreamTest, HoldsDataBackWhileReadingIsStopped) {
  TlsTestServer server(authority_.issue("DNS:localhost"), [](SSL* ssl) {
    read_until(ssl, "\n");
    write_all(ssl, std::string(100'000, 'x'));
    SSL_shutdown(ssl);
  });
  Connector connector(loop_, options());
  Connected stream = connect(connector, "localhost", server.port());
  ASSERT_TRUE(stream);

  // Stops after each piece; another is asked for from outside.
  class Sipper final : public StreamListener {
   public:
    explicit Sipper(Stream& stream) : stream_(stream) { stream_.set_listener(this); }
    void on_data(std::string_view bytes) override {
      EXPECT_TRUE(asked_);
      size += bytes.size();
      asked_ = false;
      stream_.stop_reading();
    }
    void on_end() override { ended = true; }
    void on_error(const Error& error) override { ADD_FAILURE() << error.message; }
    void on_write_failed(const Error&) override {}
    void ask() {
      asked_ = true;
      stream_.start_reading();
    }
    [[nodiscard]] bool asked() const { return asked_; }
    size_t size = 0;
    bool ended = false;

   private:
    Stream& stream_;
    bool asked_ = false;
  } sipper(**stream);

  (*stream)->write("\n");
  while (!sipper.ended) {
    sipper.ask();
    ASSERT_TRUE(loop_.run_until([&] { return !sipper.asked() || sipper.ended; }));
  }
  EXPECT_EQ(sipper.size, 100'000U);
}

TEST_F(TlsStreamTest, TrustsTheIssuersThatTheEnvironmentNames) {
  TlsTestServer server(authority_.issue("DNS:localhost"), &echo_once);
  ConnectorOptions of_environment = options();
  of_environment.tls.issuers_file.clear();
  {
    Connector connector(loop_, of_environment);
    const Connected stream = connect(connector, "localhost", server.port());
    ASSERT_FALSE(stream);
    EXPECT_THAT(stream.error().message, HasSubstr("certificate is not trusted"));
  }
  setenv("SSL_CERT_FILE", authority_.file().c_str(), 1);
  Connector connector(loop_, of_environment);
  const Connected stream = connect(connector, "localhost", server.port());
  unsetenv("SSL_CERT_FILE");
  EXPECT_TRUE(stream) << stream.error().describe();
}

TEST_F(TlsStreamTest, SaysWhichIssuersFileCannotBeRead) {
  TlsTestServer server(authority_.issue("DNS:localhost"), &echo_once);
  ConnectorOptions broken = options();
  broken.tls.issuers_file = "/nonexistent/issuers.pem";
  Connector connector(loop_, broken);
  const Connected stream = connect(connector, "localhost", server.port());
  ASSERT_FALSE(stream);
  EXPECT_THAT(stream.error().message,
              HasSubstr("cannot read the certificates in /nonexistent/issuers.pem"));
}

TEST_F(TlsStreamTest, GivesUpWhenTheAttemptIsDropped) {
  TlsTestServer server(authority_.issue("DNS:localhost"), &echo_once);
  Connector connector(loop_, options());
  bool called = false;
  auto attempt = connector.connect({"localhost", server.port(), true},
                                   [&](const Connected&) { called = true; });
  attempt.reset();
  loop_.run_until_idle();
  EXPECT_FALSE(called);
}

TEST_F(TlsStreamTest, SpeaksOnlyTlsToATlsServer) {
  // A server that answers in clear text: an error that says so, not a hang.
  Connector connector(loop_, options());
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::thread server([&] {
    const int fd = accept(listener, nullptr, nullptr);
    char hello[4096];
    EXPECT_GT(recv(fd, hello, sizeof hello, 0), 0);
    const std::string answer = "HTTP/1.1 400 Bad Request\r\n\r\n";
    send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    close(fd);
  });
  const Connected stream = connect(connector, "localhost", ntohs(address.sin_port));
  server.join();
  close(listener);
  ASSERT_FALSE(stream);
  EXPECT_THAT(stream.error().message, HasSubstr("TLS handshake failed"));
}

}  // namespace
}  // namespace selvage::net
