#include "deploy/worker_version.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "deploy/json_fields.h"
#include "deploy/names.h"

namespace selvage::deploy {
namespace {

constexpr Names<BindingType, 9> kBindingTypes{{
    {BindingType::text, "text"},
    {BindingType::json, "json"},
    {BindingType::secret, "secret"},
    {BindingType::kv, "kv"},
    {BindingType::durable_object, "durable_object"},
    {BindingType::service, "service"},
    {BindingType::version_metadata, "version_metadata"},
    {BindingType::assets, "assets"},
    {BindingType::rate_limit, "rate_limit"},
}};

template <class Type, size_t n>
void take_type(JsonFields& fields, const Names<Type, n>& names, Type& target) {
  std::string text;
  fields.take("type", text);
  if (!fields.status()) return;
  if (const std::optional<Type> type = find_named(names, text)) {
    target = *type;
  } else {
    fields.refuse("has the unknown type \"" + text + "\"");
  }
}

// Only what differs from the default travels, so that a line stays readable.
void put(nlohmann::json& json, const char* key, const std::string& value) {
  if (!value.empty()) json[key] = value;
}

nlohmann::json module_to_json(const Module& module) {
  nlohmann::json json{
      {"name", module.name}, {"type", name_of(kModuleTypes, module.type)}, {"path", module.path}};
  put(json, "source_map", module.source_map);
  return json;
}

Result<Module> module_from_json(const nlohmann::json& json) {
  Module module;
  JsonFields fields(json, "module");
  take_type(fields, kModuleTypes, module.type);
  fields.take("name", module.name);
  fields.take("path", module.path);
  fields.take("source_map", module.source_map);
  SELVAGE_CHECK_STATUS(fields.status());
  return module;
}

nlohmann::json binding_to_json(const Binding& binding) {
  nlohmann::json json{{"name", binding.name}, {"type", name_of(kBindingTypes, binding.type)}};
  put(json, "value", binding.value);
  put(json, "class_name", binding.class_name);
  put(json, "script", binding.script);
  put(json, "entrypoint", binding.entrypoint);
  put(json, "props", binding.props);
  return json;
}

Result<Binding> binding_from_json(const nlohmann::json& json) {
  Binding binding;
  JsonFields fields(json, "binding");
  take_type(fields, kBindingTypes, binding.type);
  fields.take("name", binding.name);
  fields.take("value", binding.value);
  fields.take("class_name", binding.class_name);
  fields.take("script", binding.script);
  fields.take("entrypoint", binding.entrypoint);
  fields.take("props", binding.props);
  SELVAGE_CHECK_STATUS(fields.status());
  return binding;
}

Status take_limits(const nlohmann::json& json, Limits& limits) {
  const auto it = json.find("limits");
  if (it == json.end()) return {};
  JsonFields fields(*it, "limits");
  fields.take("cpu_ms", limits.cpu_ms);
  fields.take("startup_cpu_ms", limits.startup_cpu_ms);
  fields.take("memory_bytes", limits.memory_bytes);
  return fields.status();
}

}  // namespace

nlohmann::json to_json(const WorkerVersion& version) {
  nlohmann::json modules = nlohmann::json::array();
  for (const Module& module : version.modules) modules.push_back(module_to_json(module));
  nlohmann::json bindings = nlohmann::json::array();
  for (const Binding& binding : version.bindings) bindings.push_back(binding_to_json(binding));
  nlohmann::json migrations = nlohmann::json::array();
  for (const Migration& migration : version.migrations) migrations.push_back(to_json(migration));
  nlohmann::json exports = nlohmann::json::array();
  for (const ClassExport& entry : version.exports) exports.push_back(to_json(entry));
  nlohmann::json json = {{"name", version.name},
                         {"id", version.id},
                         {"main", version.main},
                         {"modules", std::move(modules)},
                         {"compatibility_date", version.compatibility_date},
                         {"compatibility_flags", version.compatibility_flags},
                         {"bindings", std::move(bindings)},
                         {"migrations", std::move(migrations)},
                         {"exports", std::move(exports)},
                         {"crons", version.crons},
                         {"tail_consumers", version.tail_consumers},
                         {"limits",
                          {{"cpu_ms", version.limits.cpu_ms},
                           {"startup_cpu_ms", version.limits.startup_cpu_ms},
                           {"memory_bytes", version.limits.memory_bytes}}}};
  if (version.assets) json["assets"] = to_json(*version.assets);
  return json;
}

Result<WorkerVersion> worker_version_from_json(const nlohmann::json& json) {
  WorkerVersion version;
  JsonFields fields(json, "worker version");
  fields.take("name", version.name);
  fields.take("id", version.id);
  fields.take("main", version.main);
  fields.take_each("modules", version.modules, module_from_json);
  fields.take("compatibility_date", version.compatibility_date);
  fields.take_strings("compatibility_flags", version.compatibility_flags);
  fields.take_each("bindings", version.bindings, binding_from_json);
  fields.take_each("migrations", version.migrations, migration_from_json);
  fields.take_each("exports", version.exports, class_export_from_json);
  fields.take_strings("crons", version.crons);
  fields.take_strings("tail_consumers", version.tail_consumers);
  SELVAGE_CHECK_STATUS(fields.status());
  SELVAGE_CHECK_STATUS(take_limits(json, version.limits));
  if (const auto assets = json.find("assets"); assets != json.end()) {
    SELVAGE_TRY(version.assets, worker_assets_from_json(*assets));
  }
  if (version.name.empty()) fields.refuse("has no name");
  SELVAGE_CHECK_STATUS(fields.status());
  return version;
}

}  // namespace selvage::deploy
