// Durable Objects: their ids, their events, their storage.
#include <memory>

#include "worker/natives.h"
#include "worker/object_id.h"
#include "worker/object_table.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {
namespace {

using js::Arguments;

// The jurisdictions of object_id.h, by their number.
Jurisdiction jurisdiction_of(v8::Local<v8::Value> number) {
  return static_cast<Jurisdiction>(number.As<v8::Int32>()->Value());
}

// objectId(namespace, jurisdiction, name | undefined)
void object_id(const Arguments& info) {
  v8::Isolate* v8 = info.GetIsolate();
  const ObjectIds& ids = WorkerIsolate::from(v8).host().object_ids;
  const std::string space = js::to_utf8(v8, info[0]);
  const std::string id =
      info[2]->IsString() ? ids.of_name(space, jurisdiction_of(info[1]), js::to_utf8(v8, info[2]))
                          : ids.unique(space, jurisdiction_of(info[1]));
  info.GetReturnValue().Set(js::make_latin1(v8, id));
}

void object_id_valid(const Arguments& info) {
  v8::Isolate* v8 = info.GetIsolate();
  info.GetReturnValue().Set(WorkerIsolate::from(v8).host().object_ids.is_of(
      js::to_utf8(v8, info[0]), js::to_utf8(v8, info[1])));
}

void object_is_here(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const std::string id = js::to_latin1(info.GetIsolate(), info[0]);
  loop::NativeSection native(isolate.host().loop);
  // Of code that was replaced nothing is here any more: its successor has the objects.
  info.GetReturnValue().Set(!isolate.retired() && isolate.host().router.is_home(id));
}

// --- Storage ---------------------------------------------------------------------------------

void throw_storage_error(v8::Isolate* v8, const Error& error) {
  if (error.code == ErrorCode::invalid_argument) {
    js::throw_range_error(v8, error.describe());
  } else if (error.code == ErrorCode::aborted) {
    // The instance is no more, through no fault of the call.
    v8::Local<v8::Value> thrown = v8::Exception::Error(js::make_string(v8, error.describe()));
    for (const char* mark : {"durableObjectReset", "retryable"}) {
      thrown.As<v8::Object>()
          ->Set(v8->GetCurrentContext(), js::make_symbol(v8, mark), v8::True(v8))
          .Check();
    }
    v8->ThrowException(thrown);
  } else {
    js::throw_error(v8, error.describe());
  }
}

/// The storage of handle info[0], or nullptr with an exception pending.
object::ObjectStorage* storage_of(WorkerIsolate& isolate, const Arguments& info, bool to_write) {
  const int32_t handle = info[0].As<v8::Int32>()->Value();
  auto storage =
      to_write ? isolate.objects().find_to_write(handle) : isolate.objects().find(handle);
  if (storage) return *storage;
  throw_storage_error(info.GetIsolate(), storage.error());
  return nullptr;
}

class SerializerDelegate final : public v8::ValueSerializer::Delegate {
 public:
  explicit SerializerDelegate(v8::Isolate* isolate) : isolate_(isolate) {}
  void ThrowDataCloneError(v8::Local<v8::String> message) override {
    js::throw_dom_exception(isolate_, js::to_utf8(isolate_, message), "DataCloneError");
  }

