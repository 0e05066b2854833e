#include "cli/env_types.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "cli/module_rules.h"

namespace selvage::cli {
namespace {

namespace fs = std::filesystem;
using deploy::Binding;
using deploy::BindingType;
using deploy::ModuleRule;

std::string literal(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool is_identifier(const std::string& name) {
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '$';
         });
}

/// As an import specifier: relative, without the ending that TypeScript knows.
std::string main_specifier(const deploy::ProjectConfig& config, const std::string& directory) {
  if (config.main.empty()) return "";
  fs::path path = fs::path(config.main).lexically_relative(directory);
  const std::string ending = path.extension().string();
  if (ending == ".ts" || ending == ".tsx" || ending == ".js" || ending == ".jsx") {
    path.replace_extension();
  }
  const std::string text = path.generic_string();
  return text.starts_with(".") ? text : "./" + text;
}

bool is_own(const deploy::ProjectConfig& config, const Binding& binding) {
  return binding.script.empty() || binding.script == config.name;
}

std::string type_of(const deploy::ProjectConfig& config, const Binding& binding,
                    const std::string& main) {
  switch (binding.type) {
    case BindingType::text: return literal(binding.value);
    case BindingType::json: return binding.value;  // JSON's literals are TypeScript's
    case BindingType::secret: return "string";
    case BindingType::kv: return "KVNamespace";
    case BindingType::durable_object:
      if (is_own(config, binding) && !main.empty()) {
        return "DurableObjectNamespace<import(" + literal(main) + ")." + binding.class_name + ">";
      }
      return "DurableObjectNamespace /* " + binding.class_name + " of " + binding.script + " */";
    case BindingType::service:
      if (binding.entrypoint.empty()) return "Fetcher /* " + binding.script + " */";
      return "Service /* " + binding.entrypoint + " of " + binding.script + " */";
    case BindingType::version_metadata: return "WorkerVersionMetadata";
    case BindingType::assets: return "Fetcher";
    case BindingType::rate_limit: return "RateLimit";
  }
  return "unknown";
}

const char* value_type(ModuleRule::Type type) {
  switch (type) {
    case ModuleRule::Type::text: return "string";
    case ModuleRule::Type::data: return "ArrayBuffer";
    case ModuleRule::Type::wasm: return "WebAssembly.Module";
    default: return nullptr;
  }
}

std::string module_declarations(const deploy::ProjectConfig& config) {
  std::string text;
  std::set<std::string> declared;
  for (const ModuleRule& rule : effective_rules(config.rules)) {
    const char* type = value_type(rule.type);
    if (type == nullptr) continue;
    for (const std::string& glob : rule.globs) {
      // TypeScript's patterns have one star.
      const std::string pattern = glob.starts_with("**/") ? glob.substr(3) : glob;
      if (std::ranges::count(pattern, '*') != 1 || !declared.insert(pattern).second) continue;
      text += "declare module " + literal(pattern) + " {\n  const value: " + type +
              ";\n  export default value;\n}\n";
    }
  }
  return text;
}

}  // namespace

std::string env_types(const deploy::ProjectConfig& config, const EnvTypesOptions& options) {
  const std::string main = main_specifier(config, options.directory);
  std::string members;
  std::string classes;
  for (const Binding& binding : config.bindings) {
    const std::string name = is_identifier(binding.name) ? binding.name : literal(binding.name);
    members += "    " + name + ": " + type_of(config, binding, main) + ";\n";
    if (binding.type == BindingType::durable_object && is_own(config, binding)) {
      classes += (classes.empty() ? "" : " | ") + literal(binding.class_name);
    }
  }
  std::string text =
      "/* eslint-disable */\n"
      "// Made by `selvage types` from the project's configuration: run it again when that "
      "changes.\n"
      "declare namespace Cloudflare {\n";
  if (!main.empty()) {
    text += "  interface GlobalProps {\n    mainModule: typeof import(" + literal(main) + ");\n";
    if (!classes.empty()) text += "    durableNamespaces: " + classes + ";\n";
    text += "  }\n";
  }
  text += "  interface Env {\n" + members + "  }\n}\ninterface " + options.interface +
          " extends Cloudflare.Env {}\n";
  return text + module_declarations(config);
}

}  // namespace selvage::cli
