#include "worker/socket_table.h"

#include <string>
#include <vector>

#include "js/native.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {
namespace {

/// A message, a close or a failure on its way to the script.
class SocketEvent final : public Event {
 public:
  enum class Kind { text, binary, close, failure };

  SocketEvent(InvocationId invocation, int32_t socket, Kind kind, std::string_view data,
              uint16_t code = 0)
      : Event(invocation), socket_(socket), kind_(kind), code_(code), data_(data) {}

  void deliver(WorkerIsolate& isolate) override {
    v8::Isolate* v8 = isolate.v8();
    v8::Local<v8::Value> arguments[3] = {v8::Integer::New(v8, socket_)};
    switch (kind_) {
      case Kind::text:
        arguments[1] = js::make_string(v8, data_);
        isolate.call_builtin(isolate.entries().socket_message, 2, arguments);
        break;
      case Kind::binary: {
        v8::Local<v8::ArrayBuffer> buffer;
        if (!js::make_array_buffer(v8, data_).ToLocal(&buffer)) return;
        arguments[1] = buffer;
        isolate.call_builtin(isolate.entries().socket_message, 2, arguments);
        break;
      }
      case Kind::close:
        arguments[1] = v8::Integer::New(v8, code_);
        arguments[2] = js::make_string(v8, data_);
        isolate.call_builtin(isolate.entries().socket_close, 3, arguments);
        break;
      case Kind::failure:
        arguments[1] = js::make_string(v8, data_);
        isolate.call_builtin(isolate.entries().socket_error, 2, arguments);
        break;
    }
  }

 private:
  int32_t socket_;
  Kind kind_;
  uint16_t code_;
  std::string data_;
};

}  // namespace

class SocketTable::Entry final : public http::WebSocketListener {
 public:
  Entry(SocketTable& table, int32_t id, std::shared_ptr<http::WebSocketEndpoint> endpoint,
        InvocationId invocation)
      : endpoint(std::move(endpoint)), invocation(invocation), table_(table), id_(id) {}

  void on_message(bool text, std::string_view data) override {
    emit(text ? SocketEvent::Kind::text : SocketEvent::Kind::binary, data);
  }
  void on_close(uint16_t code, std::string_view reason) override {
    peer_closed = true;
    emit(SocketEvent::Kind::close, reason, code);
    if (we_closed) table_.remove(id_);
  }
  void on_failure(const Error& error) override {
    emit(SocketEvent::Kind::failure, error.message);
    table_.remove(id_);
  }

  std::shared_ptr<http::WebSocketEndpoint> endpoint;
  InvocationId invocation;
  bool we_closed = false;
  bool peer_closed = false;

 private:
  void emit(SocketEvent::Kind kind, std::string_view data, uint16_t code = 0) {
    table_.isolate_.enqueue(*new SocketEvent(invocation, id_, kind, data, code));
  }

  SocketTable& table_;
  int32_t id_;
};

SocketTable::SocketTable(WorkerIsolate& isolate) : isolate_(isolate) {}

SocketTable::~SocketTable() {
  for (auto& [id, entry] : entries_) {
    entry->endpoint->set_listener(nullptr);
    entry->endpoint->terminate();
  }
}

int32_t SocketTable::add(std::shared_ptr<http::WebSocketEndpoint> endpoint,
                         InvocationId invocation) {
  const int32_t id = ++last_id_;
  auto& entry = entries_[id];
  entry = std::make_unique<Entry>(*this, id, std::move(endpoint), invocation);
  if (Invocation* owner = isolate_.find(invocation)) owner->hold();
  entry->endpoint->set_listener(entry.get());
  return id;
}

void SocketTable::send(int32_t id, bool text, std::string_view data) {
  const auto found = entries_.find(id);
  if (found != entries_.end()) found->second->endpoint->send(text, data);
}

void SocketTable::close(int32_t id, uint16_t code, std::string_view reason) {
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second->we_closed) return;
  found->second->we_closed = true;
  found->second->endpoint->close(code, reason);
  if (found->second->peer_closed) remove(id);
}

void SocketTable::remove(int32_t id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  found->second->endpoint->set_listener(nullptr);
  const InvocationId owner = found->second->invocation;
  // Not now: the listener may be the caller.
  isolate_.host().loop.defer([entry = std::move(found->second)] {});
  entries_.erase(found);
  if (Invocation* invocation = isolate_.find(owner)) {
    invocation->unhold();
    isolate_.settle(*invocation);
  }
}

std::shared_ptr<http::WebSocketEndpoint> SocketTable::take(int32_t id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return nullptr;
  std::shared_ptr<http::WebSocketEndpoint> endpoint = found->second->endpoint;
  remove(id);
  return endpoint;
}

void SocketTable::close_of(InvocationId invocation, uint16_t code, std::string_view reason) {
  std::vector<int32_t> ids;
  for (const auto& [id, entry] : entries_) {
    if (entry->invocation == invocation) ids.push_back(id);
  }
  for (int32_t id : ids) {
    entries_.at(id)->endpoint->close(code, reason);
    remove(id);
  }
}

}  // namespace selvage::worker
