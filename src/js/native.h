// How C++ is reached from JavaScript: native functions, their registration, and typed access to
// their arguments.
//
// A native function is called from our own TypeScript (the builtins), never from a user's script
// directly, so it may trust the number and, where the TypeScript says so, the types of its
// arguments. The builtins take them by name from the object `natives`, which never reaches user
// code.
#pragma once

#include <v8.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace selvage::js {

using Arguments = v8::FunctionCallbackInfo<v8::Value>;

/// One native: `name` as the builtins see it. Each room lists its own in a constant table
/// (`extern const std::span<const Native> kUrlNatives;`), and the composition joins them: their
/// order is part of the snapshot.
struct Native {
  const char* name;
  v8::FunctionCallback callback;
};

// Making values. Running out of V8's string length is the only failure, and reported as "".

/// From UTF-8; malformed sequences become U+FFFD.
v8::Local<v8::String> make_string(v8::Isolate* isolate, std::string_view utf8);
/// From Latin-1 bytes, one character each.
v8::Local<v8::String> make_latin1(v8::Isolate* isolate, std::string_view bytes);
/// An internalized constant, e.g. a property name.
v8::Local<v8::String> make_symbol(v8::Isolate* isolate, std::string_view ascii);
/// A new ArrayBuffer / Uint8Array with a copy of `bytes`. Empty (with a pending RangeError) when
/// the isolate's memory limit is reached.
v8::MaybeLocal<v8::ArrayBuffer> make_array_buffer(v8::Isolate* isolate, std::string_view bytes);
v8::MaybeLocal<v8::Uint8Array> make_uint8_array(v8::Isolate* isolate, std::string_view bytes);

// Reading arguments.

/// UTF-8 of a string (lone surrogates become U+FFFD).
std::string to_utf8(v8::Isolate* isolate, v8::Local<v8::Value> value);
/// Latin-1 of a string whose characters are all below 256 (others are truncated).
std::string to_latin1(v8::Isolate* isolate, v8::Local<v8::Value> value);
/// The bytes of an ArrayBuffer, a SharedArrayBuffer or a view: a view into V8's memory, valid until
/// JavaScript runs again. Empty for anything else.
std::span<uint8_t> bytes_of(v8::Local<v8::Value> value);
inline std::string_view view_of(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Throwing into JavaScript; return right after.

void throw_type_error(v8::Isolate* isolate, std::string_view message);
void throw_range_error(v8::Isolate* isolate, std::string_view message);
void throw_error(v8::Isolate* isolate, std::string_view message);
/// A DOMException by calling the constructor that the builtins registered; see dom_exception.ts.
void throw_dom_exception(v8::Isolate* isolate, std::string_view message, std::string_view name);

/// Stores a string constant in `info`'s return value.
inline void return_string(const Arguments& info, std::string_view utf8) {
  info.GetReturnValue().Set(make_string(info.GetIsolate(), utf8));
}

}  // namespace selvage::js
