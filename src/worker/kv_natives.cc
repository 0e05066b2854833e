// Workers KV: reads at once from this thread's reader, writes through the store's writer. What a
// script may ask for is checked here, by the limits of the configuration (kv/kv_limits.h).
#include <algorithm>
#include <memory>

#include "base/wall_clock.h"
#include "kv/kv_limits.h"
#include "kv/kv_store.h"
#include "worker/body_table.h"
#include "worker/kv_uploads.h"
#include "worker/natives.h"
#include "worker/operation.h"
#include "worker/subrequest_span.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {
namespace {

using js::Arguments;
using kv::KvOperation;

/// Values up to this size are given to a stream whole.
constexpr size_t kPiece = size_t{64} * 1024;

/// As the script sees it: a TypeError, an Error of Cloudflare's, or ours with a status.
void throw_failure(v8::Isolate* v8, KvOperation operation, const Error& error) {
  if (error.code == ErrorCode::invalid_argument) return js::throw_type_error(v8, error.message);
  if (error.code == ErrorCode::limit_exceeded) return js::throw_error(v8, error.message);
  js::throw_error(v8,
                  "KV " + std::string(to_string(operation)) + " failed: 500 " + error.describe());
}

const kv::KvLimits& limits_of(WorkerIsolate& isolate) { return isolate.host().settings.kv_limits; }

/// Counts one operation of the running invocation.
Status count(WorkerIsolate& isolate, signals::KvCount kind) {
  isolate.counters().count(kind);
  Invocation* invocation = isolate.find(isolate.current_invocation());
  if (invocation == nullptr) return {};
  return kv::check_operations(limits_of(isolate), invocation->count_kv_operation());
}

std::optional<int64_t> integer_or_none(v8::Local<v8::Value> value) {
  if (!value->IsNumber()) return std::nullopt;
  return static_cast<int64_t>(value.As<v8::Number>()->Value());
}

v8::Local<v8::Value> string_or_null(v8::Isolate* v8, const std::optional<std::string>& text) {
  if (!text) return v8::Null(v8);
  return js::make_string(v8, *text);
}

/// Unlike a body's text, a value's keeps its byte order mark.
v8::Local<v8::String> text_of(v8::Isolate* v8, std::string_view value) {
  return value.starts_with("\xef\xbb\xbf") ? js::make_string(v8, value) : decode_text(v8, value);
}

/// Writes a value into a pipe as fast as it is read. Shared by the calls back to it, which may come
/// from within a write.
struct Feeder {
  std::shared_ptr<const kv::KvEntry> entry;
  size_t offset = 0;
  bool writing = false;
  bool over = false;

