// The modules of a worker in one isolate: ES modules, CommonJS, JSON, text, data and WebAssembly,
// resolved by name within the version's own files.
#pragma once

#include <v8.h>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "deploy/source_map.h"
#include "deploy/worker_version.h"
#include "js/code_cache.h"
#include "js/exception.h"

namespace selvage::js {

/// A version's code in memory: read once, shared by its isolates on all threads. Immutable.
class Code {
 public:
  struct Module {
    std::string name;
    deploy::ModuleType type;
    std::string content;
    bool ascii = false;
    std::unique_ptr<deploy::SourceMap> source_map;
  };

  static Result<std::shared_ptr<const Code>> load(const deploy::WorkerVersion& version);

  [[nodiscard]] const Module* find(std::string_view name) const;
  [[nodiscard]] const Module& main() const { return modules_[main_]; }
  /// A stack in terms of the author's sources.
  [[nodiscard]] std::string map_stack(std::string_view stack) const;

 private:
  std::vector<Module> modules_;
  size_t main_ = 0;
};

/// Belongs to one isolate; all calls inside run().
class ModuleGraph {
 public:
  /// `builtin_modules` has an object of exports for each module that the runtime itself brings
  /// ("cloudflare:workers"). The graph takes the isolate's data slot kSlot.
  ModuleGraph(v8::Isolate* isolate, std::shared_ptr<const Code> code, CodeCache& cache,
              v8::Local<v8::Object> builtin_modules);
  ~ModuleGraph();
  ModuleGraph(const ModuleGraph&) = delete;
  ModuleGraph& operator=(const ModuleGraph&) = delete;

  /// Runs the main module (draining microtasks) and returns its namespace; for a service worker
  /// script, an empty object. The error's message carries the place in the source.
  Result<v8::Local<v8::Object>> evaluate_main();

  /// Keeps the code compiled so far. After the first event, when the functions in use are known.
  void store_code();

  /// The isolate is lost: forget the handles without touching V8.
  void abandon();

 private:
  friend struct ModuleCallbacks;
  static constexpr uint32_t kSlot = 1;
  static ModuleGraph& of(v8::Isolate* isolate) {
    return *static_cast<ModuleGraph*>(isolate->GetData(kSlot));
  }

  struct Loaded {
    std::string name;
    const Code::Module* source = nullptr;  // nullptr: a builtin module
    v8::Global<v8::Module> module;
    v8::Global<v8::Value> synthetic_export;  // what a synthetic module exports
    v8::Global<v8::Object> commonjs_module;  // `module` of a CommonJS module
  };

  v8::MaybeLocal<v8::Module> resolve(std::string_view specifier, std::string_view referrer);
  v8::MaybeLocal<v8::Module> load(const std::string& name, std::string_view specifier,
                                  std::string_view referrer);
  v8::MaybeLocal<v8::Module> compile_esm(Loaded& loaded);
  v8::MaybeLocal<v8::Module> make_synthetic(Loaded& loaded);
  v8::MaybeLocal<v8::Value> synthetic_value(Loaded& loaded);
  v8::MaybeLocal<v8::Value> run_commonjs(Loaded& loaded);
  v8::MaybeLocal<v8::Value> require(std::string_view specifier, std::string_view referrer);
  Result<v8::Local<v8::Object>> run_service_worker(const Code::Module& source);
  v8::Local<v8::String> source_string(const Code::Module& source);
  [[nodiscard]] std::string name_of(v8::Local<v8::Module> module) const;
  Loaded* find_loaded(v8::Local<v8::Module> module);

  v8::Isolate* isolate_;
  std::shared_ptr<const Code> code_;
  CodeCache& cache_;
  v8::Global<v8::Object> builtin_modules_;
  std::unordered_map<std::string, std::unique_ptr<Loaded>> loaded_;
};

}  // namespace selvage::js
