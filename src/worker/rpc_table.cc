#include "worker/rpc_table.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "js/native.h"
#include "worker/body_table.h"
#include "worker/outgoing_table.h"
#include "worker/record_table.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {
namespace {

v8::Local<v8::Value> to_array(v8::Isolate* v8, const std::vector<int32_t>& numbers) {
  std::vector<v8::Local<v8::Value>> values;
  values.reserve(numbers.size());
  for (int32_t number : numbers) values.push_back(v8::Integer::New(v8, number));
  return v8::Array::New(v8, values.data(), values.size());
}

/// What a session's first message calls: "method", or "object.method".
std::string method_of(const std::string& header) {
  const auto message = nlohmann::json::parse(header, nullptr, false);
  constexpr size_t kPath = 3;  // as in rpc_entry.ts
  std::string method;
  if (!message.is_array() || message.size() <= kPath || !message[kPath].is_array()) return method;
  for (const auto& part : message[kPath]) {
    if (part.is_string()) method.append(method.empty() ? "" : ".").append(part.get<std::string>());
  }
  return method;
}

/// The builtins know which critical section of an object a message belongs to (rpc_session.ts): its
/// native gate lets all of them in.
constexpr SectionId kAlwaysAdmitted = std::numeric_limits<SectionId>::max();

/// A message on its way to the builtins.
class Arrival final : public Event {
 public:
  Arrival(WorkerIsolate& isolate, int32_t port, InvocationId owner, RpcMessage message,
          std::unique_ptr<Target> target)
      : Event(owner, kAlwaysAdmitted),
        isolate_(isolate),
        port_(port),
        message_(std::move(message)),
        target_(std::move(target)) {}

  void deliver(WorkerIsolate& isolate) override {
    v8::Isolate* v8 = isolate.v8();
    set_async_context(v8, {invocation(), 0});
    v8::Local<v8::Value> arguments[7];
    int32_t caller = 0;
    arguments[0] = v8::Integer::New(v8, port_);
    {
      loop::NativeSection native(isolate.host().loop);
      if (!isolate.rpc().open(port_)) {
        discard(message_, "the other side of this call is gone");
        return;
      }
      arguments[3] = to_array(v8, isolate.rpc().take_streams(port_, message_));
      if (target_ && target_->caller && !target_->object_class.empty()) {
        caller = isolate.records().keep_caller(*target_->caller);
      }
    }
    arguments[1] = js::make_string(v8, message_.header);
    arguments[2] = v8::Undefined(v8);
    if (message_.payload) {
      v8::TryCatch caught(v8);
      v8::Local<v8::ArrayBuffer> payload;
      if (js::make_array_buffer(v8, *message_.payload).ToLocal(&payload)) {
        arguments[2] = payload;
      } else {
        // The end closes, and whoever waits for the message hears why.
        const RpcMessage close = rpc_close_message("Worker exceeded its memory limit.");
        arguments[1] = js::make_string(v8, close.header);
        target_.reset();
      }
      message_.payload.reset();
    }
    if (!target_) {
      isolate.call_builtin(isolate.entries().rpc_message, 4, arguments);
      return;
    }
    v8::Local<v8::Value> parts[] = {
        js::make_string(v8, target_->entrypoint), js::make_string(v8, target_->object_class),
        js::make_string(v8, target_->object_id), js::make_string(v8, target_->object_name),
        js::make_string(v8, target_->props)};
    arguments[4] = v8::Array::New(v8, parts, 5);
    arguments[5] = v8::Integer::New(v8, static_cast<int32_t>(invocation()));
    arguments[6] = v8::Integer::New(v8, caller);
    isolate.call_builtin(isolate.entries().rpc_accept, 7, arguments);
  }

  void release(bool dropped) override {
    if (dropped) {
      discard(message_, "the worker could not start");
      isolate_.rpc().end_of_port(port_, "The worker \"" + isolate_.worker().name() +
                                            "\" could not start, or was stopped.");
    }
    delete this;
  }

 private:
  WorkerIsolate& isolate_;
  int32_t port_;
  RpcMessage message_;
  std::unique_ptr<Target> target_;
};

}  // namespace

/// Tells the builtins of ends that were closed without them.
class RpcTable::Notice final : public Event {
 public:
  explicit Notice(std::vector<int32_t> ports) : Event(0), ports_(std::move(ports)) {}
  void deliver(WorkerIsolate& isolate) override {
    v8::Local<v8::Value> ports = to_array(isolate.v8(), ports_);
    isolate.call_builtin(isolate.entries().rpc_closed, 1, &ports);
  }

 private:
  std::vector<int32_t> ports_;
};

RpcTable::~RpcTable() { close_all("The worker was stopped."); }

int32_t RpcTable::add(InvocationId owner, std::shared_ptr<RpcMailbox> mine,
                      std::shared_ptr<RpcMailbox> peer) {
  const int32_t port = ++last_port_;
  mine->bind(*this, port);
  Port& entry = ports_[port];
  entry.owner = owner;
  entry.mine = std::move(mine);
  entry.peer = std::move(peer);
  owned_[owner].push_back(port);
  return port;
}