  void feed(loop::Pipe& pipe) {
    if (writing || over) return;
    writing = true;
    const size_t size = entry->size();
    bool more = true;
    while (more && offset < size && !pipe.canceled()) {
      const size_t at = std::exchange(offset, std::min(size, offset + kPiece));
      Result<std::string> piece =
          entry->long_value ? entry->long_value->read(at, kPiece) : entry->value.substr(at, kPiece);
      if (!piece) {
        over = true;
        writing = false;
        return pipe.fail(std::move(piece).error());
      }
      more = pipe.write(std::move(*piece));
    }
    writing = false;
    if (offset < size && !pipe.canceled()) return;
    over = true;
    entry.reset();
    pipe.end();
  }
};

/// Puts a long value into a temporary file, so that many that wait for something do not add up to
/// memory. Where that cannot be done the value stays.
void spill(WorkerIsolate& isolate, kv::KvEntry& entry) {
  kv::KvUpload file(limits_of(isolate), isolate.host().kv.directory());
  if (entry.value.size() <= kv::KvUpload::kInMemory || !file.append(entry.value)) return;
  auto spilled = file.finish();
  if (!spilled || !spilled->spilled) return;
  entry.long_value = std::move(spilled->spilled);
  entry.value = {};
}

BodyId add_body(WorkerIsolate& isolate, std::shared_ptr<const kv::KvEntry> entry) {
  const InvocationId invocation = isolate.current_invocation();
  const size_t size = entry->size();
  if (size <= kPiece) return isolate.bodies().add(http::Body::of(entry->value), invocation);
  if (entry->value.size() > kv::KvUpload::kInMemory) {
    // As a whole in its row, where older versions have put it.
    auto other = std::make_shared<kv::KvEntry>(*entry);
    spill(isolate, *other);
    entry = std::move(other);
  }
  std::shared_ptr<loop::Pipe> pipe = loop::Pipe::create(kPiece);
  const auto feeder = std::make_shared<Feeder>(Feeder{.entry = std::move(entry)});
  pipe->on_drain([weak = std::weak_ptr(pipe), feeder] {
    if (const auto still = weak.lock()) feeder->feed(*still);
  });
  feeder->feed(*pipe);
  return isolate.bodies().add(http::Body::of(pipe, size), invocation);
}

enum class Form { text, bytes, body };

/// The entry's value in the form that was asked for; empty with a pending exception.
v8::MaybeLocal<v8::Value> value_of(WorkerIsolate& isolate,
                                   const std::shared_ptr<const kv::KvEntry>& entry, Form form) {
  v8::Isolate* v8 = isolate.v8();
  if (form == Form::body) {
    loop::NativeSection native(isolate.host().loop);
    return v8::Integer::New(v8, add_body(isolate, entry));
  }
  if (!entry->long_value) {
    if (form == Form::text) return text_of(v8, entry->value);
    v8::Local<v8::ArrayBuffer> bytes;
    if (!js::make_array_buffer(v8, entry->value).ToLocal(&bytes)) return {};
    return bytes;
  }
  // The script's memory is the only one that has all of a long value.
  v8::Local<v8::ArrayBuffer> buffer;
  std::string text;
  std::span<char> into;
  if (form == Form::text) {
    text.resize(entry->size());
    into = text;
  } else {
    if (!v8::ArrayBuffer::MaybeNew(v8, entry->size(),
                                   v8::BackingStoreInitializationMode::kUninitialized)
             .ToLocal(&buffer)) {
      js::throw_range_error(v8, "Array buffer allocation failed");
      return {};
    }
    into = {static_cast<char*>(buffer->Data()), entry->size()};
  }
  Result<size_t> read = size_t{0};
  {
    loop::NativeSection native(isolate.host().loop);
    read = entry->long_value->read_into(0, into);
  }
  if (!read) {
    throw_failure(v8, KvOperation::get, read.error());
    return {};
  }
  if (form == Form::text) return text_of(v8, text);
  return buffer;
}

/// What a read has found: `rows` that are there.
void end_read_span(trace::OpenSpan* span, size_t rows, size_t bytes) {
  if (span == nullptr) return;
  span->span().set("cloudflare.kv.response.returned_rows", static_cast<int64_t>(rows));
  if (bytes > 0) span->span().set("cloudflare.kv.response.size", static_cast<int64_t>(bytes));
  span->end();
}

/// False, with a pending exception, when it may not be read. `name` is its span's.
bool look_up(const Arguments& info, std::string_view name,
             std::shared_ptr<const kv::KvEntry>& entry) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  const std::string space = js::to_utf8(v8, info[0]);
  const std::string key = js::to_utf8(v8, info[1]);
  const kv::KvLimits& limits = limits_of(isolate);
  Status status = kv::check_key(limits, KvOperation::get, key);
  if (const auto ttl = integer_or_none(info[3]); status && ttl) {
    status = kv::check_cache_ttl(limits, KvOperation::get, *ttl);
  }
  if (status) {
    loop::NativeSection native(isolate.host().loop);
    status = count(isolate, signals::KvCount::read);
    if (status) {
      const auto span = begin_kv_span(isolate, name, space, 1, key);
      auto found = isolate.host().kv_reader.open(space, key);
      if (found) {
        entry = std::move(*found);
        end_read_span(span.get(), entry ? 1 : 0, entry ? entry->size() : 0);
        return true;
      }
      status = fail(std::move(found).error());
      end_span(span.get(), status);
    }
  }
  throw_failure(v8, KvOperation::get, status.error());
  return false;
}

// kvGet(namespace, key, form, cacheTtl): the value or null
void kv_get(const Arguments& info) {
  std::shared_ptr<const kv::KvEntry> entry;
  if (!look_up(info, "kv_get", entry)) return;
  if (!entry) return info.GetReturnValue().SetNull();
  v8::Local<v8::Value> value;
  const auto form = static_cast<Form>(info[2].As<v8::Int32>()->Value());
  if (value_of(WorkerIsolate::from(info.GetIsolate()), entry, form).ToLocal(&value)) {
    info.GetReturnValue().Set(value);
  }
}

