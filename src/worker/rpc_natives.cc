// RPC: values as bytes, and the ports that sessions send them through.
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "worker/body_table.h"
#include "worker/natives.h"
#include "worker/outgoing_table.h"
#include "worker/rpc_table.h"
#include "worker/subrequest_span.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {
namespace {

using js::Arguments;

/// workerd's limit for a serialized message.
constexpr size_t kMaximumMessageBytes = 32ull << 20;

constexpr std::string_view kDataCloneError = "DataCloneError";

v8::MaybeLocal<v8::Value> call_hook(v8::Isolate* isolate, v8::Local<v8::Object> hooks,
                                    std::string_view name,
                                    std::span<v8::Local<v8::Value>> arguments) {
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  v8::Local<v8::Value> function;
  if (!hooks->Get(context, js::make_symbol(isolate, name)).ToLocal(&function)) return {};
  return function.As<v8::Function>()->Call(context, v8::Undefined(isolate),
                                           static_cast<int>(arguments.size()), arguments.data());
}

/// Objects with an unusual prototype are shown to rpc_values.ts, which has put objects of its own
/// in the place of everything that can travel; others are refused.
class Writer final : public v8::ValueSerializer::Delegate {
 public:
  Writer(v8::Isolate* isolate, v8::Local<v8::Object> hooks)
      : hooks_(hooks),
        object_prototype_(v8::Object::New(isolate)->GetPrototypeV2()),
        serializer_(isolate, this) {}

  v8::ValueSerializer& serializer() { return serializer_; }

  void ThrowDataCloneError(v8::Local<v8::String> message) override {
    v8::Isolate* isolate = v8::Isolate::GetCurrent();
    js::throw_dom_exception(isolate, js::to_utf8(isolate, message), kDataCloneError);
  }

  bool HasCustomHostObject(v8::Isolate*) override { return true; }

  v8::Maybe<bool> IsHostObject(v8::Isolate*, v8::Local<v8::Object> object) override {
    return v8::Just(object->GetPrototypeV2() != object_prototype_);
  }

  v8::Maybe<bool> WriteHostObject(v8::Isolate* isolate, v8::Local<v8::Object> object) override {
    v8::Local<v8::Value> arguments[] = {object};
    v8::Local<v8::Value> content;
    if (!call_hook(isolate, hooks_, "write", arguments).ToLocal(&content)) {
      return v8::Nothing<bool>();
    }
    if (content->IsUndefined()) {
      js::throw_dom_exception(isolate,
                              "Could not serialize object of type \"" +
                                  js::to_utf8(isolate, object->GetConstructorName()) +
                                  "\". This type does not support serialization.",
                              kDataCloneError);
      return v8::Nothing<bool>();
    }
    return serializer_.WriteValue(isolate->GetCurrentContext(), content);
  }

 private:
  v8::Local<v8::Object> hooks_;
  v8::Local<v8::Value> object_prototype_;
  v8::ValueSerializer serializer_;
};

class Reader final : public v8::ValueDeserializer::Delegate {
 public:
  Reader(v8::Isolate* isolate, v8::Local<v8::Object> hooks, std::span<const uint8_t> bytes)
      : hooks_(hooks), deserializer_(isolate, bytes.data(), bytes.size(), this) {}

  v8::ValueDeserializer& deserializer() { return deserializer_; }

  v8::MaybeLocal<v8::Object> ReadHostObject(v8::Isolate* isolate) override {
    v8::Local<v8::Value> arguments[1];
    if (!deserializer_.ReadValue(isolate->GetCurrentContext()).ToLocal(&arguments[0])) return {};
    // V8 forbids scripts while it reads. The hook is ours, and runs nothing of the user's.
    const v8::Isolate::AllowJavascriptExecutionScope allow(isolate);
    v8::Local<v8::Value> object;
    if (!call_hook(isolate, hooks_, "read", arguments).ToLocal(&object) || !object->IsObject()) {
      return {};
    }
    return object.As<v8::Object>();
  }

