// Workers KV: reads at once from this thread's reader, writes through the store's writer.
#include <memory>

#include "kv/kv_store.h"
#include "worker/body_table.h"
#include "worker/natives.h"
#include "worker/operation.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {
namespace {

using js::Arguments;

void throw_failure(v8::Isolate* v8, std::string_view operation, const Error& error) {
  js::throw_error(v8, "KV " + std::string(operation) + " failed: 500 " + error.describe());
}

v8::Local<v8::Value> string_or_null(v8::Isolate* v8, const std::optional<std::string>& text) {
  if (!text) return v8::Null(v8);
  return js::make_string(v8, *text);
}

// kvGet(namespace, key, asText)
void kv_get(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  const std::string space = js::to_utf8(v8, info[0]);
  const std::string key = js::to_utf8(v8, info[1]);
  std::shared_ptr<const kv::KvEntry> entry;
  {
    loop::NativeSection native(isolate.host().loop);
    auto found = isolate.host().kv_reader.get(space, key);
    if (!found) return throw_failure(v8, "GET", found.error());
    entry = std::move(*found);
  }
  if (!entry) {
    info.GetReturnValue().SetNull();
    return;
  }
  v8::Local<v8::Value> parts[2];
  if (info[2]->IsTrue()) {
    parts[0] = decode_text(v8, entry->value);
  } else {
    v8::Local<v8::Uint8Array> bytes;
    if (!js::make_uint8_array(v8, entry->value).ToLocal(&bytes)) return;
    parts[0] = bytes;
  }
  parts[1] = string_or_null(v8, entry->metadata);
  info.GetReturnValue().Set(v8::Array::New(v8, parts, 2));
}

/// Starts a write, whose promise is returned; `write` gets the callback to pass to the store.
template <class Write>
void start_write(const Arguments& info, std::string_view name, Write&& write) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  v8::Local<v8::Promise> promise;
  std::shared_ptr<Operation> operation = isolate.operations().start(isolate, promise);
  if (!operation) return;
  write(isolate.host().kv, [operation, name, &loop = isolate.host().loop](const Status& status) {
    loop.post([operation, status, name] {
      if (status) {
        operation->complete(Status());
      } else {
        operation->complete(fail(status.error().code, "KV " + std::string(name) +
                                                          " failed: 500 " +
                                                          status.error().describe()));
      }
    });
  });
  info.GetReturnValue().Set(promise);
}

// kvPut(namespace, key, value, metadata, expiration)
void kv_put(const Arguments& info) {
  v8::Isolate* v8 = info.GetIsolate();
  std::string space = js::to_utf8(v8, info[0]);
  std::string key = js::to_utf8(v8, info[1]);
  kv::KvEntry entry;
  entry.value = info[2]->IsString() ? js::to_utf8(v8, info[2])
                                    : std::string(js::view_of(js::bytes_of(info[2])));
  if (info[3]->IsString()) entry.metadata = js::to_utf8(v8, info[3]);
  const double expiration = info[4].As<v8::Number>()->Value();
  if (expiration > 0) entry.expiration = static_cast<int64_t>(expiration);
  start_write(info, "PUT", [&](kv::KvStore& store, kv::KvStore::Callback callback) {
    store.put(std::move(space), std::move(key), std::move(entry), std::move(callback));
  });
}

// kvDelete(namespace, key)
void kv_delete(const Arguments& info) {
  v8::Isolate* v8 = info.GetIsolate();
  std::string space = js::to_utf8(v8, info[0]);
  std::string key = js::to_utf8(v8, info[1]);
  start_write(info, "DELETE", [&](kv::KvStore& store, kv::KvStore::Callback callback) {
    store.erase(std::move(space), std::move(key), std::move(callback));
  });
}

// kvList(namespace, prefix, limit, cursor)
void kv_list(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  const std::string space = js::to_utf8(v8, info[0]);
  kv::KvListOptions options;
  options.prefix = js::to_utf8(v8, info[1]);
  options.limit = static_cast<uint64_t>(info[2].As<v8::Number>()->Value());
  options.cursor = js::to_utf8(v8, info[3]);
  kv::KvListPage page;
  {
    loop::NativeSection native(isolate.host().loop);
    auto listed = isolate.host().kv_reader.list(space, options);
    if (!listed) return throw_failure(v8, "GET", listed.error());
    page = std::move(*listed);
  }
  std::vector<v8::Local<v8::Value>> keys;
  keys.reserve(page.keys.size());
  for (const kv::KvListPage::Key& key : page.keys) {
    v8::Local<v8::Value> parts[3] = {
        js::make_string(v8, key.name),
        v8::Number::New(v8, static_cast<double>(key.expiration.value_or(0))),
        string_or_null(v8, key.metadata)};
    keys.push_back(v8::Array::New(v8, parts, 3));
  }
  v8::Local<v8::Value> result[2] = {v8::Array::New(v8, keys.data(), keys.size()),
                                    js::make_string(v8, page.complete ? "" : page.cursor)};
  info.GetReturnValue().Set(v8::Array::New(v8, result, 2));
}

constexpr js::Native kTable[] = {
    {"kvGet", kv_get},
    {"kvPut", kv_put},
    {"kvDelete", kv_delete},
    {"kvList", kv_list},
};

}  // namespace

const std::span<const js::Native> kKvNatives = kTable;

}  // namespace selvage::worker
