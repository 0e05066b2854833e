#include "js/builtin_groups.h"

#include "js/isolate.h"

namespace selvage::js {
namespace {

v8::MaybeLocal<v8::Script> compile(v8::Local<v8::Context> context,
                                   const BuiltinGroups::Group& group) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  v8::Local<v8::String> text;
  if (!v8::String::NewExternalOneByte(isolate, group.source.get()).ToLocal(&text)) return {};
  v8::ScriptOrigin origin(make_symbol(isolate, "selvage:" + group.name));
  if (group.code.empty()) return v8::Script::Compile(context, text, &origin);
  v8::ScriptCompiler::Source source(
      text, origin,
      new v8::ScriptCompiler::CachedData(reinterpret_cast<const uint8_t*>(group.code.data()),
                                         static_cast<int>(group.code.size()),
                                         v8::ScriptCompiler::CachedData::BufferNotOwned));
  return v8::ScriptCompiler::Compile(context, &source, v8::ScriptCompiler::kConsumeCodeCache);
}

// loadGroup(name)
void load_group(const Arguments& info) {
  v8::Isolate* v8 = info.GetIsolate();
  v8::Local<v8::Value> function;
  if (Isolate::from(v8)
          .groups()
          .load(v8->GetCurrentContext(), to_latin1(v8, info[0]))
          .ToLocal(&function)) {
    info.GetReturnValue().Set(function);
  }
}

// The accessor lies in the part of the snapshot that all contexts share: it can't hold a function.
void make_lazy_global(v8::Local<v8::Name> name, const v8::PropertyCallbackInfo<v8::Value>& info) {
  v8::Isolate* v8 = info.GetIsolate();
  v8::Local<v8::Value> make = Isolate::from(v8).builtin("makeLazyGlobal");
  v8::Local<v8::Value> argument = name;
  v8::Local<v8::Value> value;
  if (make.As<v8::Function>()
          ->Call(v8->GetCurrentContext(), v8::Undefined(v8), 1, &argument)
          .ToLocal(&value)) {
    info.GetReturnValue().Set(value);
  }
}

// lazyGlobal(name)
void lazy_global(const Arguments& info) {
  v8::Local<v8::Context> context = info.GetIsolate()->GetCurrentContext();
  (void)context->Global()->SetLazyDataProperty(context, info[0].As<v8::Name>(), make_lazy_global,
                                               {}, v8::DontEnum);
}

constexpr Native kTable[] = {
    {"loadGroup", load_group},
    {"lazyGlobal", lazy_global},
};

const intptr_t kReferences[] = {reinterpret_cast<intptr_t>(make_lazy_global)};

}  // namespace

const std::span<const Native> kGroupNatives = kTable;
const std::span<const intptr_t> kGroupReferences = kReferences;

void BuiltinGroups::add(std::string name, std::string_view source, std::string_view code) {
  groups_.push_back({std::move(name), std::make_unique<ExternalSource>(source), code});
}

v8::MaybeLocal<v8::Value> BuiltinGroups::load(v8::Local<v8::Context> context,
                                              std::string_view name) const {
  for (const Group& group : groups_) {
    if (group.name != name) continue;
    v8::Local<v8::Script> script;
    if (!compile(context, group).ToLocal(&script)) return {};
    return script->Run(context);
  }
  throw_error(v8::Isolate::GetCurrent(),
              "there is no group of builtins named " + std::string(name));
  return {};
}

std::string BuiltinGroups::compiled_code(v8::Local<v8::Context> context, const Group& group) {
  v8::Local<v8::Script> script;
  // V8 remembers what it compiled from this source, with all functions that have run since.
  if (!compile(context, group).ToLocal(&script)) return {};
  const std::unique_ptr<v8::ScriptCompiler::CachedData> code(
      v8::ScriptCompiler::CreateCodeCache(script->GetUnboundScript()));
  if (!code) return {};
  return {reinterpret_cast<const char*>(code->data), static_cast<size_t>(code->length)};
}

}  // namespace selvage::js
