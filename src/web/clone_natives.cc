// The structured clone algorithm: V8 writes a value and reads it again at once. Platform objects
// are JavaScript classes, unknown to V8: the hooks of structured_clone.ts tell them apart and turn
// those that can be cloned into plain values.
// https://html.spec.whatwg.org/multipage/structured-data.html#structured-cloning
#include <cstdlib>
#include <memory>
#include <vector>

#include "web/natives.h"

namespace selvage::web {
namespace {

constexpr std::string_view kDataCloneError = "DataCloneError";

/// structured_clone.ts's CloneHooks.
class Hooks {
 public:
  Hooks(v8::Isolate* isolate, v8::Local<v8::Object> hooks)
      : isolate_(isolate),
        hooks_(hooks),
        object_prototype_(v8::Object::New(isolate)->GetPrototypeV2()) {}

  /// Is it an object that V8 must not take apart? Plain objects are not asked about.
  v8::Maybe<bool> is_platform_object(v8::Local<v8::Object> object) {
    const v8::Local<v8::Value> prototype = object->GetPrototypeV2();
    if (prototype == object_prototype_ || prototype->IsNull()) return v8::Just(false);
    v8::Local<v8::Value> answer;
    v8::Local<v8::Value> arguments[] = {object};
    if (!call("isPlatformObject", arguments).ToLocal(&answer)) return v8::Nothing<bool>();
    return v8::Just(answer->IsTrue());
  }

  v8::MaybeLocal<v8::Value> call(std::string_view name, std::span<v8::Local<v8::Value>> arguments) {
    const v8::Local<v8::Context> context = isolate_->GetCurrentContext();
    v8::Local<v8::Value> function;
    if (!hooks_->Get(context, js::make_symbol(isolate_, name)).ToLocal(&function)) return {};
    return function.As<v8::Function>()->Call(context, v8::Undefined(isolate_),
                                             static_cast<int>(arguments.size()), arguments.data());
  }

 private:
  v8::Isolate* isolate_;
  v8::Local<v8::Object> hooks_;
  v8::Local<v8::Value> object_prototype_;
};

class Writer : public v8::ValueSerializer::Delegate {
 public:
  Writer(v8::Isolate* isolate, Hooks& hooks) : hooks_(hooks), serializer_(isolate, this) {}

  v8::ValueSerializer& serializer() { return serializer_; }
  /// In the order of their ids.
  [[nodiscard]] const std::vector<v8::Local<v8::SharedArrayBuffer>>& shared_buffers() const {
    return shared_buffers_;
  }

  void ThrowDataCloneError(v8::Local<v8::String> message) override {
    v8::Isolate* isolate = v8::Isolate::GetCurrent();
    js::throw_dom_exception(isolate, js::to_utf8(isolate, message), kDataCloneError);
  }

  bool HasCustomHostObject(v8::Isolate*) override { return true; }

  v8::Maybe<bool> IsHostObject(v8::Isolate*, v8::Local<v8::Object> object) override {
    return hooks_.is_platform_object(object);
  }

  v8::Maybe<bool> WriteHostObject(v8::Isolate* isolate, v8::Local<v8::Object> object) override {
    const v8::Local<v8::Context> context = isolate->GetCurrentContext();
    v8::Local<v8::Value> arguments[] = {object};
    v8::Local<v8::Value> plain;
    if (!hooks_.call("write", arguments).ToLocal(&plain)) return v8::Nothing<bool>();
    if (plain->IsUndefined()) {
      js::throw_dom_exception(
          isolate,
          "#<" + js::to_utf8(isolate, object->GetConstructorName()) + "> could not be cloned.",
          kDataCloneError);
      return v8::Nothing<bool>();
    }
    return serializer_.WriteValue(context, plain);
  }

  v8::Maybe<uint32_t> GetSharedArrayBufferId(v8::Isolate*,
                                             v8::Local<v8::SharedArrayBuffer> buffer) override {
    for (uint32_t id = 0; id < shared_buffers_.size(); ++id) {
      if (shared_buffers_[id] == buffer) return v8::Just(id);
    }
    shared_buffers_.push_back(buffer);
    return v8::Just(static_cast<uint32_t>(shared_buffers_.size() - 1));
  }

 private:
  Hooks& hooks_;
  std::vector<v8::Local<v8::SharedArrayBuffer>> shared_buffers_;
  v8::ValueSerializer serializer_;
};

class Reader : public v8::ValueDeserializer::Delegate {
 public:
  Reader(v8::Isolate* isolate, Hooks& hooks, std::span<const uint8_t> bytes,
         const std::vector<v8::Local<v8::SharedArrayBuffer>>& shared_buffers)
      : hooks_(hooks),
        shared_buffers_(shared_buffers),
        deserializer_(isolate, bytes.data(), bytes.size(), this) {}

  v8::ValueDeserializer& deserializer() { return deserializer_; }

  v8::MaybeLocal<v8::Object> ReadHostObject(v8::Isolate* isolate) override {
    const v8::Local<v8::Context> context = isolate->GetCurrentContext();
    v8::Local<v8::Value> pair;
    v8::Local<v8::Value> arguments[2];
    if (!deserializer_.ReadValue(context).ToLocal(&pair) || !pair->IsArray() ||
        !pair.As<v8::Array>()->Get(context, 0).ToLocal(&arguments[0]) ||
        !pair.As<v8::Array>()->Get(context, 1).ToLocal(&arguments[1])) {
      return {};
    }
    // V8 forbids scripts while it reads. The hook is ours, and runs nothing of the user's.
    const v8::Isolate::AllowJavascriptExecutionScope allow(isolate);
    v8::Local<v8::Value> object;
    if (!hooks_.call("read", arguments).ToLocal(&object) || !object->IsObject()) return {};
    return object.As<v8::Object>();
  }

