#include "worker/socket_table.h"

#include <algorithm>
#include <utility>

#include "base/wall_clock.h"
#include "js/native.h"
#include "worker/object_table.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {
namespace {

/// Bytes of messages that have not reached the script: beyond, the peer is not read.
constexpr size_t kMostUndelivered = 1 << 20;
/// What a message costs beside its bytes.
constexpr size_t kPerMessage = 64;

}  // namespace

/// A message, a close or a failure on its way to the script.
class SocketEvent final : public Event {
 public:
  enum class Kind { text, binary, close, failure };

  SocketEvent(SocketTable& table, InvocationId invocation, int32_t socket, Kind kind,
              std::string_view data, uint16_t code = 0)
      : Event(invocation), table_(table), socket_(socket), kind_(kind), code_(code), data_(data) {}

  void deliver(WorkerIsolate& isolate) override {
    v8::Isolate* v8 = isolate.v8();
    v8::Local<v8::Value> arguments[4] = {v8::Integer::New(v8, socket_),
                                         {},
                                         v8::Integer::New(v8, static_cast<int32_t>(invocation()))};
    switch (kind_) {
      case Kind::text:
        arguments[1] = js::make_string(v8, data_);
        isolate.call_builtin(isolate.entries().socket_message, 3, arguments);
        break;
      case Kind::binary: {
        v8::Local<v8::ArrayBuffer> buffer;
        v8::TryCatch no_memory(v8);
        if (!js::make_array_buffer(v8, data_).ToLocal(&buffer)) {
          no_memory.Reset();
          table_.refuse(socket_);
          return;
        }
        arguments[1] = buffer;
        isolate.call_builtin(isolate.entries().socket_message, 3, arguments);
        break;
      }
      case Kind::close:
        arguments[1] = js::make_string(v8, data_);
        arguments[3] = v8::Integer::New(v8, code_);
        isolate.call_builtin(isolate.entries().socket_close, 4, arguments);
        break;
      case Kind::failure:
        arguments[1] = js::make_string(v8, data_);
        isolate.call_builtin(isolate.entries().socket_error, 3, arguments);
        break;
    }
  }
  void release(bool) override {
    table_.on_delivered(socket_, data_.size() + kPerMessage);
    delete this;
  }

 private:
  SocketTable& table_;
  int32_t socket_;
  Kind kind_;
  uint16_t code_;
  std::string data_;
};

class SocketTable::Entry final : public http::WebSocketListener {
 public:
  Entry(SocketTable& table, int32_t id, std::shared_ptr<http::WebSocketEndpoint> endpoint,
        InvocationId invocation)
      : endpoint(std::move(endpoint)), invocation(invocation), table_(table), id_(id) {}

  void on_message(bool text, std::string_view data) override {
    if (hibernatable && text && answer_by_itself(data)) return;
    emit(text ? SocketEvent::Kind::text : SocketEvent::Kind::binary, data);
  }
  void on_close(uint16_t code, std::string_view reason) override {
    peer_closed = true;
    emit(SocketEvent::Kind::close, reason, code);
    if (we_closed) end();
  }
  void on_failure(const Error& error) override {
    if (error.code == ErrorCode::aborted) {
      emit(SocketEvent::Kind::close, "WebSocket disconnected without sending Close frame.",
           http::kCloseAbnormal);
    } else {
      emit(SocketEvent::Kind::failure, error.message);
    }
    we_closed = true;
    end();
  }
  /// Nothing more will come. An object that has to be woken for that is still to be found.
  void end() {
    if (!hibernatable) table_.remove(id_);
  }

  /// Messages are listened for unless the script has too many already, or does not want any.
  void update_listening() {
    const bool listen = wanted && undelivered <= kMostUndelivered;
    if (listen == listening) return;
    listening = listen;
    endpoint->set_listener(listen ? this : nullptr);
  }

  std::shared_ptr<http::WebSocketEndpoint> endpoint;
  InvocationId invocation;  // 0 for a hibernatable socket: its object knows
  std::unique_ptr<HibernatableSocket> hibernatable;
  size_t undelivered = 0;  // bytes
  int32_t held = 0;        // messages that wait at the gate
  int32_t gate = -1;       // of which storage
  bool of_object = false;
  bool we_closed = false;
  bool peer_closed = false;
  bool wanted = true;
  bool listening = false;

 private:
  void emit(SocketEvent::Kind kind, std::string_view data, uint16_t code = 0) {
    const InvocationId owner = hibernatable ? hibernatable->object->life : invocation;
    // Each message is a piece of work of its own.
    if (Invocation* found = table_.isolate_.find(owner)) found->refill();
    undelivered += data.size() + kPerMessage;
    if (undelivered > kMostUndelivered) update_listening();
    table_.isolate_.enqueue(*new SocketEvent(table_, owner, id_, kind, data, code));
  }

