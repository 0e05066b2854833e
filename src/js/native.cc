#include "js/native.h"

#include "js/isolate.h"

namespace selvage::js {

v8::Local<v8::String> make_string(v8::Isolate* isolate, std::string_view utf8) {
  v8::Local<v8::String> string;
  if (v8::String::NewFromUtf8(isolate, utf8.data(), v8::NewStringType::kNormal,
                              static_cast<int>(utf8.size()))
          .ToLocal(&string)) {
    return string;
  }
  return v8::String::Empty(isolate);
}

v8::Local<v8::String> make_latin1(v8::Isolate* isolate, std::string_view bytes) {
  v8::Local<v8::String> string;
  if (v8::String::NewFromOneByte(isolate, reinterpret_cast<const uint8_t*>(bytes.data()),
                                 v8::NewStringType::kNormal, static_cast<int>(bytes.size()))
          .ToLocal(&string)) {
    return string;
  }
  return v8::String::Empty(isolate);
}

v8::Local<v8::String> make_symbol(v8::Isolate* isolate, std::string_view ascii) {
  return v8::String::NewFromOneByte(isolate, reinterpret_cast<const uint8_t*>(ascii.data()),
                                    v8::NewStringType::kInternalized,
                                    static_cast<int>(ascii.size()))
      .ToLocalChecked();
}

v8::MaybeLocal<v8::ArrayBuffer> make_array_buffer(v8::Isolate* isolate, std::string_view bytes) {
  auto buffer = v8::ArrayBuffer::MaybeNew(isolate, bytes.size(),
                                          v8::BackingStoreInitializationMode::kUninitialized);
  v8::Local<v8::ArrayBuffer> local;
  if (!buffer.ToLocal(&local)) {
    throw_range_error(isolate, "Array buffer allocation failed");
    return {};
  }
  if (!bytes.empty()) memcpy(local->Data(), bytes.data(), bytes.size());
  return local;
}

v8::MaybeLocal<v8::Uint8Array> make_uint8_array(v8::Isolate* isolate, std::string_view bytes) {
  v8::Local<v8::ArrayBuffer> buffer;
  if (!make_array_buffer(isolate, bytes).ToLocal(&buffer)) return {};
  return v8::Uint8Array::New(buffer, 0, bytes.size());
}

std::string to_utf8(v8::Isolate* isolate, v8::Local<v8::Value> value) {
  if (!value->IsString()) return {};
  v8::Local<v8::String> string = value.As<v8::String>();
  std::string utf8(string->Utf8LengthV2(isolate), '\0');
  string->WriteUtf8V2(isolate, utf8.data(), utf8.size(),
                      v8::String::WriteFlags::kReplaceInvalidUtf8);
  return utf8;
}

std::string to_latin1(v8::Isolate* isolate, v8::Local<v8::Value> value) {
  if (!value->IsString()) return {};
  v8::Local<v8::String> string = value.As<v8::String>();
  std::string bytes(static_cast<size_t>(string->Length()), '\0');
  string->WriteOneByteV2(isolate, 0, static_cast<uint32_t>(bytes.size()),
                         reinterpret_cast<uint8_t*>(bytes.data()));
  return bytes;
}

std::span<uint8_t> bytes_of(v8::Local<v8::Value> value) {
  if (value->IsArrayBufferView()) {
    v8::Local<v8::ArrayBufferView> view = value.As<v8::ArrayBufferView>();
    auto* data = static_cast<uint8_t*>(view->Buffer()->Data());
    return {data + view->ByteOffset(), view->ByteLength()};
  }
  if (value->IsArrayBuffer()) {
    v8::Local<v8::ArrayBuffer> buffer = value.As<v8::ArrayBuffer>();
    return {static_cast<uint8_t*>(buffer->Data()), buffer->ByteLength()};
  }
  if (value->IsSharedArrayBuffer()) {
    v8::Local<v8::SharedArrayBuffer> buffer = value.As<v8::SharedArrayBuffer>();
    return {static_cast<uint8_t*>(buffer->Data()), buffer->ByteLength()};
  }
  return {};
}

void throw_type_error(v8::Isolate* isolate, std::string_view message) {
  isolate->ThrowException(v8::Exception::TypeError(make_string(isolate, message)));
}

void throw_range_error(v8::Isolate* isolate, std::string_view message) {
  isolate->ThrowException(v8::Exception::RangeError(make_string(isolate, message)));
}

void throw_error(v8::Isolate* isolate, std::string_view message) {
  isolate->ThrowException(v8::Exception::Error(make_string(isolate, message)));
}

void throw_dom_exception(v8::Isolate* isolate, std::string_view message, std::string_view name) {
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  v8::Local<v8::Value> make = Isolate::from(isolate).builtin("makeDOMException");
  v8::Local<v8::Value> arguments[] = {make_string(isolate, message), make_string(isolate, name)};
  v8::Local<v8::Value> exception;
  if (make->IsFunction() && make.As<v8::Function>()
                                ->Call(context, v8::Undefined(isolate), 2, arguments)
                                .ToLocal(&exception)) {
    isolate->ThrowException(exception);
  } else {
    throw_error(isolate, message);
  }
}

}  // namespace selvage::js
