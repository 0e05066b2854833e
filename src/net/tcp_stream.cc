#include "net/tcp_stream.h"

#include <sys/socket.h>
#include <uv.h>

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

namespace selvage::net {
namespace {

constexpr size_t kReadSize = 64 * 1024;
constexpr size_t kMostBuffersAtOnce = 64;

ErrorCode code_of(int uv_error) {
  switch (uv_error) {
    case UV_ETIMEDOUT: return ErrorCode::timeout;
    case UV_EACCES:
    case UV_EPERM: return ErrorCode::permission_denied;
    case UV_EMFILE:
    case UV_ENFILE:
    case UV_ENOMEM:
    case UV_ENOBUFS: return ErrorCode::limit_exceeded;
    case UV_EINVAL:
    case UV_EAFNOSUPPORT: return ErrorCode::invalid_argument;
    case UV_ECONNREFUSED:
    case UV_EHOSTUNREACH:
    case UV_ENETUNREACH:
    case UV_EADDRNOTAVAIL: return ErrorCode::unavailable;
    default: return ErrorCode::io;
  }
}

Error uv_failure(int uv_error) { return Error{code_of(uv_error), uv_strerror(uv_error), {}}; }

}  // namespace

/// The handle and what is on its way. Lives until libuv has closed the handle; `stream` is null
/// from the stream's destruction on.
struct TcpStream::Core : std::enable_shared_from_this<TcpStream::Core> {
  Core(loop::Loop& on_loop, TcpStream* of) : loop(on_loop), stream(of) {}

  loop::Loop& loop;
  TcpStream* stream;
  std::shared_ptr<Core> self;  // held by the open handle
  uv_tcp_t handle{};
  uv_connect_t connect_request{};
  uv_write_t write_request{};
  uv_shutdown_t shutdown_request{};
  ConnectCallback connected;
  StreamListener* listener = nullptr;

  std::vector<std::string> pending;  // to be sent by the next flush
  std::vector<std::string> sending;  // owned by write_request
  size_t pending_bytes = 0;
  size_t sending_bytes = 0;
  std::unique_ptr<char[]> read_buffer;  // between allocation and delivery only
  bool flush_planned = false;
  bool wants_drain = false;
  bool write_broken = false;
  bool ending = false;
  bool reading = false;