// kvGetWithMetadata(namespace, key, form, cacheTtl): [value, metadata or null], or null
void kv_get_with_metadata(const Arguments& info) {
  v8::Isolate* v8 = info.GetIsolate();
  std::shared_ptr<const kv::KvEntry> entry;
  if (!look_up(info, "kv_getWithMetadata", entry)) return;
  if (!entry) return info.GetReturnValue().SetNull();
  v8::Local<v8::Value> parts[2];
  const auto form = static_cast<Form>(info[2].As<v8::Int32>()->Value());
  if (!value_of(WorkerIsolate::from(v8), entry, form).ToLocal(&parts[0])) return;
  parts[1] = string_or_null(v8, entry->metadata);
  info.GetReturnValue().Set(v8::Array::New(v8, parts, 2));
}

// kvGetMany(namespace, keys, type, cacheTtl): [value or null, metadata or null, ...]
void kv_get_many(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  const kv::KvLimits& limits = limits_of(isolate);
  const std::string space = js::to_utf8(v8, info[0]);
  const auto names = info[1].As<v8::Array>();
  std::vector<std::string> keys;
  Status status = kv::check_bulk_type(js::to_utf8(v8, info[2]));
  if (status) status = kv::check_bulk_count(limits, names->Length());
  for (uint32_t i = 0; status && i < names->Length(); ++i) {
    v8::Local<v8::Value> name;
    if (!names->Get(isolate.context(), i).ToLocal(&name)) return;
    status = kv::check_bulk_key(limits, keys.emplace_back(js::to_utf8(v8, name)));
    if (const auto ttl = integer_or_none(info[3]); status && ttl) {
      status = kv::check_cache_ttl(limits, KvOperation::get_bulk, *ttl);
    }
  }
  std::vector<std::shared_ptr<const kv::KvEntry>> entries;
  if (status) {
    loop::NativeSection native(isolate.host().loop);
    status = count(isolate, signals::KvCount::read);
    const auto span = status && !keys.empty()
                          ? begin_kv_span(isolate, "kv_get", space, keys.size(), keys.front())
                          : nullptr;
    size_t rows = 0;
    size_t bytes = 0;
    for (size_t i = 0; status && i < keys.size(); ++i) {
      auto found = isolate.host().kv_reader.get(space, keys[i]);
      if (found) {
        rows += *found ? 1 : 0;
        bytes += *found ? (*found)->value.size() : 0;
        entries.push_back(std::move(*found));
      } else {
        status = fail(std::move(found).error());
        end_span(span.get(), status);
      }
    }
    if (status) end_read_span(span.get(), rows, bytes);
  }
  std::vector<v8::Local<v8::Value>> parts;
  size_t size = 0;
  for (size_t i = 0; status && i < entries.size(); ++i) {
    if (!entries[i]) {
      parts.insert(parts.end(), 2, v8::Null(v8));
      continue;
    }
    parts.push_back(text_of(v8, entries[i]->value));
    parts.push_back(string_or_null(v8, entries[i]->metadata));
    size += static_cast<size_t>(parts[2 * i].As<v8::String>()->Length());
    status = kv::check_bulk_size(limits, size);
  }
  if (!status) return throw_failure(v8, KvOperation::get_bulk, status.error());
  info.GetReturnValue().Set(v8::Array::New(v8, parts.data(), parts.size()));
}

// kvRefuseBulkJson(): throws
void kv_refuse_bulk_json(const Arguments& info) {
  throw_failure(info.GetIsolate(), KvOperation::get_bulk, kv::refuse_bulk_json().value());
}

/// Starts a write, whose promise is returned; `write` gets the callback to pass to the store, and
/// `begin_span` the isolate.
template <class BeginSpan, class Write>
void start_write(const Arguments& info, KvOperation name, BeginSpan&& begin_span, Write&& write) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  v8::Local<v8::Promise> promise;
  std::shared_ptr<Operation> operation = isolate.operations().start(isolate, promise);
  if (!operation) return;
  write(isolate.host().kv, [operation, name, &loop = isolate.host().loop,
                            span = begin_span(isolate)](const Status& status) mutable {
    loop.post([operation, status, name, span = std::move(span)] {
      end_span(span.get(), status);
      if (status) {
        operation->complete(Status());
      } else {
        operation->complete(fail(
            status.error().code,
            "KV " + std::string(to_string(name)) + " failed: 500 " + status.error().describe()));
      }
    });
  });
  info.GetReturnValue().Set(promise);
}

