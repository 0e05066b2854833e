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
  info.GetReturnValue().Set(isolate.hosts_objects() && isolate.host().router.is_home(id));
}

// --- Storage ---------------------------------------------------------------------------------

void throw_storage_error(v8::Isolate* v8, const Error& error) {
  if (error.code == ErrorCode::aborted) {
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
object::ObjectStorage* storage_of(WorkerIsolate& isolate, const Arguments& info, bool to_write,
                                  bool unconfirmed = false) {
  const int32_t handle = info[0].As<v8::Int32>()->Value();
  auto storage = to_write ? isolate.objects().find_to_write(handle, unconfirmed)
                          : isolate.objects().find(handle);
  if (storage) return *storage;
  throw_storage_error(info.GetIsolate(), storage.error());
  return nullptr;
}

/// Writes a value as it is stored. Objects of classes are shown to `write` of stored_value.ts: V8
/// does not know ours.
class Writer final : public v8::ValueSerializer::Delegate {
 public:
  Writer(v8::Isolate* isolate, v8::Local<v8::Value> hook)
      : isolate_(isolate), hook_(hook.As<v8::Function>()), serializer_(isolate, this) {}

  /// False, with an exception pending, when it cannot be stored.
  bool write(v8::Local<v8::Value> value, std::string& bytes) {
    if (value->IsObject()) plain_prototype_ = v8::Object::New(isolate_)->GetPrototypeV2();
    serializer_.WriteHeader();
    if (!serializer_.WriteValue(isolate_->GetCurrentContext(), value).FromMaybe(false))
      return false;
    const auto [data, size] = serializer_.Release();
    const std::unique_ptr<uint8_t, decltype(&free)> owned(data, free);
    bytes.assign(reinterpret_cast<const char*>(data), size);
    return true;
  }

  void ThrowDataCloneError(v8::Local<v8::String> message) override {
    js::throw_dom_exception(isolate_, js::to_utf8(isolate_, message), "DataCloneError");
  }
  bool HasCustomHostObject(v8::Isolate*) override { return true; }
  v8::Maybe<bool> IsHostObject(v8::Isolate* isolate, v8::Local<v8::Object> object) override {
    const v8::Local<v8::Value> prototype = object->GetPrototypeV2();
    if (prototype == plain_prototype_ || prototype->IsNull()) return v8::Just(false);
    v8::Local<v8::Value> arguments[] = {object};
    v8::Local<v8::Value> pair;
    if (!hook_->Call(isolate->GetCurrentContext(), v8::Undefined(isolate), 1, arguments)
             .ToLocal(&pair))
      return v8::Nothing<bool>();
    pair_ = pair;
    return v8::Just(!pair->IsUndefined());
  }
  /// Comes right after IsHostObject() said yes.
  v8::Maybe<bool> WriteHostObject(v8::Isolate* isolate, v8::Local<v8::Object>) override {
    return serializer_.WriteValue(isolate->GetCurrentContext(), pair_);
  }

 private:
  v8::Isolate* isolate_;
  v8::Local<v8::Function> hook_;
  v8::Local<v8::Value> plain_prototype_;
  v8::Local<v8::Value> pair_;
  v8::ValueSerializer serializer_;
};

class Reader final : public v8::ValueDeserializer::Delegate {
 public:
  Reader(v8::Isolate* isolate, v8::Local<v8::Value> hook, std::string_view bytes)
      : isolate_(isolate),
        hook_(hook.As<v8::Function>()),
        deserializer_(isolate, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), this) {
  }

  v8::MaybeLocal<v8::Value> read() {
    const v8::Local<v8::Context> context = isolate_->GetCurrentContext();
    if (!deserializer_.ReadHeader(context).FromMaybe(false)) return {};
    return deserializer_.ReadValue(context);
  }

  v8::MaybeLocal<v8::Object> ReadHostObject(v8::Isolate* isolate) override {
    const v8::Local<v8::Context> context = isolate->GetCurrentContext();
    v8::Local<v8::Value> pair;
    v8::Local<v8::Value> arguments[2];
    if (!deserializer_.ReadValue(context).ToLocal(&pair) || !pair->IsArray() ||
        !pair.As<v8::Array>()->Get(context, 0).ToLocal(&arguments[0]) ||
        !pair.As<v8::Array>()->Get(context, 1).ToLocal(&arguments[1]))
      return {};
    // V8 forbids scripts while it reads. The hook is ours, and runs nothing of the user's.
    const v8::Isolate::AllowJavascriptExecutionScope allow(isolate);
    v8::Local<v8::Value> object;
    if (!hook_->Call(context, v8::Undefined(isolate), 2, arguments).ToLocal(&object) ||
        !object->IsObject())
      return {};
    return object.As<v8::Object>();
  }

 private:
  v8::Isolate* isolate_;
  v8::Local<v8::Function> hook_;
  v8::ValueDeserializer deserializer_;
};

/// What most entries are, a number or a string of Latin-1, without the ceremony of a deserializer.
/// The format is V8's, version 15. Empty for everything else.
v8::MaybeLocal<v8::Value> read_simple(v8::Isolate* v8, std::string_view bytes) {
  constexpr std::string_view kHead = "\xff\x0f";
  if (bytes.size() < 3 || !bytes.starts_with(kHead)) return {};
  const char tag = bytes[2];
  bytes.remove_prefix(3);
  if (tag != 'I' && tag != '"') return {};
  uint32_t number = 0;
  int shift = 0;
  for (;; shift += 7) {
    if (bytes.empty() || shift > 28) return {};
    const auto byte = static_cast<uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    number |= static_cast<uint32_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) break;
  }
  if (tag == 'I') {
    return v8::Integer::New(v8, static_cast<int32_t>((number >> 1) ^ (~(number & 1) + 1)));
  }
  if (number != bytes.size()) return {};
  return js::make_latin1(v8, bytes);
}