  [[nodiscard]] uv_stream_t* uv() { return reinterpret_cast<uv_stream_t*>(&handle); }
  void plan_flush();
  void flush();
  void write_finished(int status);
  void break_writing(int status);
  void shut_down();
  static void on_read(uv_stream_t* uv, ssize_t count, const uv_buf_t* buffer);
};

TcpStream::TcpStream(loop::Loop& loop) {
  auto core = std::make_shared<Core>(loop, this);
  core_ = core.get();
  core_->self = std::move(core);
  core_->handle.data = core_;
  core_->connect_request.data = core_;
  core_->write_request.data = core_;
  core_->shutdown_request.data = core_;
  uv_tcp_init(loop.uv(), &core_->handle);
}

TcpStream::~TcpStream() {
  core_->stream = nullptr;
  core_->listener = nullptr;
  core_->connected = {};
  core_->pending.clear();
  uv_close(reinterpret_cast<uv_handle_t*>(&core_->handle), [](uv_handle_t* handle) {
    // Flushes that are still planned hold the core, too.
    const auto last = std::exchange(static_cast<Core*>(handle->data)->self, nullptr);
  });
}

void TcpStream::connect(const Address& address, uint16_t port, ConnectCallback callback) {
  core_->connected = std::move(callback);
  const sockaddr_storage to = address.with_port(port);
  const int started =
      uv_tcp_connect(&core_->connect_request, &core_->handle,
                     reinterpret_cast<const sockaddr*>(&to), [](uv_connect_t* request, int status) {
                       auto* core = static_cast<Core*>(request->data);
                       if (core->stream == nullptr) return;
                       if (status == 0) uv_tcp_nodelay(&core->handle, 1);
                       ConnectCallback connected = std::move(core->connected);
                       connected(status == 0 ? Status() : selvage::fail(uv_failure(status)));
                     });
  if (started == 0) return;
  core_->loop.defer([core = core_->shared_from_this(), started] {
    if (!core->connected) return;
    ConnectCallback connected = std::move(core->connected);
    connected(selvage::fail(uv_failure(started)));
  });
}

Status TcpStream::accept(uv_stream_t* listener) {
  if (const int status = uv_accept(listener, core_->uv()); status != 0) {
    return fail(uv_failure(status));
  }
  uv_tcp_nodelay(&core_->handle, 1);
  return {};
}

void TcpStream::set_listener(StreamListener* listener) { core_->listener = listener; }

void TcpStream::start_reading() {
  if (core_->reading) return;
  core_->reading = true;
  uv_read_start(
      core_->uv(),
      [](uv_handle_t* handle, size_t, uv_buf_t* buffer) {
        auto* core = static_cast<Core*>(handle->data);
        core->read_buffer = std::unique_ptr<char[]>(new char[kReadSize]);
        *buffer = uv_buf_init(core->read_buffer.get(), kReadSize);
      },
      &Core::on_read);
}

void TcpStream::Core::on_read(uv_stream_t* uv, ssize_t count, const uv_buf_t* buffer) {
  auto* core = static_cast<Core*>(uv->data);
  // Taken out: the listener may destroy the stream.
  const std::unique_ptr<char[]> bytes = std::move(core->read_buffer);
  if (core->listener == nullptr || count == 0) return;
  if (count > 0) {
    core->listener->on_data({buffer->base, static_cast<size_t>(count)});
    return;
  }
  uv_read_stop(uv);
  core->reading = false;
  if (count == UV_EOF) {
    core->listener->on_end();
  } else {
    core->listener->on_error(uv_failure(static_cast<int>(count)));
  }
}

void TcpStream::stop_reading() {
  core_->reading = false;
  uv_read_stop(core_->uv());
}

bool TcpStream::write(std::string bytes) {
  if (core_->write_broken || core_->ending) return true;
  core_->pending_bytes += bytes.size();
  core_->pending.push_back(std::move(bytes));
  core_->plan_flush();
  if (unsent_bytes() < kHighWaterMark) return true;
  core_->wants_drain = true;
  return false;
}

size_t TcpStream::unsent_bytes() const { return core_->pending_bytes + core_->sending_bytes; }

void TcpStream::end() {
  if (core_->ending) return;
  core_->ending = true;
  core_->plan_flush();
}

bool TcpStream::quiet() const {
  uv_os_fd_t fd = -1;
  if (uv_fileno(reinterpret_cast<const uv_handle_t*>(&core_->handle), &fd) != 0) return false;
  char byte = 0;
  return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         (errno == EAGAIN || errno == EWOULDBLOCK);
}

void TcpStream::keep_loop_alive(bool alive) {
  auto* handle = reinterpret_cast<uv_handle_t*>(&core_->handle);
  alive ? uv_ref(handle) : uv_unref(handle);
}

void TcpStream::Core::plan_flush() {
  if (flush_planned) return;
  flush_planned = true;
  loop.defer([core = shared_from_this()] {
    core->flush_planned = false;
    if (core->stream != nullptr) core->flush();
  });
}

void TcpStream::Core::flush() {
  if (sending_bytes != 0) return;  // write_finished() comes back here
  if (pending.empty() || write_broken) {
    if (ending) shut_down();
    return;
  }
  std::array<uv_buf_t, kMostBuffersAtOnce> few;
  std::vector<uv_buf_t> many;
  uv_buf_t* buffers = few.data();
  if (pending.size() > few.size()) {
    many.resize(pending.size());
    buffers = many.data();
  }
  for (size_t i = 0; i < pending.size(); ++i) {
    buffers[i] = uv_buf_init(pending[i].data(), static_cast<unsigned>(pending[i].size()));
  }
  sending = std::exchange(pending, {});
  sending_bytes = std::exchange(pending_bytes, 0);
  // uv_write tries at once, and only what the kernel does not take waits for the poll.
  const int status = uv_write(&write_request, uv(), buffers, static_cast<unsigned>(sending.size()),
                              [](uv_write_t* request, int result) {
                                static_cast<Core*>(request->data)->write_finished(result);
                              });
  if (status != 0) write_finished(status);
}

void TcpStream::Core::write_finished(int status) {
  sending.clear();
  sending_bytes = 0;
  if (stream == nullptr) return;
  if (status != 0) {
    break_writing(status);
    return;
  }
  if (!pending.empty() || ending) plan_flush();
  if (wants_drain && pending_bytes < kHighWaterMark) {
    wants_drain = false;
    if (listener != nullptr) listener->on_drain();
  }
}

void TcpStream::Core::break_writing(int status) {
  write_broken = true;
  pending.clear();
  pending_bytes = 0;
  wants_drain = false;
  if (listener != nullptr) listener->on_write_failed(uv_failure(status));
}

void TcpStream::Core::shut_down() {
  if (write_broken) return;
  write_broken = true;
  uv_shutdown(&shutdown_request, uv(), [](uv_shutdown_t*, int) {});
}

}  // namespace selvage::net
