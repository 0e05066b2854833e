// WebSockets that lead out of the isolate.
#include "worker/natives.h"
#include "worker/socket_table.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {
namespace {

using js::Arguments;

int32_t number_of(v8::Local<v8::Value> value) { return value.As<v8::Int32>()->Value(); }

/// Strings of messages are written here, so that none needs memory of its own.
std::string& text_buffer() {
  thread_local std::string buffer;
  return buffer;
}

/// The UTF-8 of a message. Valid until the next one on this thread.
std::string_view message_text(v8::Isolate* v8, v8::Local<v8::String> text) {
  constexpr size_t kKept = 64 << 10;
  std::string& buffer = text_buffer();
  if (buffer.size() > kKept) {
    buffer.resize(kKept);
    buffer.shrink_to_fit();
  }
  const auto length = static_cast<size_t>(text->Length());
  const size_t bytes = text->Utf8LengthV2(v8);
  if (buffer.size() < bytes) buffer.resize(bytes);
  if (bytes == length) {
    text->WriteOneByteV2(v8, 0, static_cast<uint32_t>(length),
                         reinterpret_cast<uint8_t*>(buffer.data()));
  } else {
    text->WriteUtf8V2(v8, buffer.data(), bytes, v8::String::WriteFlags::kReplaceInvalidUtf8);
  }
  return {buffer.data(), bytes};
}

// socketSend(socket, string | bytes, storage)
void socket_send(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const int32_t id = number_of(info[0]);
  const int32_t storage = number_of(info[2]);
  if (info[1]->IsString()) {
    const std::string_view text = message_text(info.GetIsolate(), info[1].As<v8::String>());
    loop::NativeSection native(isolate.host().loop);
    isolate.sockets().send(id, true, text, storage);
  } else {
    loop::NativeSection native(isolate.host().loop);
    isolate.sockets().send(id, false, js::view_of(js::bytes_of(info[1])), storage);
  }
}

// socketClose(socket, code, reason, storage)
void socket_close(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const std::string reason = js::to_utf8(info.GetIsolate(), info[2]);
  loop::NativeSection native(isolate.host().loop);
  isolate.sockets().close(number_of(info[0]), static_cast<uint16_t>(number_of(info[1])), reason,
                          number_of(info[3]));
}

// socketReading(socket, reading)
void socket_reading(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  isolate.sockets().set_reading(number_of(info[0]), info[1]->IsTrue());
}

// socketAssign(socket, life)
void socket_assign(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  isolate.sockets().assign(number_of(info[0]), static_cast<InvocationId>(number_of(info[1])));
}

// --- Hibernation ------------------------------------------------------------------------------

ObjectName read_object(v8::Isolate* v8, const Arguments& info, int at) {
  return {js::to_utf8(v8, info[at]), js::to_latin1(v8, info[at + 1]),
          js::to_utf8(v8, info[at + 2])};
}

// socketHibernate(socket, className, id, name, tags, attachment | undefined)
void socket_hibernate(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  std::vector<std::string> tags;
  v8::Local<v8::Array> list = info[4].As<v8::Array>();
  for (uint32_t i = 0; i < list->Length(); ++i) {
    v8::Local<v8::Value> tag;
    if (!list->Get(isolate.context(), i).ToLocal(&tag)) return;
    tags.push_back(js::to_utf8(v8, tag));
  }
  std::optional<std::string> attachment;
  if (!info[5]->IsUndefined()) attachment.emplace(js::view_of(js::bytes_of(info[5])));
  const ObjectName name = read_object(v8, info, 1);
  loop::NativeSection native(isolate.host().loop);
  SocketTable& sockets = isolate.sockets();
  sockets.hibernate(number_of(info[0]), sockets.hibernation().find_or_add(name), std::move(tags),
                    std::move(attachment));
}

// socketObject(socket): [className, id, name] of the object whose hibernatable socket it is
void socket_object(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  ObjectName name;
  {
    loop::NativeSection native(isolate.host().loop);
    const HibernatableSocket* socket = isolate.sockets().hibernatable(number_of(info[0]));
    if (socket == nullptr) return;
    name = socket->object->object;
  }
  v8::Local<v8::Value> parts[] = {js::make_string(v8, name.class_name),
                                  js::make_latin1(v8, name.id), js::make_string(v8, name.name)};
  info.GetReturnValue().Set(v8::Array::New(v8, parts, 3));
}

// socketLeave(socket)
void socket_leave(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  isolate.sockets().leave_object(number_of(info[0]));
}

// socketState(socket): [tags, attachment | undefined, time of the last automatic answer or -1,
// closed by the object]
void socket_state(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  loop::NativeSection native(isolate.host().loop);
  const HibernatableSocket* socket = isolate.sockets().hibernatable(number_of(info[0]));
  if (socket == nullptr) return;
  std::vector<v8::Local<v8::Value>> tags;
  tags.reserve(socket->tags.size());
  for (const std::string& tag : socket->tags) tags.push_back(js::make_string(v8, tag));
  v8::Local<v8::Value> parts[] = {v8::Array::New(v8, tags.data(), tags.size()), v8::Undefined(v8),
                                  v8::Number::New(v8, socket->auto_response_time),
                                  v8::Boolean::New(v8, socket->closed)};
  v8::Local<v8::Uint8Array> attachment;
  if (socket->attachment && js::make_uint8_array(v8, *socket->attachment).ToLocal(&attachment)) {
    parts[1] = attachment;
  }
  info.GetReturnValue().Set(v8::Array::New(v8, parts, 4));
}

// socketAttach(socket, bytes)
void socket_attach(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  if (HibernatableSocket* socket = isolate.sockets().hibernatable(number_of(info[0]))) {
    socket->attachment.emplace(js::view_of(js::bytes_of(info[1])));
  }
}

// objectSockets(className, id, life): the numbers of its hibernatable sockets, oldest first. It is
// awake, and its events belong to `life`; 0: it is no longer.
void object_sockets(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  const std::string class_name = js::to_utf8(v8, info[0]);
  const std::string id = js::to_latin1(v8, info[1]);
  std::vector<v8::Local<v8::Value>> numbers;
  {
    loop::NativeSection native(isolate.host().loop);
    HibernationTable& hibernation = isolate.sockets().hibernation();
    if (SocketObject* object = hibernation.find(class_name, id)) {
      object->life = static_cast<InvocationId>(number_of(info[2]));
      numbers.reserve(object->sockets.size());
      for (int32_t number : object->sockets) numbers.push_back(v8::Integer::New(v8, number));
      if (object->life == 0) hibernation.forget_if_empty(*object);
    }
  }
  info.GetReturnValue().Set(v8::Array::New(v8, numbers.data(), numbers.size()));
}

// objectSocketsAwake(className, id, name, life)
void object_sockets_awake(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const ObjectName name = read_object(info.GetIsolate(), info, 0);
  loop::NativeSection native(isolate.host().loop);
  isolate.sockets().hibernation().find_or_add(name).life =
      static_cast<InvocationId>(number_of(info[3]));
}

// objectSocketsDrop(className, id, life): the object was reset
void object_sockets_drop(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const std::string class_name = js::to_utf8(info.GetIsolate(), info[0]);
  const std::string id = js::to_latin1(info.GetIsolate(), info[1]);
  loop::NativeSection native(isolate.host().loop);
  SocketTable& sockets = isolate.sockets();
  sockets.drop_object(static_cast<InvocationId>(number_of(info[2])),
                      sockets.hibernation().find(class_name, id));
}

// objectAutoResponse(className, id, request | undefined, response)
void object_auto_response(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  const std::string class_name = js::to_utf8(v8, info[0]);
  const std::string id = js::to_latin1(v8, info[1]);
  std::unique_ptr<SocketObject::AutoResponse> pair;
  if (info[2]->IsString()) {
    pair = std::make_unique<SocketObject::AutoResponse>(
        SocketObject::AutoResponse{js::to_utf8(v8, info[2]), js::to_utf8(v8, info[3])});
  }
  loop::NativeSection native(isolate.host().loop);
  if (SocketObject* object = isolate.sockets().hibernation().find(class_name, id)) {
    object->auto_response = std::move(pair);
  }
}

// objectEventTimeout(className, id, milliseconds)
void object_event_timeout(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const std::string class_name = js::to_utf8(info.GetIsolate(), info[0]);
  const std::string id = js::to_latin1(info.GetIsolate(), info[1]);
  loop::NativeSection native(isolate.host().loop);
  if (SocketObject* object = isolate.sockets().hibernation().find(class_name, id)) {
    object->event_timeout_ms = static_cast<uint32_t>(number_of(info[2]));
  }
}

// objectSocketSettings(className, id): [request, response, event timeout]; "" and 0 when not set
void object_socket_settings(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  const std::string class_name = js::to_utf8(v8, info[0]);
  const std::string id = js::to_latin1(v8, info[1]);
  loop::NativeSection native(isolate.host().loop);
  const SocketObject* object = isolate.sockets().hibernation().find(class_name, id);
  if (object == nullptr) return;
  v8::Local<v8::Value> parts[] = {v8::Undefined(v8), v8::Undefined(v8),
                                  v8::Integer::NewFromUnsigned(v8, object->event_timeout_ms)};
  if (object->auto_response) {
    parts[0] = js::make_string(v8, object->auto_response->request);
    parts[1] = js::make_string(v8, object->auto_response->response);
  }
  info.GetReturnValue().Set(v8::Array::New(v8, parts, 3));
}

constexpr js::Native kTable[] = {
    {"socketSend", socket_send},
    {"socketClose", socket_close},
    {"socketReading", socket_reading},
    {"socketAssign", socket_assign},
    {"socketHibernate", socket_hibernate},
    {"socketObject", socket_object},
    {"socketLeave", socket_leave},
    {"socketState", socket_state},
    {"socketAttach", socket_attach},
    {"objectSockets", object_sockets},
    {"objectSocketsAwake", object_sockets_awake},
    {"objectSocketsDrop", object_sockets_drop},
    {"objectAutoResponse", object_auto_response},
    {"objectEventTimeout", object_event_timeout},
    {"objectSocketSettings", object_socket_settings},
};

}  // namespace

const std::span<const js::Native> kSocketNatives = kTable;

}  // namespace selvage::worker