 private:
  v8::Isolate* isolate_;
};

bool serialize(v8::Isolate* v8, v8::Local<v8::Value> value, std::string& bytes) {
  SerializerDelegate delegate(v8);
  v8::ValueSerializer serializer(v8, &delegate);
  serializer.WriteHeader();
  if (!serializer.WriteValue(v8->GetCurrentContext(), value).FromMaybe(false)) return false;
  const auto [data, size] = serializer.Release();
  const std::unique_ptr<uint8_t, decltype(&free)> owned(data, free);
  bytes.assign(reinterpret_cast<const char*>(data), size);
  return true;
}

v8::MaybeLocal<v8::Value> deserialize(v8::Isolate* v8, std::string_view bytes) {
  v8::ValueDeserializer deserializer(v8, reinterpret_cast<const uint8_t*>(bytes.data()),
                                     bytes.size());
  if (!deserializer.ReadHeader(v8->GetCurrentContext()).FromMaybe(false)) return {};
  return deserializer.ReadValue(v8->GetCurrentContext());
}

// storageOpen(namespace, id)
void storage_open(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  const std::string space = js::to_utf8(v8, info[0]);
  const std::string id = js::to_latin1(v8, info[1]);
  loop::NativeSection native(isolate.host().loop);
  auto handle = isolate.objects().open(space, id);
  if (handle) {
    info.GetReturnValue().Set(*handle);
  } else {
    throw_storage_error(v8, handle.error());
  }
}

// storageClose(handle, discard): `discard` what the turn has written so far
void storage_close(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  isolate.objects().close(info[0].As<v8::Int32>()->Value(), info[1]->IsTrue());
}

// storageGet(handle, key)
void storage_get(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  const std::string key = js::to_utf8(v8, info[1]);
  std::optional<std::string> bytes;
  {
    loop::NativeSection native(isolate.host().loop);
    object::ObjectStorage* storage = storage_of(isolate, info, false);
    if (storage == nullptr) return;
    auto found = storage->get(key);
    if (!found) return throw_storage_error(v8, found.error());
    bytes = std::move(*found);
  }
  v8::Local<v8::Value> value;
  if (bytes && deserialize(v8, *bytes).ToLocal(&value)) info.GetReturnValue().Set(value);
}

// storagePut(handle, key, value)
void storage_put(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  const std::string key = js::to_utf8(v8, info[1]);
  std::string bytes;
  if (!serialize(v8, info[2], bytes)) return;
  loop::NativeSection native(isolate.host().loop);
  object::ObjectStorage* storage = storage_of(isolate, info, true);
  if (storage == nullptr) return;
  if (Status put = storage->put(key, bytes); !put) throw_storage_error(v8, put.error());
}

// storageDelete(handle, key)
void storage_delete(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const std::string key = js::to_utf8(info.GetIsolate(), info[1]);
  loop::NativeSection native(isolate.host().loop);
  object::ObjectStorage* storage = storage_of(isolate, info, true);
  if (storage == nullptr) return;
  auto erased = storage->erase(key);
  if (!erased) return throw_storage_error(info.GetIsolate(), erased.error());
  info.GetReturnValue().Set(*erased);
}

std::optional<std::string> optional_string(v8::Isolate* v8, v8::Local<v8::Value> value) {
  if (!value->IsString()) return std::nullopt;
  return js::to_utf8(v8, value);
}

// storageList(handle, start, startAfter, end, prefix, reverse, limit)
void storage_list(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  object::ListOptions options;
  options.start = optional_string(v8, info[1]);
  options.start_after = optional_string(v8, info[2]);
  options.end = optional_string(v8, info[3]);
  options.prefix = optional_string(v8, info[4]);
  options.reverse = info[5]->IsTrue();
  const double limit = info[6].As<v8::Number>()->Value();
  if (limit > 0) options.limit = static_cast<uint64_t>(limit);
  std::vector<object::Entry> entries;
  {
    loop::NativeSection native(isolate.host().loop);
    object::ObjectStorage* storage = storage_of(isolate, info, false);
    if (storage == nullptr) return;
    auto listed = storage->list(options);
    if (!listed) return throw_storage_error(v8, listed.error());
    entries = std::move(*listed);
  }
  std::vector<v8::Local<v8::Value>> flat;
  flat.reserve(entries.size() * 2);
  for (const object::Entry& entry : entries) {
    v8::Local<v8::Value> value;
    if (!deserialize(v8, entry.value).ToLocal(&value)) return;
    flat.push_back(js::make_string(v8, entry.key));
    flat.push_back(value);
  }
  info.GetReturnValue().Set(v8::Array::New(v8, flat.data(), flat.size()));
}

void storage_delete_all(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  object::ObjectStorage* storage = storage_of(isolate, info, true);
  if (storage == nullptr) return;
  if (Status done = storage->delete_all(); !done) {
    throw_storage_error(info.GetIsolate(), done.error());
  }
}

// storageBarrier(handle, gated)
void storage_barrier(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  v8::Local<v8::Value> promise;
  if (isolate.objects()
          .barrier(info[0].As<v8::Int32>()->Value(), info[1]->IsTrue())
          .ToLocal(&promise)) {
    info.GetReturnValue().Set(promise);
  }
}

void storage_transaction_begin(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  object::ObjectStorage* storage = storage_of(isolate, info, true);
  if (storage == nullptr) return;
  if (Status begun = storage->savepoint(); !begun) {
    throw_storage_error(info.GetIsolate(), begun.error());
  }
}

// storageTransactionEnd(handle, commit)
void storage_transaction_end(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  object::ObjectStorage* storage = storage_of(isolate, info, true);
  if (storage == nullptr) return;
  Status ended = info[1]->IsTrue() ? storage->release() : storage->rollback_to();
  if (!ended) throw_storage_error(info.GetIsolate(), ended.error());
}

constexpr js::Native kTable[] = {
    {"objectId", object_id},
    {"objectIdValid", object_id_valid},
    {"objectIsHere", object_is_here},
    {"storageOpen", storage_open},
    {"storageClose", storage_close},
    {"storageGet", storage_get},
    {"storagePut", storage_put},
    {"storageDelete", storage_delete},
    {"storageList", storage_list},
    {"storageDeleteAll", storage_delete_all},
    {"storageBarrier", storage_barrier},
    {"storageTransactionBegin", storage_transaction_begin},
    {"storageTransactionEnd", storage_transaction_end},
};

}  // namespace

const std::span<const js::Native> kObjectNatives = kTable;

}  // namespace selvage::worker
