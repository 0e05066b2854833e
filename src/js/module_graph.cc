#include "js/module_graph.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "js/native.h"

namespace selvage::js {
namespace {

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream contents;
  if (!in || !(contents << in.rdbuf())) {
    // An empty file sets failbit when nothing could be inserted.
    if (in.is_open() && in.peek() == std::ifstream::traits_type::eof()) return std::string();
    return fail(ErrorCode::not_found, "cannot read the module file " + path);
  }
  return std::move(contents).str();
}

/// "lib/a.js" and "../b.js" make "b.js".
std::string join_path(std::string_view referrer, std::string_view specifier) {
  std::vector<std::string_view> parts;
  const auto add = [&parts](std::string_view path) {
    while (!path.empty()) {
      const size_t slash = path.find('/');
      const std::string_view part = path.substr(0, slash);
      path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
      if (part.empty() || part == ".") continue;
      if (part == "..") {
        if (!parts.empty()) parts.pop_back();
      } else {
        parts.push_back(part);
      }
    }
  };
  const size_t directory = referrer.rfind('/');
  if (!specifier.starts_with('/') && directory != std::string_view::npos) {
    add(referrer.substr(0, directory));
  }
  add(specifier);
  std::string path;
  for (std::string_view part : parts) {
    if (!path.empty()) path += '/';
    path += part;
  }
  return path;
}

/// An ASCII source that V8 reads where it is, instead of copying it into each isolate's heap.
class SharedSource final : public v8::String::ExternalOneByteStringResource {
 public:
  SharedSource(std::shared_ptr<const Code> code, std::string_view text)
      : code_(std::move(code)), text_(text) {}
  [[nodiscard]] const char* data() const override { return text_.data(); }
  [[nodiscard]] size_t length() const override { return text_.size(); }

 private:
  std::shared_ptr<const Code> code_;
  std::string_view text_;
};

}  // namespace