/// namespace, key, ?, metadata or null, expiration or undefined, time to live or undefined: what a
/// put says besides the value. False with a pending exception.
bool read_put(const Arguments& info, KvUploads::Upload& put) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  const kv::KvLimits& limits = limits_of(isolate);
  put.namespace_id = js::to_utf8(v8, info[0]);
  put.key = js::to_utf8(v8, info[1]);
  Status status = kv::check_key(limits, KvOperation::put, put.key);
  const auto expiration = integer_or_none(info[4]);
  const auto ttl = integer_or_none(info[5]);
  if (status && (expiration || ttl)) {
    auto time = kv::expiration_time(limits, expiration, ttl, wall_clock_seconds());
    if (time) {
      put.entry.expiration = *time;
    } else {
      status = fail(std::move(time).error());
    }
  }
  if (status && info[3]->IsString()) {
    put.entry.metadata = js::to_utf8(v8, info[3]);
    status = kv::check_metadata_size(limits, put.entry.metadata->size());
  }
  if (status) {
    loop::NativeSection native(isolate.host().loop);
    status = count(isolate, signals::KvCount::write);
  }
  if (status) return true;
  throw_failure(v8, KvOperation::put, status.error());
  return false;
}

void start_put(const Arguments& info, KvUploads::Upload put) {
  const auto begin_span = [&](WorkerIsolate& isolate) {
    auto span = begin_kv_span(isolate, "kv_put", put.namespace_id, 1, put.key);
    if (span) {
      span->span().set("cloudflare.kv.query.payload.size", static_cast<int64_t>(put.entry.size()));
    }
    return span;
  };
  start_write(info, KvOperation::put, begin_span,
              [&](kv::KvStore& store, kv::KvStore::Callback callback) {
                store.put(std::move(put.namespace_id), std::move(put.key), std::move(put.entry),
                          std::move(callback));
              });
}

// kvPut(namespace, key, value, metadata, expiration, ttl)
void kv_put(const Arguments& info) {
  v8::Isolate* v8 = info.GetIsolate();
  KvUploads::Upload put;
  if (!read_put(info, put)) return;
  put.entry.value = info[2]->IsString() ? js::to_utf8(v8, info[2])
                                        : std::string(js::view_of(js::bytes_of(info[2])));
  const Status fits =
      kv::check_value_size(limits_of(WorkerIsolate::from(v8)), put.entry.value.size());
  if (!fits) return throw_failure(v8, KvOperation::put, fits.error());
  if (put.entry.value.size() > kv::KvUpload::kInMemory) {
    WorkerIsolate& isolate = WorkerIsolate::from(v8);
    loop::NativeSection native(isolate.host().loop);
    spill(isolate, put.entry);
  }
  start_put(info, std::move(put));
}

// kvUploadStart(namespace, key, undefined, metadata, expiration, ttl): its number
void kv_upload_start(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  KvUploads::Upload put;
  if (!read_put(info, put)) return;
  loop::NativeSection native(isolate.host().loop);
  put.invocation = isolate.current_invocation();
  put.value = std::make_unique<kv::KvUpload>(limits_of(isolate), isolate.host().kv.directory());
  info.GetReturnValue().Set(isolate.kv_uploads().add(std::move(put)));
}

// kvUploadWrite(upload, chunk)
void kv_upload_write(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  std::string text;
  std::string_view bytes;
  if (info[1]->IsString()) {
    text = js::to_utf8(v8, info[1]);
    bytes = text;
  } else {
    bytes = js::view_of(js::bytes_of(info[1]));
  }
  Status status;
  {
    loop::NativeSection native(isolate.host().loop);
    KvUploads::Upload* upload = isolate.kv_uploads().find(info[0].As<v8::Int32>()->Value());
    status = upload != nullptr
                 ? upload->value->append(bytes)
                 : Status(fail(ErrorCode::aborted, "the event that wrote the value has ended"));
  }
  if (!status) throw_failure(v8, KvOperation::put, status.error());
}

