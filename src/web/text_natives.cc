// Text and its encodings.
#include <climits>
#include <cstring>

#include "web/encodings.h"
#include "web/natives.h"

namespace selvage::web {
namespace {

void return_text(const js::Arguments& info, v8::MaybeLocal<v8::String> text) {
  v8::Local<v8::String> local;
  if (text.ToLocal(&local)) {
    info.GetReturnValue().Set(local);
  } else {
    js::throw_range_error(info.GetIsolate(), "Invalid string length");
  }
}

v8::MaybeLocal<v8::String> new_latin1(v8::Isolate* isolate, std::span<const uint8_t> bytes) {
  if (bytes.size() > static_cast<size_t>(v8::String::kMaxLength)) return {};
  return v8::String::NewFromOneByte(isolate, bytes.data(), v8::NewStringType::kNormal,
                                    static_cast<int>(bytes.size()));
}

v8::MaybeLocal<v8::String> new_utf16(v8::Isolate* isolate, std::u16string_view text) {
  if (text.size() > static_cast<size_t>(v8::String::kMaxLength)) return {};
  return v8::String::NewFromTwoByte(isolate, reinterpret_cast<const uint16_t*>(text.data()),
                                    v8::NewStringType::kNormal, static_cast<int>(text.size()));
}

/// An ArrayBuffer to be filled; empty, with a pending RangeError, beyond the memory limit.
v8::MaybeLocal<v8::ArrayBuffer> new_buffer(v8::Isolate* isolate, size_t size) {
  v8::MaybeLocal<v8::ArrayBuffer> buffer =
      v8::ArrayBuffer::MaybeNew(isolate, size, v8::BackingStoreInitializationMode::kUninitialized);
  if (buffer.IsEmpty()) js::throw_range_error(isolate, "Array buffer allocation failed");
  return buffer;
}

void encode_utf8(const js::Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  const v8::Local<v8::String> text = info[0].As<v8::String>();
  const size_t size = text->Utf8LengthV2(isolate);
  v8::Local<v8::ArrayBuffer> buffer;
  if (!new_buffer(isolate, size).ToLocal(&buffer)) return;
  text->WriteUtf8V2(isolate, static_cast<char*>(buffer->Data()), size,
                    v8::String::WriteFlags::kReplaceInvalidUtf8);
  info.GetReturnValue().Set(v8::Uint8Array::New(buffer, 0, size));
}

void utf8_length(const js::Arguments& info) {
  info.GetReturnValue().Set(
      static_cast<double>(info[0].As<v8::String>()->Utf8LengthV2(info.GetIsolate())));
}

void encode_utf8_into(const js::Arguments& info) {
  const v8::Local<v8::String> text = info[0].As<v8::String>();
  const std::span<uint8_t> target = js::bytes_of(info[1]);
  size_t read = 0;
  const size_t written =
      target.empty()
          ? 0
          : text->WriteUtf8V2(info.GetIsolate(), reinterpret_cast<char*>(target.data()),
                              target.size(), v8::String::WriteFlags::kReplaceInvalidUtf8, &read);
  const uint32_t progress[2] = {static_cast<uint32_t>(read), static_cast<uint32_t>(written)};
  memcpy(js::bytes_of(info[2]).data(), progress, sizeof progress);
}

void decode_utf8(const js::Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  const std::span<const uint8_t> bytes = js::bytes_of(info[0]);
  if (is_ascii(bytes)) {
    return_text(info, new_latin1(isolate, bytes));
    return;
  }
  if (info[1]->IsTrue() && !is_utf8(bytes)) return;
  if (bytes.size() > static_cast<size_t>(INT_MAX)) {
    return_text(info, {});
    return;
  }
  // V8 replaces what is malformed as the Encoding Standard says.
  return_text(info,
              v8::String::NewFromUtf8(isolate, reinterpret_cast<const char*>(bytes.data()),
                                      v8::NewStringType::kNormal, static_cast<int>(bytes.size())));
}

void decode_utf16_native(const js::Arguments& info) {
  const auto text = decode_utf16(js::bytes_of(info[0]), info[1]->IsTrue(), info[2]->IsTrue());
  if (text) return_text(info, new_utf16(info.GetIsolate(), *text));
}

void decode_latin1(const js::Arguments& info) {
  return_text(info, new_latin1(info.GetIsolate(), js::bytes_of(info[0])));
}

void decode_windows_1252_native(const js::Arguments& info) {
  const std::span<const uint8_t> bytes = js::bytes_of(info[0]);
  const auto text = decode_windows_1252(bytes);
  return_text(info,
              text ? new_utf16(info.GetIsolate(), *text) : new_latin1(info.GetIsolate(), bytes));
}

void encode_latin1(const js::Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  const v8::Local<v8::String> text = info[0].As<v8::String>();
  if (!text->ContainsOnlyOneByte()) return;
  const auto size = static_cast<size_t>(text->Length());
  v8::Local<v8::ArrayBuffer> buffer;
  if (!new_buffer(isolate, size).ToLocal(&buffer)) return;
  text->WriteOneByteV2(isolate, 0, static_cast<uint32_t>(size),
                       static_cast<uint8_t*>(buffer->Data()));
  info.GetReturnValue().Set(v8::Uint8Array::New(buffer, 0, size));
}

constexpr js::Native kTable[] = {
    {"encodeUtf8", encode_utf8},
    {"utf8Length", utf8_length},
    {"encodeUtf8Into", encode_utf8_into},
    {"decodeUtf8", decode_utf8},
    {"decodeUtf16", decode_utf16_native},
    {"decodeLatin1", decode_latin1},
    {"decodeWindows1252", decode_windows_1252_native},
    {"encodeLatin1", encode_latin1},
};

}  // namespace

const std::span<const js::Native> kTextNatives = kTable;

}  // namespace selvage::web