  bool answer_by_itself(std::string_view message) {
    const auto& pair = hibernatable->object->auto_response;
    if (pair == nullptr || pair->request != message) return false;
    hibernatable->auto_response_time = static_cast<double>(wall_clock_ms());
    if (!we_closed) table_.send(id_, true, pair->response, gate);
    return true;
  }

  SocketTable& table_;
  int32_t id_;
};

SocketTable::SocketTable(WorkerIsolate& isolate) : isolate_(isolate) {}

SocketTable::~SocketTable() {
  *alive_ = false;
  for (auto& [id, entry] : entries_) {
    entry->endpoint->set_listener(nullptr);
    entry->endpoint->terminate();
  }
}

SocketTable::Entry* SocketTable::find(int32_t id) {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : found->second.get();
}

HibernatableSocket* SocketTable::hibernatable(int32_t id) {
  Entry* entry = find(id);
  return entry == nullptr ? nullptr : entry->hibernatable.get();
}

int32_t SocketTable::add(std::shared_ptr<http::WebSocketEndpoint> endpoint, InvocationId invocation,
                         bool reading) {
  const int32_t id = ++last_id_;
  auto& entry = entries_[id];
  entry = std::make_unique<Entry>(*this, id, std::move(endpoint), invocation);
  ++awake_;
  if (Invocation* owner = isolate_.find(invocation)) owner->hold();
  entry->wanted = reading;
  entry->update_listening();
  return id;
}

void SocketTable::assign(int32_t id, InvocationId life) {
  Entry* entry = find(id);
  if (entry == nullptr) return;
  entry->of_object = true;
  const InvocationId before = std::exchange(entry->invocation, life);
  if (Invocation* owner = isolate_.find(life)) owner->hold();
  if (Invocation* owner = isolate_.find(before)) {
    owner->unhold();
    isolate_.settle(*owner);
  }
}

void SocketTable::hibernate(int32_t id, SocketObject& object, std::vector<std::string> tags,
                            std::optional<std::string> attachment) {
  assign(id, 0);
  Entry* entry = find(id);
  if (entry == nullptr || entry->hibernatable) return;
  entry->hibernatable = std::make_unique<HibernatableSocket>(
      HibernatableSocket{&object, std::move(tags), std::move(attachment)});
  entry->hibernatable->closed = entry->we_closed;
  object.sockets.push_back(id);
  --awake_;
}

void SocketTable::leave_object(int32_t id) {
  Entry* entry = find(id);
  if (entry == nullptr || !entry->hibernatable) return;
  SocketObject& object = *entry->hibernatable->object;
  std::erase(object.sockets, id);
  entry->hibernatable.reset();
  ++awake_;
  assign(id, object.life);
  if (object.life == 0) hibernation_.forget_if_empty(object);
  if (entry->we_closed) remove(id);
}

// --- Sending, and the output gate -------------------------------------------------------------

void SocketTable::send(int32_t id, bool text, std::string_view data, int32_t storage) {
  Entry* entry = find(id);
  if (entry == nullptr || entry->we_closed) return;
  if (is_held(*entry, storage)) {
    hold(*entry, storage, {id, text, 0, std::string(data)});
  } else {
    entry->endpoint->send(text, data);
  }
}

void SocketTable::close(int32_t id, uint16_t code, std::string_view reason, int32_t storage) {
  Entry* entry = find(id);
  if (entry == nullptr || entry->we_closed) return;
  entry->we_closed = true;
  if (entry->hibernatable) entry->hibernatable->closed = true;
  if (is_held(*entry, storage)) {
    hold(*entry, storage, {id, true, code, std::string(reason)});
    return;
  }
  entry->endpoint->close(code, reason);
  if (entry->peer_closed) entry->end();
}

bool SocketTable::is_held(Entry& entry, int32_t storage) {
  return entry.held > 0 || (storage >= 0 && isolate_.objects().pending_commit(storage) != 0);
}

void SocketTable::hold(Entry& entry, int32_t storage, Held held) {
  if (entry.held > 0) storage = entry.gate;  // behind what it sent before
  Gate& gate = gates_[storage];
  uint64_t commit = isolate_.objects().pending_commit(storage);
  if (commit == 0 && !gate.empty()) commit = gate.back().commit;
  ++entry.held;
  entry.gate = storage;
  if (!gate.empty() && gate.back().commit == commit) {
    gate.back().held.push_back(std::move(held));
    return;
  }
  gate.push_back({commit, {}});
  gate.back().held.push_back(std::move(held));
  isolate_.objects().when_durable(storage, [this, storage, alive = alive_](const Status& status) {
    if (*alive) open_gate(storage, status);
  });
}

