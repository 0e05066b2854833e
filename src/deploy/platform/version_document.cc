#include "deploy/platform/version_document.h"

#include <algorithm>
#include <utility>

#include "deploy/names.h"

namespace selvage::deploy {
namespace {

/// A string of `json`, "" when it is absent or null.
std::string text(const nlohmann::json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

Result<Binding> binding_of(const nlohmann::json& json, const VersionPlace& place,
                           const SecretBox& secrets, const nlohmann::json& document) {
  const std::string type = text(json, "type");
  Binding binding;
  binding.name = text(json, "name");
  const auto key_of = [&](const std::string& script) {
    return script.empty() || script == place.script ? std::string()
                                                    : worker_key(place.account.number, script);
  };
  if (type == "plain_text") {
    binding.value = text(json, "text");
  } else if (type == "json") {
    binding.type = BindingType::json;
    binding.value = json.value("json", nlohmann::json())
                        .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  } else if (type == "secret_text") {
    binding.type = BindingType::secret;
    SELVAGE_TRY(binding.value,
                secrets.open(text(json, "sealed"),
                             secret_context(place.account.id, place.script, binding.name)));
  } else if (type == "kv_namespace") {
    binding.type = BindingType::kv;
    binding.value = text(json, "namespace_id");
  } else if (type == "durable_object_namespace") {
    binding.type = BindingType::durable_object;
    binding.class_name = text(json, "class_name");
    binding.script = key_of(text(json, "script_name"));
  } else if (type == "service") {
    binding.type = BindingType::service;
    binding.script = worker_key(place.account.number, text(json, "service"));
    binding.entrypoint = text(json, "entrypoint");
    if (json.contains("props") && !json["props"].is_null()) binding.props = json["props"].dump();
  } else if (type == "assets") {
    binding.type = BindingType::assets;
  } else if (type == "ratelimit") {
    binding.type = BindingType::rate_limit;
    binding.value = worker_key(place.account.number, text(json, "namespace_id"));
    binding.props = json.value("simple", nlohmann::json::object()).dump();
  } else if (type == "version_metadata") {
    binding.type = BindingType::version_metadata;
    const auto annotations = document.value("annotations", nlohmann::json::object());
    binding.value = nlohmann::json{{"id", place.version_id},
                                   {"tag", text(annotations, "workers/tag")},
                                   {"timestamp", place.created_on}}
                        .dump();
  } else {
    return fail(ErrorCode::unsupported,
                "the binding " + binding.name + " has the unknown type " + type);
  }
  return binding;
}

}  // namespace

std::string_view module_type_name(ModuleType type) { return name_of(kModuleTypes, type); }

ModuleType module_type_named(std::string_view name) {
  return find_named(kModuleTypes, name).value_or(ModuleType::esm);
}

std::string secret_context(std::string_view account, std::string_view script,
                           std::string_view name) {
  std::string context(account);
  context.append("/").append(script).append("/").append(name);
  return context;
}

Result<WorkerVersion> worker_version_of(const nlohmann::json& document, const VersionPlace& place,
                                        const SecretBox& secrets, const VersionFiles& files) {
  WorkerVersion version;
  version.name = worker_key(place.account.number, place.script);
  version.id = place.version_id;
  version.main = text(document, "main_module");
  version.compatibility_date = text(document, "compatibility_date");
  version.compatibility_flags = document.value("compatibility_flags", std::vector<std::string>());
  for (const auto& each : document.value("modules", nlohmann::json::array())) {
    Module module;
    module.name = text(each, "name");
    module.type = module_type_named(text(each, "type"));
    module.path = files.module_path(text(each, "hash"));
    if (each.contains("map")) module.source_map = files.module_path(text(each, "map"));
    version.modules.push_back(std::move(module));
  }
  for (const auto& each : document.value("bindings", nlohmann::json::array())) {
    SELVAGE_TRY(Binding binding, binding_of(each, place, secrets, document));
    version.bindings.push_back(std::move(binding));
  }
  if (const auto assets = document.find("assets"); assets != document.end()) {
    SELVAGE_TRY(version.assets, worker_assets_from_json(*assets));
    version.assets->manifest = files.asset_list_path(version.assets->manifest_id);
    version.assets->directory = files.asset_directory;
    version.assets->by_hash = true;
  }
  const auto limits = document.value("limits", nlohmann::json::object());
  if (limits.is_object() && limits.contains("cpu_ms") && limits["cpu_ms"].is_number_integer()) {
    constexpr int64_t kMostCpuMs = 300'000;
    version.limits.cpu_ms =
        static_cast<uint32_t>(std::clamp<int64_t>(limits["cpu_ms"].get<int64_t>(), 1, kMostCpuMs));
  }
  return version;
}

nlohmann::json visible_bindings(const nlohmann::json& document) {
  nlohmann::json bindings = document.value("bindings", nlohmann::json::array());
  for (auto& each : bindings) each.erase("sealed");
  return bindings;
}

}  // namespace selvage::deploy
