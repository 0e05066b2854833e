#include "worker/async_context.h"

namespace selvage::worker {
namespace {

// Invocation ids have 31 bits; the sections lie above them, exactly in the 53 that a double has.
constexpr double kSectionUnit = 2147483648.0;

}  // namespace

AsyncContext async_context(v8::Isolate* isolate) {
  v8::Local<v8::Data> data = isolate->GetContinuationPreservedEmbedderDataV2();
  if (data.IsEmpty() || !data->IsValue()) return {};
  v8::Local<v8::Value> value = data.As<v8::Value>();
  // With AsyncLocalStorage in use it is a frame (async_context.ts): an array that begins with it.
  if (value->IsArray() &&
      !value.As<v8::Array>()->Get(isolate->GetCurrentContext(), 0).ToLocal(&value)) {
    return {};
  }
  if (value->IsInt32()) return {static_cast<InvocationId>(value.As<v8::Int32>()->Value()), 0};
  if (!value->IsNumber()) return {};
  const auto whole = static_cast<uint64_t>(value.As<v8::Number>()->Value());
  return {static_cast<InvocationId>(whole & 0x7fffffff), static_cast<SectionId>(whole >> 31)};
}

void set_async_context(v8::Isolate* isolate, AsyncContext context) {
  if (context.section == 0) {
    isolate->SetContinuationPreservedEmbedderDataV2(
        v8::Integer::New(isolate, static_cast<int32_t>(context.invocation)));
  } else {
    isolate->SetContinuationPreservedEmbedderDataV2(v8::Number::New(
        isolate, static_cast<double>(context.section) * kSectionUnit + context.invocation));
  }
}

void clear_async_context(v8::Isolate* isolate) {
  isolate->SetContinuationPreservedEmbedderDataV2(v8::Undefined(isolate));
}

}  // namespace selvage::worker
