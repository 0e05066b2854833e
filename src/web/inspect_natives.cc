// What console.log needs to know about a value and JavaScript cannot tell without running the
// value's own code. And the clock that console.time() reads.
#include <chrono>

#include "web/natives.h"

namespace selvage::web {
namespace {

v8::Local<v8::Value> make_pair(v8::Isolate* isolate, v8::Local<v8::Value> first,
                               v8::Local<v8::Value> second) {
  v8::Local<v8::Value> elements[] = {first, second};
  return v8::Array::New(isolate, elements, 2);
}

void promise_details(const js::Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsPromise()) return;
  const v8::Local<v8::Promise> promise = info[0].As<v8::Promise>();
  const v8::Promise::PromiseState state = promise->State();
  v8::Local<v8::Value> result = v8::Undefined(isolate);
  if (state != v8::Promise::kPending) result = promise->Result();
  info.GetReturnValue().Set(make_pair(isolate, v8::Integer::New(isolate, state), result));
}

void proxy_details(const js::Arguments& info) {
  if (!info[0]->IsProxy()) return;
  const v8::Local<v8::Proxy> proxy = info[0].As<v8::Proxy>();
  info.GetReturnValue().Set(make_pair(info.GetIsolate(), proxy->GetTarget(), proxy->GetHandler()));
}

void preview_entries(const js::Arguments& info) {
  if (!info[0]->IsObject()) return;
  bool is_key_value = false;
  v8::Local<v8::Array> entries;
  if (!info[0].As<v8::Object>()->PreviewEntries(&is_key_value).ToLocal(&entries)) return;
  info.GetReturnValue().Set(
      make_pair(info.GetIsolate(), entries, v8::Boolean::New(info.GetIsolate(), is_key_value)));
}

std::string_view kind_of(v8::Local<v8::Value> value) {
  if (value->IsArray()) return "Array";
  if (value->IsFunction()) return "Function";
  if (value->IsNativeError()) return "Error";
  if (value->IsTypedArray()) return "TypedArray";
  if (value->IsMap()) return "Map";
  if (value->IsSet()) return "Set";
  if (value->IsPromise()) return "Promise";
  if (value->IsDate()) return "Date";
  if (value->IsRegExp()) return "RegExp";
  if (value->IsArrayBuffer()) return "ArrayBuffer";
  if (value->IsSharedArrayBuffer()) return "SharedArrayBuffer";
  if (value->IsDataView()) return "DataView";
  if (value->IsMapIterator()) return "MapIterator";
  if (value->IsSetIterator()) return "SetIterator";
  if (value->IsWeakMap()) return "WeakMap";
  if (value->IsWeakSet()) return "WeakSet";
  if (value->IsWeakRef()) return "WeakRef";
  if (value->IsArgumentsObject()) return "Arguments";
  if (value->IsGeneratorObject()) return "Generator";
  if (value->IsModuleNamespaceObject()) return "Module";
  if (value->IsExternal()) return "External";
  if (value->IsStringObject() || value->IsNumberObject() || value->IsBooleanObject() ||
      value->IsBigIntObject() || value->IsSymbolObject()) {
    return "Primitive";
  }
  return "";
}

void builtin_kind(const js::Arguments& info) {
  info.GetReturnValue().Set(js::make_symbol(info.GetIsolate(), kind_of(info[0])));
}

void wall_clock(const js::Arguments& info) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  info.GetReturnValue().Set(std::chrono::duration<double, std::milli>(now).count());
}

constexpr js::Native kTable[] = {
    {"promiseDetails", promise_details}, {"proxyDetails", proxy_details},
    {"previewEntries", preview_entries}, {"builtinKind", builtin_kind},
    {"wallClock", wall_clock},
};

}  // namespace

const std::span<const js::Native> kInspectNatives = kTable;

}  // namespace selvage::web