  v8::MaybeLocal<v8::SharedArrayBuffer> GetSharedArrayBufferFromId(v8::Isolate*,
                                                                   uint32_t id) override {
    if (id >= shared_buffers_.size()) return {};
    return shared_buffers_[id];
  }

 private:
  Hooks& hooks_;
  const std::vector<v8::Local<v8::SharedArrayBuffer>>& shared_buffers_;
  v8::ValueDeserializer deserializer_;
};

/// The buffers of a transfer list; false, with a pending exception, when one cannot be transferred.
bool read_transfer_list(v8::Isolate* isolate, v8::Local<v8::Array> list,
                        std::vector<v8::Local<v8::ArrayBuffer>>& buffers) {
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  for (uint32_t i = 0; i < list->Length(); ++i) {
    v8::Local<v8::Value> item;
    if (!list->Get(context, i).ToLocal(&item)) return false;
    if (!item->IsArrayBuffer() || !item.As<v8::ArrayBuffer>()->IsDetachable()) {
      js::throw_dom_exception(isolate, "Value not transferable", kDataCloneError);
      return false;
    }
    const v8::Local<v8::ArrayBuffer> buffer = item.As<v8::ArrayBuffer>();
    bool seen = false;
    for (const auto& other : buffers) seen = seen || other == buffer;
    if (seen || buffer->WasDetached()) {
      js::throw_dom_exception(isolate,
                              seen ? "Transfer list contains duplicate ArrayBuffer"
                                   : "An ArrayBuffer is detached and could not be cloned.",
                              kDataCloneError);
      return false;
    }
    buffers.push_back(buffer);
  }
  return true;
}

void structured_clone(const js::Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  std::vector<v8::Local<v8::ArrayBuffer>> transferred;
  if (!read_transfer_list(isolate, info[1].As<v8::Array>(), transferred)) return;

  Hooks hooks(isolate, info[2].As<v8::Object>());
  Writer writer(isolate, hooks);
  v8::ValueSerializer& serializer = writer.serializer();
  for (uint32_t id = 0; id < transferred.size(); ++id) {
    serializer.TransferArrayBuffer(id, transferred[id]);
  }
  serializer.WriteHeader();
  if (!serializer.WriteValue(context, info[0]).FromMaybe(false)) return;
  const auto [data, size] = serializer.Release();
  const std::unique_ptr<uint8_t, decltype(&free)> owned(data, &free);

  Reader reader(isolate, hooks, {data, size}, writer.shared_buffers());
  v8::ValueDeserializer& deserializer = reader.deserializer();
  for (uint32_t id = 0; id < transferred.size(); ++id) {
    std::shared_ptr<v8::BackingStore> store = transferred[id]->GetBackingStore();
    if (transferred[id]->Detach({}).IsNothing()) return;
    deserializer.TransferArrayBuffer(id, v8::ArrayBuffer::New(isolate, std::move(store)));
  }
  if (!deserializer.ReadHeader(context).FromMaybe(false)) return;
  v8::Local<v8::Value> copy;
  if (deserializer.ReadValue(context).ToLocal(&copy)) info.GetReturnValue().Set(copy);
}

class AttachmentDelegate final : public v8::ValueSerializer::Delegate {
 public:
  explicit AttachmentDelegate(v8::Isolate* isolate) : isolate_(isolate) {}
  void ThrowDataCloneError(v8::Local<v8::String> message) override {
    js::throw_dom_exception(isolate_, js::to_utf8(isolate_, message), "DataCloneError");
  }

 private:
  v8::Isolate* isolate_;
};

// attachmentWrite(value): its bytes
void attachment_write(const js::Arguments& info) {
  v8::Isolate* v8 = info.GetIsolate();
  AttachmentDelegate delegate(v8);
  v8::ValueSerializer serializer(v8, &delegate);
  serializer.WriteHeader();
  if (!serializer.WriteValue(v8->GetCurrentContext(), info[0]).FromMaybe(false)) return;
  const auto [data, size] = serializer.Release();
  const std::unique_ptr<uint8_t, decltype(&free)> owned(data, free);
  v8::Local<v8::Uint8Array> bytes;
  if (js::make_uint8_array(v8, js::view_of({data, size})).ToLocal(&bytes)) {
    info.GetReturnValue().Set(bytes);
  }
}

// attachmentRead(bytes): the value
void attachment_read(const js::Arguments& info) {
  v8::Isolate* v8 = info.GetIsolate();
  const std::span<uint8_t> bytes = js::bytes_of(info[0]);
  v8::ValueDeserializer deserializer(v8, bytes.data(), bytes.size());
  v8::Local<v8::Value> value;
  if (deserializer.ReadHeader(v8->GetCurrentContext()).FromMaybe(false) &&
      deserializer.ReadValue(v8->GetCurrentContext()).ToLocal(&value)) {
    info.GetReturnValue().Set(value);
  }
}

constexpr js::Native kTable[] = {
    {"structuredClone", structured_clone},
    {"attachmentWrite", attachment_write},
    {"attachmentRead", attachment_read},
};

}  // namespace

const std::span<const js::Native> kCloneNatives = kTable;

}  // namespace selvage::web
