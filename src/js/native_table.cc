#include "js/native_table.h"

#include <algorithm>

namespace selvage::js {

NativeTable::NativeTable(std::span<const Native> natives)
    : natives_(natives.begin(), natives.end()) {
  for (const Native& native : natives_) by_name_.push_back(&native);
  std::ranges::sort(by_name_, {},
                    [](const Native* native) { return std::string_view(native->name); });
}

void NativeTable::attach(v8::Isolate* isolate) const {
  isolate->SetData(kSlot, const_cast<NativeTable*>(this));
}

const Native* NativeTable::find(std::string_view name) const {
  const auto found = std::ranges::lower_bound(
      by_name_, name, {}, [](const Native* native) { return std::string_view(native->name); });
  return found != by_name_.end() && (*found)->name == name ? *found : nullptr;
}

void native_function(const Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  const auto& table = *static_cast<const NativeTable*>(isolate->GetData(NativeTable::kSlot));
  const Native* native = table.find(to_latin1(isolate, info[0]));
  if (native == nullptr) return;
  v8::Local<v8::Function> function;
  if (!v8::Function::New(isolate->GetCurrentContext(), native->callback, {}, 0,
                         v8::ConstructorBehavior::kThrow)
           .ToLocal(&function)) {
    return;
  }
  function->SetName(info[0].As<v8::String>());
  info.GetReturnValue().Set(function);
}

}  // namespace selvage::js