v8::MaybeLocal<v8::Value> read_value(v8::Isolate* v8, v8::Local<v8::Value> hook,
                                     std::string_view bytes) {
  v8::Local<v8::Value> simple;
  if (read_simple(v8, bytes).ToLocal(&simple)) return simple;
  return Reader(v8, hook, bytes).read();
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

// storageExpectUse(handle)
void storage_expect_use(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  isolate.objects().expect_use(info[0].As<v8::Int32>()->Value());
}

// storageGet(handle, key, read)
void storage_get(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  const std::string key = js::to_utf8(v8, info[1]);
  std::string bytes;
  {
    loop::NativeSection native(isolate.host().loop);
    object::ObjectStorage* storage = storage_of(isolate, info, false);
    if (storage == nullptr) return;
    auto found = storage->get(key, [&bytes](std::string_view value) { bytes = value; });
    if (!found) return throw_storage_error(v8, found.error());
    if (!*found) return;
  }
  v8::Local<v8::Value> value;
  if (read_value(v8, info[2], bytes).ToLocal(&value)) info.GetReturnValue().Set(value);
}

// storagePut(handle, key, value, write, unconfirmed)
void storage_put(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  const std::string key = js::to_utf8(v8, info[1]);
  std::string bytes;
  if (!Writer(v8, info[3]).write(info[2], bytes)) return;
  loop::NativeSection native(isolate.host().loop);
  object::ObjectStorage* storage = storage_of(isolate, info, true, info[4]->IsTrue());
  if (storage == nullptr) return;
  if (Status put = storage->put(key, bytes); !put) throw_storage_error(v8, put.error());
}

// storagePutAll(handle, [key, value, ...], write, unconfirmed)
void storage_put_all(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  const v8::Local<v8::Context> context = v8->GetCurrentContext();
  const v8::Local<v8::Array> flat = info[1].As<v8::Array>();
  std::vector<object::Entry> entries;
  for (uint32_t i = 0; i + 1 < flat->Length(); i += 2) {
    v8::Local<v8::Value> key;
    v8::Local<v8::Value> value;
    if (!flat->Get(context, i).ToLocal(&key) || !flat->Get(context, i + 1).ToLocal(&value)) return;
    if (value->IsUndefined()) continue;
    object::Entry& entry = entries.emplace_back();
    entry.key = js::to_utf8(v8, key);
    if (!Writer(v8, info[2]).write(value, entry.value)) return;
  }
  loop::NativeSection native(isolate.host().loop);
  object::ObjectStorage* storage = storage_of(isolate, info, true, info[3]->IsTrue());
  if (storage == nullptr) return;
  if (Status put = storage->put_many(entries); !put) throw_storage_error(v8, put.error());
}

// storageDelete(handle, key, unconfirmed)
void storage_delete(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const std::string key = js::to_utf8(info.GetIsolate(), info[1]);
  loop::NativeSection native(isolate.host().loop);
  object::ObjectStorage* storage = storage_of(isolate, info, true, info[2]->IsTrue());
  if (storage == nullptr) return;
  auto erased = storage->erase(key);
  if (!erased) return throw_storage_error(info.GetIsolate(), erased.error());
  info.GetReturnValue().Set(*erased);
}

std::optional<std::string> optional_string(v8::Isolate* v8, v8::Local<v8::Value> value) {
  if (!value->IsString()) return std::nullopt;
  return js::to_utf8(v8, value);
}

// storageList(handle, start, startAfter, end, prefix, reverse, limit, read)
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
    if (!read_value(v8, info[7], entry.value).ToLocal(&value)) return;
    flat.push_back(js::make_string(v8, entry.key));
    flat.push_back(value);
  }
  info.GetReturnValue().Set(v8::Array::New(v8, flat.data(), flat.size()));
}

