// The UTF-8 of a JavaScript string, on the stack when it is short.
#pragma once

#include <v8.h>

#include <array>
#include <memory>
#include <string_view>

namespace selvage::web {

/// Lone surrogates become U+FFFD. "" for anything that is not a string.
class Utf8Text {
 public:
  Utf8Text(v8::Isolate* isolate, v8::Local<v8::Value> value);
  Utf8Text(const Utf8Text&) = delete;
  Utf8Text& operator=(const Utf8Text&) = delete;

  [[nodiscard]] std::string_view view() const { return {data_, length_}; }
  [[nodiscard]] const char* data() const { return data_; }
  [[nodiscard]] size_t size() const { return length_; }

 private:
  // A UTF-16 unit becomes at most three bytes.
  std::array<char, 1024> inline_;
  std::unique_ptr<char[]> heap_;
  char* data_ = inline_.data();
  size_t length_ = 0;
};

inline Utf8Text::Utf8Text(v8::Isolate* isolate, v8::Local<v8::Value> value) {
  if (!value->IsString()) return;
  const v8::Local<v8::String> string = value.As<v8::String>();
  size_t capacity = static_cast<size_t>(string->Length()) * 3;
  if (capacity > inline_.size()) {
    capacity = string->Utf8LengthV2(isolate);
    heap_.reset(new char[capacity]);
    data_ = heap_.get();
  }
  length_ =
      string->WriteUtf8V2(isolate, data_, capacity, v8::String::WriteFlags::kReplaceInvalidUtf8);
}

}  // namespace selvage::web
