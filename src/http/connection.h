// One connection of a server, and the one request at a time that is served on it. Private to the
// server; everyone else sees its Exchange.
//
//   head ──complete──> exchange ──response sent──> (body unread: after_response) ──> head ...
//     │ refused           │ client gone                    │ too much
//     └──────> linger <───┴────────────────────────────────┘ ──> closed
//
// An exchange can also end in upgrade(): then the connection carries a WebSocketSession.
#pragma once

#include <uv.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/chunked_decoder.h"
#include "http/exchange.h"
#include "http/gathered_output.h"
#include "http/input_buffer.h"
#include "http/request_parser.h"
#include "http/response_head.h"
#include "http/timeout_wheel.h"
#include "http/websocket_session.h"
#include "loop/pipe.h"

namespace selvage::http {

class Server;

/// Owned by its server, and used again for another client when libuv has closed its socket and
/// nobody holds its exchange.
class Connection final : public Exchange, private WebSocketTransport, private TimeoutWheel::Entry {
 public:
  explicit Connection(Server& server);
  ~Connection() override;

  /// Takes the next client from `listener`, a uv_tcp_t or uv_pipe_t that has one.
  bool accept(uv_stream_t* listener);
  /// For a server that drains: closes an idle connection, asks a WebSocket to close.
  void drain();
  /// The client is not served any longer; the observer is told.
  void break_off();
  /// The server is destroyed: nobody is told, and the connection destroys itself.
  void orphan();
  /// Sends what the step has gathered.
  void flush();
  /// The step after a long burst: reads on from the response's pipe.
  void resume_response();

  // Exchange. The bodies of these are in connection_exchange.cc.
  [[nodiscard]] std::string_view method() const override { return head().method; }
  [[nodiscard]] std::string_view target() const override;
  [[nodiscard]] std::string_view host() const override { return head().host; }
  [[nodiscard]] std::string_view header_block() const override { return head().header_block; }
  [[nodiscard]] int http_minor_version() const override { return head().minor_version; }
  [[nodiscard]] bool secure() const override { return false; }
  [[nodiscard]] std::string_view client_address() const override;
  [[nodiscard]] std::optional<uint32_t> round_trip_ms() const override;
  [[nodiscard]] bool wants_websocket() const override;
  [[nodiscard]] bool has_body() const override { return head().has_body(); }
  [[nodiscard]] std::optional<uint64_t> body_length() const override;
  [[nodiscard]] std::optional<std::string_view> complete_body() const override;
  std::shared_ptr<loop::Pipe> body() override;
  void set_observer(ExchangeObserver* observer) override;
  char* respond(int status, std::string_view status_text, std::string_view headers,
                size_t body_length) override;
  void respond_empty(int status, std::string_view status_text, std::string_view headers) override;
  void respond_stream(int status, std::string_view status_text, std::string_view headers,
                      std::shared_ptr<loop::Pipe> body, std::optional<uint64_t> length) override;
  std::shared_ptr<WebSocketEndpoint> upgrade(std::string_view headers) override;
  void abort() override;

 private:
  friend class Server;

  enum class Phase : uint8_t {
    head,            // between requests, or within the head of one
    exchange,        // the handler has the request
    after_response,  // the rest of the request's body is still to come
    websocket,       // after upgrade()
    linger,          // everything is sent; waiting for the client to close
    closed,          // the socket is closed or closing
  };
  enum class BodyState : uint8_t { none, receiving, complete };
  enum class ResponseState : uint8_t { none, whole, streaming };