// storageDeleteAll(handle, alarmToo)
void storage_delete_all(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  object::ObjectStorage* storage = storage_of(isolate, info, true);
  if (storage == nullptr) return;
  const auto fate = info[1]->IsTrue() ? object::ObjectStorage::AlarmFate::deleted
                                      : object::ObjectStorage::AlarmFate::kept;
  if (Status done = storage->delete_all(fate); !done) {
    throw_storage_error(info.GetIsolate(), done.error());
  }
}

// storageAlarm(handle)
void storage_alarm(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  object::ObjectStorage* storage = storage_of(isolate, info, false);
  if (storage == nullptr) return;
  auto alarm = storage->alarm();
  if (!alarm) return throw_storage_error(info.GetIsolate(), alarm.error());
  if (*alarm) info.GetReturnValue().Set(static_cast<double>(**alarm));
}

// storageSetAlarm(handle, time, name, unconfirmed)
void storage_set_alarm(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const object::Alarm alarm{
      .time = static_cast<uint64_t>(info[1].As<v8::Number>()->Value()),
      .object_name = js::to_utf8(info.GetIsolate(), info[2]),
  };
  loop::NativeSection native(isolate.host().loop);
  object::ObjectStorage* storage = storage_of(isolate, info, true, info[3]->IsTrue());
  if (storage == nullptr) return;
  if (Status set = storage->set_alarm(alarm); !set) {
    throw_storage_error(info.GetIsolate(), set.error());
  }
}

// storageBeginAlarm(handle, time)
void storage_begin_alarm(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const auto time = static_cast<uint64_t>(info[1].As<v8::Number>()->Value());
  loop::NativeSection native(isolate.host().loop);
  object::ObjectStorage* storage = storage_of(isolate, info, false);
  if (storage == nullptr) return;
  auto begun = storage->begin_alarm(time);
  if (!begun) return throw_storage_error(info.GetIsolate(), begun.error());
  info.GetReturnValue().Set(*begun);
}

// storageEndAlarm(handle, well)
void storage_end_alarm(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  object::ObjectStorage* storage = storage_of(isolate, info, true);
  if (storage == nullptr) return;
  if (Status ended = storage->end_alarm(info[1]->IsTrue()); !ended) {
    throw_storage_error(info.GetIsolate(), ended.error());
  }
}

// storageBarrier(handle, sync)
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
  const bool commit = info[1]->IsTrue();
  if (storage->broken()) {
    // SQLite has rolled back, perhaps, and there is nothing to end.
    if (commit) {
      js::throw_error(info.GetIsolate(),
                      "Cannot commit transaction due to an earlier SQL critical error");
    }
    return;
  }
  Status ended = commit ? storage->release() : storage->rollback_to();
  if (!ended) throw_storage_error(info.GetIsolate(), ended.error());
}

constexpr js::Native kTable[] = {
    {"objectId", object_id},
    {"objectIdValid", object_id_valid},
    {"objectIsHere", object_is_here},
    {"storageOpen", storage_open},
    {"storageClose", storage_close},
    {"storageExpectUse", storage_expect_use},
    {"storageGet", storage_get},
    {"storagePut", storage_put},
    {"storagePutAll", storage_put_all},
    {"storageDelete", storage_delete},
    {"storageList", storage_list},
    {"storageDeleteAll", storage_delete_all},
    {"storageAlarm", storage_alarm},
    {"storageSetAlarm", storage_set_alarm},
    {"storageBeginAlarm", storage_begin_alarm},
    {"storageEndAlarm", storage_end_alarm},
    {"storageBarrier", storage_barrier},
    {"storageTransactionBegin", storage_transaction_begin},
    {"storageTransactionEnd", storage_transaction_end},
};

}  // namespace

const std::span<const js::Native> kObjectNatives = kTable;

}  // namespace selvage::worker
