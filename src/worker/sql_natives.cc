// Durable Objects' SQL: queries and their rows, storage.sql's native side (builtins/sql.ts).
//
// Rows cross as one flat array: a query costs one call, not one for each row or column. While
// SQLite computes, the loop may be carried on by another thread (see ObjectTable::use()).
#include <algorithm>
#include <vector>

#include "worker/natives.h"
#include "worker/storage_in_use.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {
namespace {

using js::Arguments;

/// As Web IDL converts to (ArrayBuffer or string or number)?. False: an exception is pending.
bool to_binding(v8::Isolate* v8, v8::Local<v8::Value> value, object::SqlBinding& binding) {
  if (value->IsNumber()) {
    binding = value.As<v8::Number>()->Value();
  } else if (value->IsNullOrUndefined()) {
    binding = std::monostate();
  } else if (value->IsString()) {
    binding = js::to_utf8(v8, value);
  } else if (value->IsArrayBuffer() || value->IsArrayBufferView() || value->IsSharedArrayBuffer()) {
    binding = object::SqlBlob{std::string(js::view_of(js::bytes_of(value)))};
  } else if (value->IsBigInt()) {
    js::throw_type_error(v8, "Cannot convert a BigInt value to a number");
    return false;
  } else {
    v8::Local<v8::String> text;
    if (!value->ToString(v8->GetCurrentContext()).ToLocal(&text)) return false;
    binding = js::to_utf8(v8, text);
  }
  return true;
}

v8::MaybeLocal<v8::Value> to_javascript(v8::Isolate* v8, const object::SqlValue& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    if (*integer >= INT32_MIN && *integer <= INT32_MAX)
      return v8::Integer::New(v8, static_cast<int32_t>(*integer));
    return v8::Number::New(v8, static_cast<double>(*integer));
  }
  if (const auto* real = std::get_if<double>(&value)) return v8::Number::New(v8, *real);
  if (const auto* text = std::get_if<std::string_view>(&value)) return js::make_string(v8, *text);
  if (const auto* blob = std::get_if<object::SqlBlobView>(&value))
    return js::make_array_buffer(v8, blob->bytes).FromMaybe(v8::Local<v8::ArrayBuffer>());
  return v8::Null(v8);
}

using Values = std::vector<v8::Local<v8::Value>>;

/// Appends rows, moving the cursor past them: one, or all. False: an exception is pending.
bool read_rows(v8::Isolate* v8, object::SqlCursor& cursor, bool all, Values& values) {
  const int columns = static_cast<int>(cursor.columns().names.size());
  while (cursor.has_row()) {
    for (int i = 0; i < columns; ++i) {
      v8::Local<v8::Value> value;
      if (!to_javascript(v8, cursor.value(i)).ToLocal(&value)) return false;
      values.push_back(value);
    }
    if (Status moved = cursor.next(); !moved) {
      js::throw_error(v8, moved.error().describe());
      return false;
    }
    if (!all) break;
  }
  return true;
}

v8::Local<v8::Value> column_names(v8::Isolate* v8, const object::SqlColumns& columns) {
  Values names;
  for (const std::string& name : columns.names) names.push_back(js::make_string(v8, name));
  return v8::Array::New(v8, names.data(), names.size());
}

// sqlExec(handle, query, knownColumns, ...bindings)
void sql_exec(const Arguments& info) {
  v8::Isolate* v8 = info.GetIsolate();
  const std::string query = js::to_utf8(v8, info[1]);
  constexpr int kFirstBinding = 3;
  std::vector<object::SqlBinding> bindings(
      static_cast<size_t>(std::max(info.Length() - kFirstBinding, 0)));
  for (size_t i = 0; i < bindings.size(); ++i) {
    if (!to_binding(v8, info[static_cast<int>(i) + kFirstBinding], bindings[i])) return;
  }
  const StorageInUse storage(info);
  if (!storage) return;
  auto session = storage->sql();
  if (!session) return js::throw_error(v8, session.error().describe());
  (*session)->start_clock();
  auto cursor = (*session)->exec(query, std::move(bindings));
  if (!cursor) return js::throw_error(v8, cursor.error().describe());

  const object::SqlColumns& columns = cursor->columns();
  const bool known = info[2].As<v8::Number>()->Value() == columns.number;
  constexpr size_t kHead = 6;
  Values result(kHead);
  result[3] = v8::Number::New(v8, static_cast<double>(cursor->rows_read()));
  result[1] = v8::Integer::NewFromUnsigned(v8, columns.number);
  result[2] = known ? v8::Local<v8::Value>(v8::Undefined(v8)) : column_names(v8, columns);
  if (!read_rows(v8, *cursor, cursor->writes(), result)) return;
  result[4] = v8::Number::New(v8, static_cast<double>(cursor->rows_written()));
  result[5] = v8::Number::New(v8, static_cast<double>(cursor->rows_read()));
  result[0] = v8::Integer::New(v8, cursor->has_row() ? (*session)->keep(std::move(*cursor)) : 0);
  info.GetReturnValue().Set(v8::Array::New(v8, result.data(), result.size()));
}

// sqlFetch(handle, cursor, all)
void sql_fetch(const Arguments& info) {
  v8::Isolate* v8 = info.GetIsolate();
  const StorageInUse storage(info);
  if (!storage) return;
  const int32_t number = info[1].As<v8::Int32>()->Value();
  object::SqlSession* session = storage->open_sql();
  object::SqlCursor* cursor = session == nullptr ? nullptr : session->find(number);
  if (cursor == nullptr) {
    return js::throw_error(v8, "SQLite query was canceled because the database was deleted.");
  }
  session->start_clock();
  Values result(2);
  const bool read = read_rows(v8, *cursor, info[2]->IsTrue(), result);
  const bool more = read && cursor->has_row();
  result[0] = v8::Integer::New(v8, more ? number : 0);
  result[1] = v8::Number::New(v8, static_cast<double>(cursor->rows_read()));
  if (!more) session->drop(number);
  if (read) info.GetReturnValue().Set(v8::Array::New(v8, result.data(), result.size()));
}

// sqlDrop(handle, cursor): nobody will read the rest. The storage may be closed.
void sql_drop(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  auto storage = isolate.objects().find(info[0].As<v8::Int32>()->Value());
  if (!storage) return;
  if (object::SqlSession* session = (*storage)->open_sql())
    session->drop(info[1].As<v8::Int32>()->Value());
}

// sqlDatabaseSize(handle)
void sql_database_size(const Arguments& info) {
  const StorageInUse storage(info);
  if (!storage) return;
  if (auto size = storage->database_size()) {
    info.GetReturnValue().Set(static_cast<double>(*size));
  } else {
    js::throw_error(info.GetIsolate(), size.error().describe());
  }
}

constexpr js::Native kTable[] = {
    {"sqlExec", sql_exec},
    {"sqlFetch", sql_fetch},
    {"sqlDrop", sql_drop},
    {"sqlDatabaseSize", sql_database_size},
};

}  // namespace

const std::span<const js::Native> kSqlNatives = kTable;

}  // namespace selvage::worker
