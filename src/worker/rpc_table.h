// The ends of RPC sessions that are in an isolate, by number ("ports").
//
// An end belongs to an invocation, and is closed with it; or to a Durable Object (owner 0), whose
// builtins close it. Closing one end tells the other: its stubs break, and nobody waits for ever.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "worker/event.h"
#include "worker/rpc_channel.h"

namespace selvage::worker {

struct Target;

/// The loop's holder only; from inside the isolate as well.
class RpcTable {
 public:
  explicit RpcTable(WorkerIsolate& isolate) : isolate_(isolate) {}
  ~RpcTable();

  /// A new end that takes its messages from `mine` and sends to `peer`.
  int32_t add(InvocationId owner, std::shared_ptr<RpcMailbox> mine,
              std::shared_ptr<RpcMailbox> peer);
  /// It ends with `owner` from now on.
  void adopt(int32_t port, InvocationId owner);
  void connect(int32_t port, std::shared_ptr<RpcMailbox> peer);
  /// Somebody calls: a new end, which gets its first message in an event of its own. A call of an
  /// entrypoint begins an invocation.
  void accept(std::unique_ptr<Target> target, std::shared_ptr<RpcMailbox> mine,
              std::shared_ptr<RpcMailbox> peer, RpcMessage first);
  /// To the other end; dropped when this one is closed.
  void send(int32_t port, RpcMessage message);
  /// From the other end: an event for the builtins.
  void receive(int32_t port, RpcMessage message);
  /// Closes an end. The builtins know already.
  void close(int32_t port, std::string_view reason);

  /// Numbers under which the script reads or writes the streams of a message that came for `port`.
  std::vector<int32_t> take_streams(int32_t port, RpcMessage& message);

  [[nodiscard]] bool open(int32_t port) const { return ports_.contains(port); }
  [[nodiscard]] InvocationId owner(int32_t port) const;
  [[nodiscard]] bool empty() const { return ports_.empty(); }

  /// Ends that close without the builtins, which are told: one; those of an invocation that is
  /// over; those of objects.
  void end_of_port(int32_t port, std::string_view reason);
  void end_of(InvocationId invocation, std::string_view reason);
  void end_of_objects(std::string_view reason);
  /// The isolate is going away: the builtins are not told.
  void close_all(std::string_view reason);

 private:
  struct Port {
    InvocationId owner = 0;
    std::shared_ptr<RpcMailbox> mine;
    std::shared_ptr<RpcMailbox> peer;
    std::vector<int32_t> bodies;  // that came while it had no owner
    std::vector<int32_t> pipes;
  };
  class Notice;

  void disown(InvocationId owner, int32_t port);
  void close_with_notice(const std::vector<int32_t>& ports, std::string_view reason);

  WorkerIsolate& isolate_;
  int32_t last_port_ = 0;
  std::unordered_map<int32_t, Port> ports_;
  std::unordered_map<InvocationId, std::vector<int32_t>> owned_;
};

}  // namespace selvage::worker