void RpcTable::adopt(int32_t port, InvocationId owner) {
  const auto found = ports_.find(port);
  if (found == ports_.end()) return;
  disown(found->second.owner, port);
  found->second.owner = owner;
  owned_[owner].push_back(port);
  for (int32_t body : std::exchange(found->second.bodies, {})) {
    isolate_.bodies().reassign(body, owner);
  }
  for (int32_t pipe : std::exchange(found->second.pipes, {})) {
    isolate_.outgoing().reassign(pipe, owner);
  }
}

void RpcTable::disown(InvocationId owner, int32_t port) {
  std::vector<int32_t>& siblings = owned_.at(owner);
  std::erase(siblings, port);
  if (siblings.empty()) owned_.erase(owner);
}

void RpcTable::connect(int32_t port, std::shared_ptr<RpcMailbox> peer) {
  ports_.at(port).peer = std::move(peer);
}

void RpcTable::accept(std::unique_ptr<Target> target, std::shared_ptr<RpcMailbox> mine,
                      std::shared_ptr<RpcMailbox> peer, RpcMessage first) {
  loop::Loop& loop = isolate_.host().loop;
  InvocationId owner = 0;
  if (target->object_class.empty()) {
    owner =
        isolate_.begin_call("RPC call of entrypoint \"" +
                            (target->entrypoint.empty() ? "default" : target->entrypoint) + "\"");
    if (owner == 0) {
      discard(first, "too many calls in flight");
      RpcMailbox::send(peer, loop,
                       rpc_close_message("Too many requests are in flight. Try again later."));
      return;
    }
  }
  if (owner != 0 && isolate_.records().wants_events()) {
    if (Invocation* session = isolate_.find(owner)) {
      isolate_.records().begin_rpc(*session, method_of(first.header), target->entrypoint,
                                   target->caller.get());
    }
  }
  const int32_t port = add(owner, std::move(mine), std::move(peer));
  isolate_.enqueue(*new Arrival(isolate_, port, owner, std::move(first), std::move(target)));
}

void RpcTable::send(int32_t port, RpcMessage message) {
  const auto found = ports_.find(port);
  if (found == ports_.end()) {
    discard(message, "the other side of this call is gone");
    return;
  }
  RpcMailbox::send(found->second.peer, isolate_.host().loop, std::move(message));
}

void RpcTable::receive(int32_t port, RpcMessage message) {
  const auto found = ports_.find(port);
  if (found == ports_.end()) {
    discard(message, "the other side of this call is gone");
    return;
  }
  isolate_.enqueue(*new Arrival(isolate_, port, found->second.owner, std::move(message), nullptr));
}

void RpcTable::close(int32_t port, std::string_view reason) {
  const auto found = ports_.find(port);
  if (found == ports_.end()) return;
  const Port entry = found->second;
  disown(entry.owner, port);
  ports_.erase(found);
  entry.mine->unbind();
  if (entry.peer) {
    RpcMailbox::send(entry.peer, isolate_.host().loop, rpc_close_message(reason));
  }
}

std::vector<int32_t> RpcTable::take_streams(int32_t port, RpcMessage& message) {
  Port& entry = ports_.at(port);
  std::vector<int32_t> ids;
  for (RpcStream& stream : std::exchange(message.streams, {})) {
    ids.push_back(stream.writable
                      ? isolate_.outgoing().adopt(entry.owner, std::move(stream.body.pipe))
                      : isolate_.bodies().add(std::move(stream.body), entry.owner));
    if (entry.owner == 0) (stream.writable ? entry.pipes : entry.bodies).push_back(ids.back());
  }
  return ids;
}

InvocationId RpcTable::owner(int32_t port) const {
  const auto found = ports_.find(port);
  return found == ports_.end() ? 0 : found->second.owner;
}

void RpcTable::end_of_port(int32_t port, std::string_view reason) {
  if (open(port)) close_with_notice({port}, reason);
}

void RpcTable::end_of(InvocationId invocation, std::string_view reason) {
  const auto found = owned_.find(invocation);
  if (found == owned_.end()) return;
  isolate_.outgoing().break_of(
      invocation, Error{ErrorCode::aborted,
                        "WritableStream received over RPC was disconnected because the remote "
                        "execution context has ended.",
                        ""});
  close_with_notice(std::vector<int32_t>(found->second), reason);
}

void RpcTable::end_of_objects(std::string_view reason) {
  std::vector<int32_t> ports;
  for (const auto& [owner, owned] : owned_) {
    const Invocation* invocation = isolate_.find(owner);
    if (owner != 0 && (invocation == nullptr || !invocation->object())) continue;
    ports.insert(ports.end(), owned.begin(), owned.end());
  }
  if (!ports.empty()) close_with_notice(ports, reason);
}

void RpcTable::close_all(std::string_view reason) {
  while (!ports_.empty()) close(ports_.begin()->first, reason);
}

void RpcTable::close_with_notice(const std::vector<int32_t>& ports, std::string_view reason) {
  for (int32_t port : ports) close(port, reason);
  if (isolate_.loaded()) isolate_.enqueue(*new Notice(ports));
}

}  // namespace selvage::worker