// kvUploadFinish(upload): a promise
void kv_upload_finish(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  const int32_t id = info[0].As<v8::Int32>()->Value();
  Status status;
  KvUploads::Upload put;
  {
    loop::NativeSection native(isolate.host().loop);
    KvUploads::Upload* upload = isolate.kv_uploads().find(id);
    if (upload == nullptr) {
      status = fail(ErrorCode::aborted, "the event that wrote the value has ended");
    } else {
      auto value = upload->value->finish();
      if (value) {
        put = std::move(*upload);
        put.entry.value = std::move(value->bytes);
        put.entry.long_value = std::move(value->spilled);
      } else {
        status = fail(std::move(value).error());
      }
      isolate.kv_uploads().drop(id);
    }
  }
  if (!status) return throw_failure(v8, KvOperation::put, status.error());
  start_put(info, std::move(put));
}

// kvUploadDrop(upload)
void kv_upload_drop(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  isolate.kv_uploads().drop(info[0].As<v8::Int32>()->Value());
}

// kvDelete(namespace, keys): all of them or none
void kv_delete(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  const std::string space = js::to_utf8(v8, info[0]);
  const auto names = info[1].As<v8::Array>();
  std::vector<kv::KvWrite> writes;
  Status status;
  for (uint32_t i = 0; status && i < names->Length(); ++i) {
    v8::Local<v8::Value> name;
    if (!names->Get(isolate.context(), i).ToLocal(&name)) return;
    writes.push_back({.namespace_id = space, .key = js::to_utf8(v8, name)});
    status = kv::check_key(limits_of(isolate), KvOperation::erase, writes.back().key);
  }
  if (status) {
    loop::NativeSection native(isolate.host().loop);
    status = count(isolate, signals::KvCount::erase);
  }
  if (!status) return throw_failure(v8, KvOperation::erase, status.error());
  const auto begin_span = [&](WorkerIsolate& isolate) {
    return writes.empty()
               ? nullptr
               : begin_kv_span(isolate, "kv_delete", space, writes.size(), writes.front().key);
  };
  start_write(info, KvOperation::erase, begin_span,
              [&](kv::KvStore& store, kv::KvStore::Callback callback) {
                store.write(std::move(writes), std::move(callback));
              });
}

// kvList(namespace, prefix, limit or undefined, cursor)
void kv_list(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  const kv::KvLimits& limits = limits_of(isolate);
  const std::string space = js::to_utf8(v8, info[0]);
  kv::KvListOptions options;
  options.prefix = js::to_utf8(v8, info[1]);
  options.cursor = js::to_utf8(v8, info[3]);
  // As workerd sends it on: zero and less are not.
  std::optional<int64_t> limit = integer_or_none(info[2]);
  if (limit && *limit <= 0) limit.reset();
  options.limit = static_cast<uint64_t>(limit.value_or(limits.max_list_keys));
  Status status = kv::check_list(limits, limit, options.prefix);
  kv::KvListPage page;
  if (status) {
    loop::NativeSection native(isolate.host().loop);
    status = count(isolate, signals::KvCount::list);
    if (status) {
      const auto span = begin_kv_span(isolate, "kv_list", space, 0, {});
      if (span) span->span().set_if("cloudflare.kv.query.prefix", options.prefix);
      auto listed = isolate.host().kv_reader.list(space, options);
      if (listed) {
        page = std::move(*listed);
        end_read_span(span.get(), page.keys.size(), 0);
      } else {
        status = fail(std::move(listed).error());
        end_span(span.get(), status);
      }
    }
  }
  if (!status) return throw_failure(v8, KvOperation::get, status.error());
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
    {"kvGetWithMetadata", kv_get_with_metadata},
    {"kvGetMany", kv_get_many},
    {"kvRefuseBulkJson", kv_refuse_bulk_json},
    {"kvPut", kv_put},
    {"kvUploadStart", kv_upload_start},
    {"kvUploadWrite", kv_upload_write},
    {"kvUploadFinish", kv_upload_finish},
    {"kvUploadDrop", kv_upload_drop},
    {"kvDelete", kv_delete},
    {"kvList", kv_list},
};

}  // namespace

const std::span<const js::Native> kKvNatives = kTable;

}  // namespace selvage::worker