 private:
  v8::Local<v8::Object> hooks_;
  v8::ValueDeserializer deserializer_;
};

// rpcSerialize(value, hooks): an ArrayBuffer
void rpc_serialize(const Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  Writer writer(isolate, info[1].As<v8::Object>());
  v8::ValueSerializer& serializer = writer.serializer();
  serializer.WriteHeader();
  if (!serializer.WriteValue(isolate->GetCurrentContext(), info[0]).FromMaybe(false)) return;
  const auto [data, size] = serializer.Release();
  const std::unique_ptr<uint8_t, decltype(&free)> owned(data, &free);
  if (size > kMaximumMessageBytes) {
    js::throw_error(isolate,
                    "Serialized RPC arguments or return values are limited to 32MiB, but the size "
                    "of this value was: " +
                        std::to_string(size) + " bytes.");
    return;
  }
  v8::Local<v8::ArrayBuffer> buffer;
  if (js::make_array_buffer(isolate, {reinterpret_cast<const char*>(data), size})
          .ToLocal(&buffer)) {
    info.GetReturnValue().Set(buffer);
  }
}

// rpcDeserialize(buffer, hooks): the value
void rpc_deserialize(const Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  Reader reader(isolate, info[1].As<v8::Object>(), js::bytes_of(info[0]));
  v8::ValueDeserializer& deserializer = reader.deserializer();
  if (!deserializer.ReadHeader(context).FromMaybe(false)) return;
  v8::Local<v8::Value> value;
  if (deserializer.ReadValue(context).ToLocal(&value)) info.GetReturnValue().Set(value);
}

// --- Ports -----------------------------------------------------------------------------------

/// Arguments [at...]: header, payload or undefined, streams or undefined. `numbers` gets, for each
/// stream, under which number the script writes it or (of a writable one) reads it; else -1.
RpcMessage read_message(WorkerIsolate& isolate, const Arguments& info, int at, InvocationId owner,
                        std::vector<int32_t>& numbers) {
  v8::Isolate* v8 = info.GetIsolate();
  RpcMessage message;
  message.header = js::to_utf8(v8, info[at]);
  if (info[at + 1]->IsArrayBuffer()) {
    message.payload = std::string(js::view_of(js::bytes_of(info[at + 1])));
  }
  if (!info[at + 2]->IsArray()) return message;
  const v8::Local<v8::Array> streams = info[at + 2].As<v8::Array>();
  const v8::Local<v8::Context> context = isolate.context();
  for (uint32_t i = 0; i < streams->Length(); ++i) {
    const v8::Local<v8::Value> source = streams->Get(context, i).ToLocalChecked();
    RpcStream stream;
    int32_t number = -1;
    if (source->IsNumber()) {
      stream.body = isolate.bodies().take(source.As<v8::Int32>()->Value());
    } else if (source->IsArrayBufferView()) {
      stream.body = http::Body::of(std::string(js::view_of(js::bytes_of(source))));
    } else if (source->IsArray()) {  // [announced length or -1]: the script writes it
      const auto length = static_cast<int64_t>(
          source.As<v8::Array>()->Get(context, 0).ToLocalChecked().As<v8::Number>()->Value());
      std::shared_ptr<loop::Pipe> pipe;
      number = isolate.outgoing().open(owner, false, pipe);
      stream.body =
          http::Body::of(std::move(pipe),
                         length < 0 ? std::nullopt : std::optional(static_cast<uint64_t>(length)));
    } else {  // null: a WritableStream
      stream.writable = true;
      stream.body = http::Body::of(loop::Pipe::create());
      number = isolate.bodies().add(http::Body::of(stream.body.pipe), owner);
    }
    numbers.push_back(number);
    message.streams.push_back(std::move(stream));
  }
  return message;
}

v8::Local<v8::Value> to_array(v8::Isolate* v8, const std::vector<int32_t>& numbers) {
  std::vector<v8::Local<v8::Value>> values;
  values.reserve(numbers.size());
  for (int32_t number : numbers) values.push_back(v8::Integer::New(v8, number));
  return v8::Array::New(v8, values.data(), values.size());
}

// rpcOpen(worker, entrypoint, objectClass, objectId, objectName, props, here, owner, header,
// payload, streams): [port, numbers of streams, far port or -1, numbers of streams there]
void rpc_open(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  const std::string worker = js::to_utf8(v8, info[0]);
  auto target = std::make_unique<Target>();
  target->entrypoint = js::to_utf8(v8, info[1]);
  target->object_class = js::to_utf8(v8, info[2]);
  target->object_id = js::to_utf8(v8, info[3]);
  target->object_name = js::to_utf8(v8, info[4]);
  target->props = js::to_utf8(v8, info[5]);
  stay_with_version(isolate, worker, *target);
  const bool here = info[6]->IsTrue();
  const auto owner = static_cast<InvocationId>(info[7].As<v8::Int32>()->Value());
  loop::NativeSection native(isolate.host().loop);
  propagate_to(isolate, *target);
  std::vector<int32_t> numbers;
  RpcMessage first = read_message(isolate, info, 8, owner, numbers);
  RpcTable& table = isolate.rpc();
  auto mine = std::make_shared<RpcMailbox>(isolate.host().loop);
  const int32_t port = table.add(owner, mine, nullptr);
  int32_t far_port = -1;
  std::vector<int32_t> far_numbers;
  if (here) {
    auto theirs = std::make_shared<RpcMailbox>(isolate.host().loop);
    far_port = table.add(0, theirs, std::move(mine));
    far_numbers = table.take_streams(far_port, first);
    table.connect(port, std::move(theirs));
  } else {
    table.connect(port, isolate.host().router.open_rpc(worker, std::move(target), std::move(mine),
                                                       std::move(first)));
  }
  v8::Local<v8::Value> result[] = {v8::Integer::New(v8, port), to_array(v8, numbers),
                                   v8::Integer::New(v8, far_port), to_array(v8, far_numbers)};
  info.GetReturnValue().Set(v8::Array::New(v8, result, 4));
}

// rpcPair(owner): [port, port], joined
void rpc_pair(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const auto owner = static_cast<InvocationId>(info[0].As<v8::Int32>()->Value());
  loop::NativeSection native(isolate.host().loop);
  RpcTable& table = isolate.rpc();
  auto one = std::make_shared<RpcMailbox>(isolate.host().loop);
  auto two = std::make_shared<RpcMailbox>(isolate.host().loop);
  const int32_t first = table.add(owner, one, two);
  const int32_t second = table.add(owner, std::move(two), std::move(one));
  info.GetReturnValue().Set(to_array(info.GetIsolate(), {first, second}));
}

// rpcSend(port, header, payload, streams): numbers of the streams
void rpc_send(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const int32_t port = info[0].As<v8::Int32>()->Value();
  loop::NativeSection native(isolate.host().loop);
  std::vector<int32_t> numbers;
  RpcMessage message = read_message(isolate, info, 1, isolate.rpc().owner(port), numbers);
  isolate.rpc().send(port, std::move(message));
  if (!numbers.empty()) info.GetReturnValue().Set(to_array(info.GetIsolate(), numbers));
}

// rpcAdopt(port, owner)
void rpc_adopt(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  isolate.rpc().adopt(info[0].As<v8::Int32>()->Value(),
                      static_cast<InvocationId>(info[1].As<v8::Int32>()->Value()));
}

// rpcClose(port, reason or "")
void rpc_close(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const std::string reason = js::to_utf8(info.GetIsolate(), info[1]);
  loop::NativeSection native(isolate.host().loop);
  isolate.rpc().close(info[0].As<v8::Int32>()->Value(), reason);
}

// rpcStreamFailed(body, message): whoever writes it learns why it is not read any more
void rpc_stream_failed(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const std::string message = js::to_utf8(info.GetIsolate(), info[1]);
  loop::NativeSection native(isolate.host().loop);
  const http::Body body = isolate.bodies().take(info[0].As<v8::Int32>()->Value());
  if (body.pipe) body.pipe->cancel(Error{ErrorCode::aborted, message, ""});
}

constexpr js::Native kTable[] = {
    {"rpcSerialize", rpc_serialize}, {"rpcDeserialize", rpc_deserialize},
    {"rpcOpen", rpc_open},           {"rpcPair", rpc_pair},
    {"rpcSend", rpc_send},           {"rpcAdopt", rpc_adopt},
    {"rpcClose", rpc_close},         {"rpcStreamFailed", rpc_stream_failed},
};

}  // namespace

const std::span<const js::Native> kRpcNatives = kTable;

}  // namespace selvage::worker