// The oldest batch may go. Callbacks come in the order in which they were registered.
void SocketTable::open_gate(int32_t storage, const Status& status) {
  const auto found = gates_.find(storage);
  if (found == gates_.end()) return;
  Batch batch = std::move(found->second.front());
  found->second.pop_front();
  if (found->second.empty()) gates_.erase(found);
  for (Held& held : batch.held) {
    if (status) {
      release(held);
    } else if (Entry* entry = find(held.socket)) {
      const auto endpoint = entry->endpoint;
      entry->on_failure(Error{ErrorCode::aborted, "its object's writes were lost", ""});
      endpoint->terminate();
    }
  }
}

void SocketTable::release(Held& held) {
  Entry* entry = find(held.socket);
  if (entry == nullptr) return;
  --entry->held;
  if (held.code == 0) {
    entry->endpoint->send(held.text, held.data);
    return;
  }
  entry->endpoint->close(held.code, held.data);
  if (entry->peer_closed) entry->end();
}

// --- Receiving --------------------------------------------------------------------------------

void SocketTable::set_reading(int32_t id, bool reading) {
  if (Entry* entry = find(id)) {
    entry->wanted = reading;
    entry->update_listening();
  }
}

void SocketTable::refuse(int32_t id) {
  Entry* entry = find(id);
  if (entry == nullptr || entry->we_closed) return;
  const auto endpoint = entry->endpoint;
  entry->on_failure(
      Error{ErrorCode::limit_exceeded, "a message is larger than the memory that is left", ""});
  endpoint->close(http::kCloseMessageTooBig, "there is no memory for the message");
}

void SocketTable::on_delivered(int32_t id, size_t bytes) {
  if (Entry* entry = find(id)) {
    entry->undelivered -= bytes;
    entry->update_listening();
  }
}

// --- The end ----------------------------------------------------------------------------------

void SocketTable::remove(int32_t id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  Entry& entry = *found->second;
  entry.endpoint->set_listener(nullptr);
  const InvocationId owner = entry.invocation;
  if (entry.hibernatable) {
    SocketObject& object = *entry.hibernatable->object;
    std::erase(object.sockets, id);
    if (object.life == 0) hibernation_.forget_if_empty(object);
  } else {
    --awake_;
  }
  // Not now: the listener may be the caller.
  isolate_.host().loop.defer([entry = std::move(found->second)] {});
  entries_.erase(found);
  if (Invocation* invocation = isolate_.find(owner)) {
    invocation->unhold();
    isolate_.settle(*invocation);
  }
}

void SocketTable::drop(int32_t id) {
  if (Entry* entry = find(id)) {
    const auto endpoint = entry->endpoint;
    remove(id);
    endpoint->terminate();
  }
}

std::shared_ptr<http::WebSocketEndpoint> SocketTable::take(int32_t id) {
  Entry* entry = find(id);
  if (entry == nullptr) return nullptr;
  std::shared_ptr<http::WebSocketEndpoint> endpoint = entry->endpoint;
  remove(id);
  return endpoint;
}

void SocketTable::close_of(InvocationId invocation, uint16_t code, std::string_view reason) {
  std::vector<int32_t> ids;
  for (const auto& [id, entry] : entries_) {
    const InvocationId owner =
        entry->hibernatable ? entry->hibernatable->object->life : entry->invocation;
    if (owner == invocation) ids.push_back(id);
  }
  for (int32_t id : ids) {
    const auto endpoint = entries_.at(id)->endpoint;
    remove(id);
    endpoint->close(code, reason);
  }
}

void SocketTable::drop_object(InvocationId life, SocketObject* object) {
  std::vector<int32_t> ids;
  if (object != nullptr) {
    ids = object->sockets;
    object->life = 0;
  }
  for (const auto& [id, entry] : entries_) {
    if (entry->of_object && !entry->hibernatable && entry->invocation == life) ids.push_back(id);
  }
  for (int32_t id : ids) drop(id);
  if (object != nullptr && ids.empty()) hibernation_.forget_if_empty(*object);
}

void SocketTable::drop_objects() {
  std::vector<int32_t> ids;
  for (const auto& [id, entry] : entries_) {
    if (entry->of_object) ids.push_back(id);
  }
  for (int32_t id : ids) drop(id);
}

}  // namespace selvage::worker
