#include "worker/rpc_channel.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "loop/pipe_bridge.h"
#include "worker/rpc_table.h"

namespace selvage::worker {
RpcMessage rpc_close_message(std::string_view reason) {
  nlohmann::json header = {"close"};
  if (!reason.empty()) header.push_back(reason);
  RpcMessage message;
  message.header = header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return message;
}

void discard(RpcMessage& message, std::string_view reason) {
  for (RpcStream& stream : std::exchange(message.streams, {})) {
    if (!stream.body.pipe) continue;
    Error error{ErrorCode::aborted, std::string(reason), ""};
    if (stream.writable) {
      stream.body.pipe->fail(std::move(error));
    } else {
      stream.body.pipe->cancel(std::move(error));
    }
  }
}

void RpcMailbox::bind(RpcTable& table, int32_t port) {
  table_ = &table;
  port_ = port;
}

void RpcMailbox::deliver(RpcMessage message) {
  if (table_ == nullptr) {
    discard(message, "the other side of this call is gone");
  } else {
    table_->receive(port_, std::move(message));
  }
}

void RpcMailbox::send(const std::shared_ptr<RpcMailbox>& to, loop::Loop& from, RpcMessage message) {
  if (&to->loop_ == &from) {
    to->deliver(std::move(message));
    return;
  }
  carry_out(message, from, to->loop_);
  auto parcel = std::make_shared<RpcMessage>(std::move(message));
  to->loop_.post([to, parcel, &from] {
    carry_in(*parcel, from, to->loop_);
    to->deliver(std::move(*parcel));
  });
}

void carry_out(RpcMessage& message, loop::Loop& from, loop::Loop& to) {
  for (RpcStream& stream : message.streams) {
    if (!stream.writable && stream.body.pipe) {
      stream.body.pipe = loop::bridge(std::move(stream.body.pipe), from, to);
    }
  }
}

void carry_in(RpcMessage& message, loop::Loop& from, loop::Loop& to) {
  for (RpcStream& stream : message.streams) {
    if (!stream.writable) continue;
    // The sender already reads its pipe: what is written here is bridged back to it.
    std::shared_ptr<loop::Pipe> sink = std::exchange(stream.body.pipe, loop::Pipe::create());
    std::shared_ptr<loop::Pipe> source = loop::bridge(stream.body.pipe, to, from);
    from.post([source = std::move(source), sink = std::move(sink)]() mutable {
      loop::join(std::move(source), std::move(sink));
    });
  }
}

}  // namespace selvage::worker
