// WebSocket load:
//   websocket_load ADDRESS PORT HOST CLIENTS SECONDS PATH echo|broadcast
// Messages have 64 bytes. Echo: each client has one under way. Broadcast: four clients have one
// under way each, which comes back to all; what is counted is deliveries. Prints one line of JSON.
// The protocol (RFC 6455, section 5.2) is spoken by hand: a client that needs more of its core than
// the server of its own would measure itself.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kPayloadBytes = 64;
constexpr size_t kFrameBytes = 2 + kPayloadBytes;  // as a server sends it: not masked
constexpr size_t kSpeakersOfBroadcast = 4;
constexpr auto kWarmUp = std::chrono::milliseconds(500);

[[noreturn]] void fail(std::string_view why) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(why.size()), why.data());
  std::exit(1);
}

[[noreturn]] void fail_with_errno(const char* what) {
  fail(std::string(what) + ": " + std::strerror(errno));
}

struct Client {
  int fd = -1;
  bool speaks = false;
  std::string payload;
  std::string frame;  // masked with zeros, which is a mask
  std::string unread;
  Clock::time_point sent_at;

  void send() {
    sent_at = Clock::now();
    // 70 bytes, and nothing else is under way in this direction: they fit.
    if (write(fd, frame.data(), frame.size()) != static_cast<ssize_t>(frame.size())) {
      fail_with_errno("write");
    }
  }
};

struct Figures {
  bool counting = false;
  uint64_t messages = 0;
  std::vector<float> latencies_us;
};

Client connect_to(const sockaddr_in& address, const std::string& handshake) {
  Client client;
  client.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (client.fd < 0) fail_with_errno("socket");
  const int on = 1;
  setsockopt(client.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(client.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail_with_errno("connect");
  }
  if (write(client.fd, handshake.data(), handshake.size()) < 0) fail_with_errno("write");
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {  // byte by byte: messages of others may follow it at once
    char byte = 0;
    if (read(client.fd, &byte, 1) != 1)
      fail("the connection ended before it was upgraded: " + head);
    head += byte;
  }
  if (!head.starts_with("HTTP/1.1 101")) fail("no upgrade: " + head);
  fcntl(client.fd, F_SETFL, O_NONBLOCK);
  return client;
}

void read_messages(Client& client, Figures& figures) {
  static std::array<char, 64 * 1024> buffer;
  const ssize_t length = read(client.fd, buffer.data(), buffer.size());
  if (length < 0 && errno == EAGAIN) return;
  if (length <= 0) fail("a connection was closed");
  std::string_view bytes(buffer.data(), static_cast<size_t>(length));
  if (!client.unread.empty()) bytes = client.unread.append(bytes);
  bool own = false;
  while (bytes.size() >= kFrameBytes) {
    if (bytes[0] != '\x81' || bytes[1] != static_cast<char>(kPayloadBytes)) {
      fail("this is not a message that was sent");
    }
    if (figures.counting) ++figures.messages;
    own = own || (client.speaks && bytes.substr(2, kPayloadBytes) == client.payload);
    bytes.remove_prefix(kFrameBytes);
  }
  client.unread = std::string(bytes);
  if (!own) return;
  if (figures.counting) {
    figures.latencies_us.push_back(
        std::chrono::duration<float, std::micro>(Clock::now() - client.sent_at).count());
  }
  client.send();
}

/// Answers messages until `end`.
void run_until(Clock::time_point end, int poller, std::vector<Client>& clients, Figures& figures) {
  std::array<epoll_event, 128> events;
  while (Clock::now() < end) {
    const int count = epoll_wait(poller, events.data(), events.size(), 10);
    if (count < 0) fail_with_errno("epoll_wait");
    for (int index = 0; index < count; ++index) {
      read_messages(clients[events[static_cast<size_t>(index)].data.u64], figures);
    }
  }
}

float quantile(const std::vector<float>& sorted, double share) {
  if (sorted.empty()) fail("no message came back");
  const auto at = static_cast<size_t>(static_cast<double>(sorted.size()) * share);
  return sorted[std::min(sorted.size() - 1, at)];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 8)
    fail("usage: websocket_load ADDRESS PORT HOST CLIENTS SECONDS PATH echo|broadcast");
  const std::string host = argv[3];
  const std::string path = argv[6];
  const auto count = static_cast<size_t>(std::atoi(argv[4]));
  const std::chrono::duration<double> seconds(std::atof(argv[5]));
  const bool echo = std::string_view(argv[7]) == "echo";
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(std::atoi(argv[2])));
  if (inet_pton(AF_INET, argv[1], &address.sin_addr) != 1) fail("ADDRESS is not of IPv4");

  const std::string handshake =
      "GET " + path + " HTTP/1.1\r\nHost: " + host +
      "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  const int poller = epoll_create1(EPOLL_CLOEXEC);
  std::vector<Client> clients;
  for (size_t index = 0; index < count; ++index) {
    Client client = connect_to(address, handshake);
    client.payload = (echo ? "E" : "B") + std::to_string(index) + ";";
    client.payload.resize(kPayloadBytes, 'm');
    client.frame = std::string("\x81\xC0\0\0\0\0", 6) + client.payload;
    client.speaks = echo || index < kSpeakersOfBroadcast;
    epoll_event event{.events = EPOLLIN, .data = {.u64 = index}};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, client.fd, &event) != 0) fail_with_errno("epoll_ctl");
    clients.push_back(std::move(client));
  }

  Figures figures;
  figures.latencies_us.reserve(10'000'000);
  for (Client& client : clients) {
    if (client.speaks) client.send();
  }
  run_until(Clock::now() + kWarmUp, poller, clients, figures);
  figures.counting = true;
  const auto start = Clock::now();
  run_until(start + std::chrono::duration_cast<Clock::duration>(seconds), poller, clients, figures);
  const double took = std::chrono::duration<double>(Clock::now() - start).count();

  std::ranges::sort(figures.latencies_us);
  std::printf(R"({"per_second": %.0f, "p50_us": %.1f, "p99_us": %.1f, "max_us": %.1f, "errors": 0})"
              "\n",
              static_cast<double>(figures.messages) / took, quantile(figures.latencies_us, 0.5),
              quantile(figures.latencies_us, 0.99), quantile(figures.latencies_us, 1));
  return 0;
}
