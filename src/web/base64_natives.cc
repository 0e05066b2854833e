// atob and btoa on strings whose characters stand for bytes.
#include "web/encodings.h"
#include "web/natives.h"
#include "web/utf8_text.h"

namespace selvage::web {
namespace {

std::span<const uint8_t> span_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

void encode(const js::Arguments& info) {
  const v8::Local<v8::String> text = info[0].As<v8::String>();
  if (!text->ContainsOnlyOneByte()) return;
  const std::string bytes = js::to_latin1(info.GetIsolate(), text);
  info.GetReturnValue().Set(js::make_latin1(info.GetIsolate(), base64_encode(span_of(bytes))));
}

void encode_bytes(const js::Arguments& info) {
  info.GetReturnValue().Set(
      js::make_latin1(info.GetIsolate(), base64_encode(js::bytes_of(info[0]))));
}

void decode(const js::Arguments& info) {
  const Utf8Text text(info.GetIsolate(), info[0]);
  if (const auto bytes = base64_decode(text.view())) {
    info.GetReturnValue().Set(js::make_latin1(info.GetIsolate(), *bytes));
  }
}

constexpr js::Native kTable[] = {
    {"base64Encode", encode},
    {"base64EncodeBytes", encode_bytes},
    {"base64Decode", decode},
};

}  // namespace

const std::span<const js::Native> kBase64Natives = kTable;

}  // namespace selvage::web