Result<std::shared_ptr<const Code>> Code::load(const deploy::WorkerVersion& version) {
  auto code = std::make_shared<Code>();
  bool has_main = false;
  for (const deploy::Module& module : version.modules) {
    SELVAGE_TRY(std::string content, read_file(module.path));
    Module loaded{module.name, module.type, std::move(content), false, nullptr};
    loaded.ascii = std::ranges::all_of(loaded.content,
                                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (!module.source_map.empty()) {
      SELVAGE_TRY(const std::string json, read_file(module.source_map));
      SELVAGE_TRY(deploy::SourceMap map, deploy::SourceMap::parse(json));
      loaded.source_map = std::make_unique<deploy::SourceMap>(std::move(map));
    }
    if (module.name == version.main) {
      code->main_ = code->modules_.size();
      has_main = true;
    }
    code->modules_.push_back(std::move(loaded));
  }
  if (!has_main) {
    return fail(ErrorCode::invalid_argument,
                "worker " + version.name + " has no module named " + version.main);
  }
  return std::shared_ptr<const Code>(std::move(code));
}

const Code::Module* Code::find(std::string_view name) const {
  const auto found = std::ranges::find(modules_, name, &Module::name);
  return found == modules_.end() ? nullptr : &*found;
}

std::string Code::map_stack(std::string_view stack) const {
  std::string mapped(stack);
  for (const Module& module : modules_) {
    if (module.source_map) mapped = module.source_map->map_stack(mapped, module.name);
  }
  return mapped;
}

/// V8's callbacks, which find their graph through the isolate.
struct ModuleCallbacks {
  static v8::MaybeLocal<v8::Module> resolve(v8::Local<v8::Context> context,
                                            v8::Local<v8::String> specifier,
                                            v8::Local<v8::FixedArray> /*attributes*/,
                                            v8::Local<v8::Module> referrer) {
    v8::Isolate* isolate = v8::Isolate::GetCurrent();
    (void)context;
    ModuleGraph& graph = ModuleGraph::of(isolate);
    return graph.resolve(to_utf8(isolate, specifier), graph.name_of(referrer));
  }

  static v8::MaybeLocal<v8::Value> evaluate_synthetic(v8::Local<v8::Context> context,
                                                      v8::Local<v8::Module> module) {
    v8::Isolate* isolate = v8::Isolate::GetCurrent();
    ModuleGraph::Loaded& loaded = *ModuleGraph::of(isolate).find_loaded(module);
    v8::Local<v8::Value> value;
    if (!ModuleGraph::of(isolate).synthetic_value(loaded).ToLocal(&value)) return {};
    if (loaded.source == nullptr) {
      v8::Local<v8::Object> exports = value.As<v8::Object>();
      v8::Local<v8::Array> names = exports->GetOwnPropertyNames(context).ToLocalChecked();
      for (uint32_t i = 0; i < names->Length(); ++i) {
        v8::Local<v8::String> name =
            names->Get(context, i).ToLocalChecked()->ToString(context).ToLocalChecked();
        v8::Local<v8::Value> item;
        if (!exports->Get(context, name).ToLocal(&item)) return {};
        if (module->SetSyntheticModuleExport(isolate, name, item).IsNothing()) return {};
      }
    } else if (module->SetSyntheticModuleExport(isolate, make_symbol(isolate, "default"), value)
                   .IsNothing()) {
      return {};
    }
    v8::Local<v8::Promise::Resolver> done;
    if (!v8::Promise::Resolver::New(context).ToLocal(&done)) return {};
    done->Resolve(context, v8::Undefined(isolate)).Check();
    return done->GetPromise();
  }

  static v8::MaybeLocal<v8::Promise> import_dynamically(v8::Local<v8::Context> context,
                                                        v8::Local<v8::Data> /*options*/,
                                                        v8::Local<v8::Value> resource_name,
                                                        v8::Local<v8::String> specifier,
                                                        v8::Local<v8::FixedArray> /*attributes*/) {
    v8::Isolate* isolate = v8::Isolate::GetCurrent();
    v8::Local<v8::Promise::Resolver> resolver;
    if (!v8::Promise::Resolver::New(context).ToLocal(&resolver)) return {};
    v8::TryCatch caught(isolate);
    v8::Local<v8::Module> module;
    v8::Local<v8::Value> evaluated;
    const bool ran = ModuleGraph::of(isolate)
                         .resolve(to_utf8(isolate, specifier), to_utf8(isolate, resource_name))
                         .ToLocal(&module) &&
                     module->InstantiateModule(context, resolve).FromMaybe(false) &&
                     module->Evaluate(context).ToLocal(&evaluated);
    if (!ran) {
      if (caught.HasTerminated()) {
        caught.ReThrow();
        return {};
      }
      (void)resolver->Reject(context, caught.Exception());
      return resolver->GetPromise();
    }
    // The namespace once the evaluation (which may await) has settled.
    v8::Local<v8::Function> give_namespace;
    v8::Local<v8::Promise> result;
    if (!v8::Function::New(
             context, [](const Arguments& info) { info.GetReturnValue().Set(info.Data()); },
             module->GetModuleNamespace())
             .ToLocal(&give_namespace) ||
        !evaluated.As<v8::Promise>()->Then(context, give_namespace).ToLocal(&result)) {
      return {};
    }
    return result;
  }

  static void initialize_import_meta(v8::Local<v8::Context> context, v8::Local<v8::Module> module,
                                     v8::Local<v8::Object> meta) {
    v8::Isolate* isolate = v8::Isolate::GetCurrent();
    meta->CreateDataProperty(
            context, make_symbol(isolate, "url"),
            make_string(isolate, "file:///" + ModuleGraph::of(isolate).name_of(module)))
        .Check();
  }

  static void require(const Arguments& info) {
    v8::Isolate* isolate = info.GetIsolate();
    v8::Local<v8::Value> value;
    if (ModuleGraph::of(isolate)
            .require(to_utf8(isolate, info[0]), to_utf8(isolate, info.Data()))
            .ToLocal(&value)) {
      info.GetReturnValue().Set(value);
    }
  }
};

ModuleGraph::ModuleGraph(v8::Isolate* isolate, std::shared_ptr<const Code> code, CodeCache& cache,
                         v8::Local<v8::Object> builtin_modules)
    : isolate_(isolate),
      code_(std::move(code)),
      cache_(cache),
      builtin_modules_(isolate, builtin_modules) {
  isolate->SetData(kSlot, this);
  isolate->SetHostImportModuleDynamicallyCallback(ModuleCallbacks::import_dynamically);
  isolate->SetHostInitializeImportMetaObjectCallback(ModuleCallbacks::initialize_import_meta);
}

ModuleGraph::~ModuleGraph() = default;

void ModuleGraph::abandon() {
  builtin_modules_.Clear();
  for (auto& [name, loaded] : loaded_) {
    loaded->module.Clear();
    loaded->synthetic_export.Clear();
    loaded->commonjs_module.Clear();
  }
}

v8::Local<v8::String> ModuleGraph::source_string(const Code::Module& source) {
  v8::Local<v8::String> text;
  if (source.ascii && !source.content.empty()) {
    auto resource = std::make_unique<SharedSource>(code_, source.content);
    if (v8::String::NewExternalOneByte(isolate_, resource.get()).ToLocal(&text)) {
      resource.release();  // V8 owns it now
      return text;
    }
  }
  return make_string(isolate_, source.content);
}

ModuleGraph::Loaded* ModuleGraph::find_loaded(v8::Local<v8::Module> module) {
  for (auto& [name, loaded] : loaded_) {
    if (loaded->module == module) return loaded.get();
  }
  return nullptr;
}

std::string ModuleGraph::name_of(v8::Local<v8::Module> module) const {
  for (const auto& [name, loaded] : loaded_) {
    if (loaded->module == module) return name;
  }
  return {};
}

v8::MaybeLocal<v8::Module> ModuleGraph::resolve(std::string_view specifier,
                                                std::string_view referrer) {
  const bool relative =
      specifier.starts_with("./") || specifier.starts_with("../") || specifier.starts_with("/");
  return load(relative ? join_path(referrer, specifier) : std::string(specifier), specifier,
              referrer);
}

v8::MaybeLocal<v8::Module> ModuleGraph::load(const std::string& name, std::string_view specifier,
                                             std::string_view referrer) {
  if (const auto found = loaded_.find(name); found != loaded_.end()) {
    if (!found->second->module.IsEmpty()) return found->second->module.Get(isolate_);
  }
  v8::Local<v8::Context> context = isolate_->GetCurrentContext();
  const Code::Module* source = code_->find(name);
  if (source == nullptr &&
      !builtin_modules_.Get(isolate_)->Has(context, make_symbol(isolate_, name)).FromMaybe(false)) {
    throw_error(isolate_, "No such module \"" + name + "\".\n  imported from \"" +
                              std::string(referrer) + "\"" +
                              (name == specifier ? "" : " as \"" + std::string(specifier) + "\""));
    return {};
  }
  auto& loaded = loaded_[name];
  loaded = std::make_unique<Loaded>();
  loaded->name = name;
  loaded->source = source;
  v8::Local<v8::Module> module;
  const bool esm = source != nullptr && source->type == deploy::ModuleType::esm;
  if (!(esm ? compile_esm(*loaded) : make_synthetic(*loaded)).ToLocal(&module)) {
    loaded_.erase(name);
    return {};
  }
  loaded->module.Reset(isolate_, module);
  return module;
}

v8::MaybeLocal<v8::Module> ModuleGraph::compile_esm(Loaded& loaded) {
  v8::ScriptOrigin origin(make_string(isolate_, loaded.name), 0, 0, false, -1, {}, false, false,
                          true);
  const std::shared_ptr<const std::string> cached = cache_.find(loaded.source->content);
  v8::ScriptCompiler::CachedData* data = nullptr;
  if (cached != nullptr) {
    data = new v8::ScriptCompiler::CachedData(reinterpret_cast<const uint8_t*>(cached->data()),
                                              static_cast<int>(cached->size()),
                                              v8::ScriptCompiler::CachedData::BufferNotOwned);
  }
  v8::ScriptCompiler::Source source(source_string(*loaded.source), origin, data);
  v8::Local<v8::Module> module;
  if (!v8::ScriptCompiler::CompileModule(isolate_, &source,
                                         data != nullptr ? v8::ScriptCompiler::kConsumeCodeCache
                                                         : v8::ScriptCompiler::kNoCompileOptions)
           .ToLocal(&module)) {
    return {};
  }
  if (data != nullptr && source.GetCachedData()->rejected) cache_.reject(loaded.source->content);
  return module;
}

v8::MaybeLocal<v8::Module> ModuleGraph::make_synthetic(Loaded& loaded) {
  v8::Local<v8::Context> context = isolate_->GetCurrentContext();
  std::vector<v8::Local<v8::String>> names;
  if (loaded.source != nullptr) {
    names.push_back(make_symbol(isolate_, "default"));
  } else {
    // The first look at it evaluates it.
    v8::Local<v8::Value> exports;
    if (!builtin_modules_.Get(isolate_)
             ->Get(context, make_symbol(isolate_, loaded.name))
             .ToLocal(&exports)) {
      return {};
    }
    v8::Local<v8::Array> keys =
        exports.As<v8::Object>()->GetOwnPropertyNames(context).ToLocalChecked();
    for (uint32_t i = 0; i < keys->Length(); ++i) {
      names.push_back(keys->Get(context, i).ToLocalChecked()->ToString(context).ToLocalChecked());
    }
    loaded.synthetic_export.Reset(isolate_, exports);
  }
  return v8::Module::CreateSyntheticModule(
      isolate_, make_string(isolate_, loaded.name),
      v8::MemorySpan<const v8::Local<v8::String>>(names.data(), names.size()),
      ModuleCallbacks::evaluate_synthetic);
}

v8::MaybeLocal<v8::Value> ModuleGraph::synthetic_value(Loaded& loaded) {
  if (!loaded.synthetic_export.IsEmpty()) return loaded.synthetic_export.Get(isolate_);
  v8::Local<v8::Context> context = isolate_->GetCurrentContext();
  const Code::Module& source = *loaded.source;
  v8::MaybeLocal<v8::Value> made;
  switch (source.type) {
    case deploy::ModuleType::json: {
      v8::Local<v8::Value> value;
      if (!v8::JSON::Parse(context, make_string(isolate_, source.content)).ToLocal(&value)) {
        return {};
      }
      made = value;
      break;
    }
    case deploy::ModuleType::text: made = make_string(isolate_, source.content); break;
    case deploy::ModuleType::data: {
      v8::Local<v8::ArrayBuffer> buffer;
      if (!make_array_buffer(isolate_, source.content).ToLocal(&buffer)) return {};
      made = buffer;
      break;
    }
    case deploy::ModuleType::wasm: {
      v8::Local<v8::WasmModuleObject> wasm;
      // Compiling is refused to scripts; modules of the version are the one way in.
      isolate_->SetAllowWasmCodeGenerationCallback(
          [](v8::Local<v8::Context>, v8::Local<v8::String>) { return true; });
      const bool compiled =
          v8::WasmModuleObject::Compile(
              isolate_,
              v8::MemorySpan<const uint8_t>(reinterpret_cast<const uint8_t*>(source.content.data()),
                                            source.content.size()))
              .ToLocal(&wasm);
      isolate_->SetAllowWasmCodeGenerationCallback(
          [](v8::Local<v8::Context>, v8::Local<v8::String>) { return false; });
      if (!compiled) return {};
      made = wasm;
      break;
    }
    case deploy::ModuleType::commonjs: return run_commonjs(loaded);
    case deploy::ModuleType::esm:
    case deploy::ModuleType::service_worker:
      throw_error(isolate_, "\"" + loaded.name + "\" can't be imported");
      return {};
  }
  v8::Local<v8::Value> value;
  if (!made.ToLocal(&value)) return {};
  loaded.synthetic_export.Reset(isolate_, value);
  return value;
}

v8::MaybeLocal<v8::Value> ModuleGraph::run_commonjs(Loaded& loaded) {
  v8::Local<v8::Context> context = isolate_->GetCurrentContext();
  v8::Local<v8::String> exports_key = make_symbol(isolate_, "exports");
  v8::Local<v8::Object> module = v8::Object::New(isolate_);
  v8::Local<v8::Object> exports = v8::Object::New(isolate_);
  module->Set(context, exports_key, exports).Check();
  loaded.commonjs_module.Reset(isolate_, module);
  // A cycle sees what has been exported so far.
  loaded.synthetic_export.Reset(isolate_, exports);

  v8::Local<v8::Function> require;
  if (!v8::Function::New(context, ModuleCallbacks::require, make_string(isolate_, loaded.name))
           .ToLocal(&require)) {
    return {};
  }
  v8::ScriptOrigin origin(make_string(isolate_, loaded.name));
  v8::ScriptCompiler::Source source(source_string(*loaded.source), origin);
  v8::Local<v8::String> parameters[] = {exports_key, make_symbol(isolate_, "require"),
                                        make_symbol(isolate_, "module")};
  v8::Local<v8::Function> body;
  v8::Local<v8::Value> ignored;
  v8::Local<v8::Value> arguments[] = {exports, require, module};
  v8::Local<v8::Value> result;
  if (!v8::ScriptCompiler::CompileFunction(context, &source, 3, parameters).ToLocal(&body) ||
      !body->Call(context, exports, 3, arguments).ToLocal(&ignored) ||
      !module->Get(context, exports_key).ToLocal(&result)) {
    loaded.synthetic_export.Reset();
    return {};
  }
  loaded.synthetic_export.Reset(isolate_, result);
  return result;
}

v8::MaybeLocal<v8::Value> ModuleGraph::require(std::string_view specifier,
                                               std::string_view referrer) {
  v8::Local<v8::Context> context = isolate_->GetCurrentContext();
  v8::Local<v8::Module> module;
  if (!resolve(specifier, referrer).ToLocal(&module)) return {};
  Loaded& loaded = *find_loaded(module);
  if (loaded.source == nullptr) {
    // What `module.exports` would be, for those that come from Node.
    v8::Local<v8::Value> exports = loaded.synthetic_export.Get(isolate_);
    v8::Local<v8::String> name = make_symbol(isolate_, "default");
    const bool has_default =
        exports.As<v8::Object>()->HasOwnProperty(context, name).FromMaybe(false);
    return has_default ? exports.As<v8::Object>()->Get(context, name) : exports;
  }
  if (loaded.source->type != deploy::ModuleType::esm) return synthetic_value(loaded);
  v8::Local<v8::Value> ignored;
  if (!module->InstantiateModule(context, ModuleCallbacks::resolve).FromMaybe(false) ||
      !module->Evaluate(context).ToLocal(&ignored)) {
    return {};
  }
  return module->GetModuleNamespace();
}

Result<v8::Local<v8::Object>> ModuleGraph::run_service_worker(const Code::Module& source) {
  v8::Local<v8::Context> context = isolate_->GetCurrentContext();
  v8::TryCatch caught(isolate_);
  v8::ScriptOrigin origin(make_string(isolate_, source.name));
  v8::ScriptCompiler::Source script_source(source_string(source), origin);
  v8::Local<v8::Script> script;
  v8::Local<v8::Value> ignored;
  if (!v8::ScriptCompiler::Compile(context, &script_source).ToLocal(&script) ||
      !script->Run(context).ToLocal(&ignored)) {
    return fail(ErrorCode::invalid_argument,
                report_exception(isolate_, caught, [this](std::string_view stack) {
                  return code_->map_stack(stack);
                }).text());
  }
  isolate_->PerformMicrotaskCheckpoint();
  return v8::Object::New(isolate_);
}

Result<v8::Local<v8::Object>> ModuleGraph::evaluate_main() {
  const Code::Module& main = code_->main();
  if (main.type == deploy::ModuleType::service_worker) return run_service_worker(main);
  v8::Local<v8::Context> context = isolate_->GetCurrentContext();
  const StackMapper mapper = [this](std::string_view stack) { return code_->map_stack(stack); };
  v8::TryCatch caught(isolate_);
  v8::Local<v8::Module> module;
  v8::Local<v8::Value> evaluated;
  if (!load(main.name, main.name, "").ToLocal(&module) ||
      !module->InstantiateModule(context, ModuleCallbacks::resolve).FromMaybe(false) ||
      !module->Evaluate(context).ToLocal(&evaluated)) {
    return fail(ErrorCode::invalid_argument, report_exception(isolate_, caught, mapper).text());
  }
  isolate_->PerformMicrotaskCheckpoint();
  if (caught.HasTerminated()) return fail(ErrorCode::limit_exceeded, "(terminated)");
  v8::Local<v8::Promise> promise = evaluated.As<v8::Promise>();
  if (promise->State() == v8::Promise::kRejected) {
    promise->MarkAsHandled();
    return fail(ErrorCode::invalid_argument,
                report_exception(isolate_, promise->Result(), mapper).text());
  }
  if (promise->State() == v8::Promise::kPending) {
    return fail(ErrorCode::invalid_argument,
                "the top-level await of " + main.name + " never settles",
                "Await nothing at the top level that needs input or output");
  }
  if (main.type == deploy::ModuleType::commonjs) {
    v8::Local<v8::Value> exports;
    if (!synthetic_value(*find_loaded(module)).ToLocal(&exports) || !exports->IsObject()) {
      return fail(ErrorCode::invalid_argument, main.name + " exports no object");
    }
    // module.exports = {fetch} and module.exports.default = {fetch} both name the handlers.
    v8::Local<v8::Object> object = exports.As<v8::Object>();
    v8::Local<v8::String> name = make_symbol(isolate_, "default");
    if (object->Has(context, name).FromMaybe(false)) return object;
    v8::Local<v8::Object> wrapped = v8::Object::New(isolate_);
    wrapped->Set(context, name, object).Check();
    return wrapped;
  }
  return module->GetModuleNamespace().As<v8::Object>();
}

void ModuleGraph::store_code() {
  for (auto& [name, loaded] : loaded_) {
    if (loaded->source == nullptr || loaded->source->type != deploy::ModuleType::esm) continue;
    cache_.store(loaded->source->content, loaded->module.Get(isolate_)->GetUnboundModuleScript());
  }
}

}  // namespace selvage::js
