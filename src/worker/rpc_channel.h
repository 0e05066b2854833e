// The way between the two ends of an RPC session, which may be in one isolate, in two isolates of
// one loop, or on two loops: messages that arrive in the order in which they were sent, and streams
// of bytes that travel with them. What the messages say is the builtins' affair (rpc_session.ts).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/message.h"
#include "loop/loop.h"

namespace selvage::worker {

class RpcTable;

/// A stream that a message brings along.
struct RpcStream {
  /// What the receiver reads. When `writable`, a pipe that the receiver writes and the sender
  /// reads.
  http::Body body;
  bool writable = false;
};

struct RpcMessage {
  std::string header;                  // JSON
  std::optional<std::string> payload;  // a value, as V8's serializer writes it
  std::vector<RpcStream> streams;
};

/// A message that says: this end is gone, and why. Without a reason it was no longer needed.
RpcMessage rpc_close_message(std::string_view reason);

/// Nobody will take the message: its streams break off.
void discard(RpcMessage& message, std::string_view reason);

/// Where one end of a session takes its messages. Shared by the end itself and by whoever sends to
/// it; outlives the end, and then swallows what comes.
class RpcMailbox {
 public:
  explicit RpcMailbox(loop::Loop& loop) : loop_(loop) {}

  /// By the holder of the mailbox's loop.
  void bind(RpcTable& table, int32_t port);
  void unbind() { table_ = nullptr; }
  void deliver(RpcMessage message);

  /// By the holder of `from`, which owns the streams. The order of sending is that of arrival.
  static void send(const std::shared_ptr<RpcMailbox>& to, loop::Loop& from, RpcMessage message);

  [[nodiscard]] loop::Loop& loop() { return loop_; }

 private:
  loop::Loop& loop_;
  RpcTable* table_ = nullptr;
  int32_t port_ = 0;
};

/// Moves what `message` carries to another loop: the first half by the holder of `from`, before it
/// is posted; the second by the holder of `to`, when it has arrived.
void carry_out(RpcMessage& message, loop::Loop& from, loop::Loop& to);
void carry_in(RpcMessage& message, loop::Loop& from, loop::Loop& to);

}  // namespace selvage::worker