  // Socket: connection.cc.
  [[nodiscard]] uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&handle_); }
  [[nodiscard]] uv_handle_t* handle() { return reinterpret_cast<uv_handle_t*>(&handle_); }
  [[nodiscard]] const uv_handle_t* handle() const {
    return reinterpret_cast<const uv_handle_t*>(&handle_);
  }
  [[nodiscard]] const RequestHead& head() const { return parser_.head(); }
  void provide_buffer(uv_buf_t* buffer);
  void on_read(ssize_t size, const uv_buf_t& buffer);
  void on_end_of_input();
  void on_written(int status);
  void on_deadline(uint64_t now) override;
  void on_read_deadline();
  void update_reading();
  [[nodiscard]] bool wants_input() const;
  [[nodiscard]] bool input_waits();
  void set_read_deadline(uint64_t deadline);
  void set_write_deadline(uint64_t deadline);
  void reset();
  void close_politely();
  void close_socket(bool reset = false);
  void on_closed();
  void recycle_when_free();

  // Requests: connection_request.cc.
  void process_input();
  void read_head();
  void make_room_for_head();
  void begin_exchange();
  bool answer_without_handler();
  bool prepare_body();
  void move_message(size_t room);
  void take_body();
  bool decode_body();
  void take_away(std::string_view piece);
  void finish_body();
  void discard_body();
  void stop_piping_body(std::string_view reason);
  void refuse(int status, std::string_view because, std::string_view headers = {});
  void next_message();
  void release_input();

  // Responses: connection_exchange.cc.
  [[nodiscard]] bool may_respond() const {
    return phase_ == Phase::exchange && response_ == ResponseState::none;
  }
  [[nodiscard]] bool answers_head() const { return head().method == "HEAD"; }
  [[nodiscard]] bool keeps_alive_after_response() const;
  char* write_head(ResponseHeadParts parts, size_t body_size, bool send_body);
  void end_exchange();
  void tell_client_gone();
  char* waste(size_t size);
  void read_response();
  void on_response_chunk(Result<loop::Pipe::Chunk> chunk);
  bool gather_stream();
  void break_stream();
  void after_flush();
  void finish_response();

  // WebSocketTransport: connection_websocket.cc.
  void send_soon() override;
  void finish() override;
  void drop() override;
  void set_reading(bool reading) override;
  void gather_websocket();
  void after_websocket_flush();
  void drop_websocket(std::string_view why);

  Server& server_;
  union {
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  } handle_;
  size_t index_ = 0;  // among the server's open connections
  Phase phase_ = Phase::closed;
  bool orphaned_ = false;
  bool handle_closed_ = true;
  bool reading_ = false;
  bool half_closed_ = false;    // the client has stopped sending
  bool head_begun_ = false;     // some bytes of a head are here, not all
  bool refused_ = false;        // what still comes is of no meaning
  bool had_request_ = false;    // since accept()
  bool exchange_open_ = false;  // somebody may still call the exchange
  uint64_t read_deadline_ = TimeoutWheel::kNever;
  uint64_t write_deadline_ = TimeoutWheel::kNever;
  size_t write_queue_seen_ = 0;  // when write_deadline_ was set

  // input_ holds the message from message_begin_ on: head, decoded body so far, gap, then raw bytes
  // that came later. The head does not move while the exchange is open.
  InputBuffer input_;
  size_t message_begin_ = 0;
  size_t body_begin_ = 0;
  size_t body_end_ = 0;
  size_t raw_begin_ = 0;
  size_t raw_end_ = 0;
  RequestParser parser_;
  std::string rewritten_target_;  // of an absolute form that has a query and no path

  BodyState body_ = BodyState::none;
  bool body_taken_ = false;      // by body()
  bool body_discarded_ = false;  // nobody wants the rest
  bool pipe_full_ = false;
  bool continue_owed_ = false;   // the client waits for "100 Continue"
  uint64_t body_remaining_ = 0;  // of a Content-Length
  uint64_t body_drained_ = 0;    // bytes that were discarded
  ChunkedDecoder decoder_;
  std::shared_ptr<loop::Pipe> request_pipe_;

  ExchangeObserver* observer_ = nullptr;
  ResponseState response_ = ResponseState::none;
  bool keep_alive_ = true;
  bool response_chunked_ = false;
  bool response_until_close_ = false;
  bool response_ended_ = false;     // nothing more comes from response_pipe_
  bool response_gathered_ = false;  // and all of it is in output_
  bool reading_response_ = false;   // response_pipe_ owes us a chunk
  std::optional<uint64_t> response_remaining_;
  std::shared_ptr<loop::Pipe> response_pipe_;
  std::string response_chunk_;
  char chunk_size_line_[20];
  uint64_t burst_flush_ = 0;  // the flush that burst_bytes_ counts in
  size_t burst_bytes_ = 0;

  std::shared_ptr<WebSocketSession> websocket_;  // shared with the program
  bool websocket_finished_ = false;              // close when all is sent
  bool websocket_reads_ = true;

  GatheredOutput output_;
  Connection* next_dirty_ = nullptr;
  bool dirty_ = false;
  bool resuming_ = false;
  std::unique_ptr<char[]> waste_;  // what is written for a client that is gone
  mutable char client_address_[46] = {};
};

}  // namespace selvage::http
