// The WebSockets of an isolate that are connected to something outside of it: those that events and
// objects have accepted, and those of objects that hibernate. The latter stay here when their
// object, and even the isolate, is out of memory.
//
// What an object sends leaves when its writes so far are durable (the output gate), in order. When
// they are lost the socket is dropped, and nothing of it is sent.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "http/websocket_endpoint.h"
#include "worker/event.h"
#include "worker/hibernation.h"

namespace selvage::worker {

/// The loop's holder only.
class SocketTable {
 public:
  explicit SocketTable(WorkerIsolate& isolate);
  /// Sockets that are still open are dropped (their peers see 1006).
  ~SocketTable();

  /// Takes the endpoint over; its messages go to the builtins under the number returned. The
  /// invocation stays alive as long as the socket. `reading`: as set_reading(); a socket that came
  /// with a response is not read until the script has accepted it, since it may hand it on instead,
  /// with all its messages.
  int32_t add(std::shared_ptr<http::WebSocketEndpoint> endpoint, InvocationId invocation,
              bool reading);
  /// The socket is an object's from now on: events of it belong to the object's `life`.
  void assign(int32_t id, InvocationId life);
  /// Likewise, and it keeps nothing awake. The object has been told to awake().
  void hibernate(int32_t id, SocketObject& object, std::vector<std::string> tags,
                 std::optional<std::string> attachment);

  /// The other side has closed, and the object has heard of it: no longer one of its hibernatable
  /// sockets. It is gone when it is closed in both directions.
  void leave_object(int32_t id);

  /// `storage`: a handle of the object table whose writes go first; -1: none.
  void send(int32_t id, bool text, std::string_view data, int32_t storage);
  void close(int32_t id, uint16_t code, std::string_view reason, int32_t storage);
  /// Whether messages are wanted now.
  void set_reading(int32_t id, bool reading);
  /// Takes the endpoint away, to be handed on as it is; nullptr when it is closed.
  std::shared_ptr<http::WebSocketEndpoint> take(int32_t id);

  /// Closes what belongs to an invocation: an event's sockets, or all of an object's.
  void close_of(InvocationId invocation, uint16_t code, std::string_view reason);
  /// Drops what belongs to an object's life, and its hibernatable sockets: it was reset.
  void drop_object(InvocationId life, SocketObject* object);
  /// Drops the sockets of all objects: their code is replaced.
  void drop_objects();

  /// The hibernatable side of a socket; nullptr when it has none, or is gone.
  [[nodiscard]] HibernatableSocket* hibernatable(int32_t id);
  [[nodiscard]] HibernationTable& hibernation() { return hibernation_; }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  /// Sockets that need the isolate in memory.
  [[nodiscard]] size_t awake() const { return awake_; }

 private:
  class Entry;
  friend class SocketEvent;

  // A message or a close frame (code != 0) that waits for an object's writes.
  struct Held {
    int32_t socket;
    bool text;
    uint16_t code;
    std::string data;
  };
  // What waits for the same commit.
  struct Batch {
    uint64_t commit;
    std::vector<Held> held;
  };
  using Gate = std::deque<Batch>;

  Entry* find(int32_t id);
  bool is_held(Entry& entry, int32_t storage);
  void hold(Entry& entry, int32_t storage, Held held);
  void open_gate(int32_t storage, const Status& status);
  void release(Held& held);
  void drop(int32_t id);
  void remove(int32_t id);
  /// There was no memory for a message: the socket fails.
  void refuse(int32_t id);
  void on_delivered(int32_t id, size_t bytes);

  WorkerIsolate& isolate_;
  int32_t last_id_ = 0;
  size_t awake_ = 0;
  std::unordered_map<int32_t, std::unique_ptr<Entry>> entries_;
  HibernationTable hibernation_;
  std::unordered_map<int32_t, Gate> gates_;                     // by storage handle
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for callbacks of the object table
};

}  // namespace selvage::worker
