#include "cli/worker_form.h"

#include <algorithm>

#include "api/multipart_writer.h"
#include "base/file_content.h"
#include "deploy/platform/seal.h"

namespace selvage::cli {
namespace {

using deploy::Binding;
using deploy::BindingType;
using deploy::Migration;
using deploy::ModuleType;
using Json = nlohmann::json;

Json binding_of(const Binding& binding, const std::string& worker) {
  Json json{{"name", binding.name}};
  switch (binding.type) {
    case BindingType::text:
      json["type"] = "plain_text";
      json["text"] = binding.value;
      break;
    case BindingType::json:
      json["type"] = "json";
      json["json"] = Json::parse(binding.value, nullptr, false);
      break;
    case BindingType::secret:
      json["type"] = "secret_text";
      json["text"] = binding.value;
      break;
    case BindingType::kv:
      json["type"] = "kv_namespace";
      json["namespace_id"] = binding.value;
      break;
    case BindingType::durable_object:
      json["type"] = "durable_object_namespace";
      json["class_name"] = binding.class_name;
      if (!binding.script.empty() && binding.script != worker) json["script_name"] = binding.script;
      break;
    case BindingType::service:
      json["type"] = "service";
      json["service"] = binding.script;
      if (!binding.entrypoint.empty()) json["entrypoint"] = binding.entrypoint;
      if (!binding.props.empty()) json["props"] = Json::parse(binding.props, nullptr, false);
      break;
    case BindingType::version_metadata: json["type"] = "version_metadata"; break;
    case BindingType::assets: json["type"] = "assets"; break;
    case BindingType::rate_limit:
      json["type"] = "ratelimit";
      json["namespace_id"] = binding.value;
      json["simple"] = nlohmann::json::parse(binding.props);
      break;
  }
  return json;
}

/// Those after `applied`; all of them when it is none of theirs.
Json pending_migrations(const std::vector<Migration>& migrations, const std::string& applied) {
  const auto last = std::ranges::find(migrations, applied, &Migration::tag);
  const auto first = last == migrations.end() ? migrations.begin() : last + 1;
  if (first == migrations.end()) return nullptr;
  Json steps = Json::array();
  for (auto each = first; each != migrations.end(); ++each) {
    Json step = deploy::to_json(*each);
    step.erase("tag");
    steps.push_back(std::move(step));
  }
  Json json{{"new_tag", migrations.back().tag}, {"steps", std::move(steps)}};
  if (!applied.empty()) json["old_tag"] = applied;
  return json;
}

Json export_of(const deploy::ClassExport& entry) {
  using State = deploy::ClassExport::State;
  Json json{{"type", "durable-object"}, {"storage", entry.sqlite ? "sqlite" : "legacy-kv"}};
  switch (entry.state) {
    case State::created: break;
    case State::deleted: json["state"] = "deleted"; break;
    case State::renamed:
      json["state"] = "renamed";
      json["renamed_to"] = entry.target;
      break;
    case State::transferred:
      json["state"] = "transferred";
      json["transferred_to"] = entry.target;
      break;
    case State::expecting_transfer:
      json["state"] = "expecting-transfer";
      json["transfer_from"] = entry.source;
      break;
  }
  return json;
}

const char* content_type_of(ModuleType type) {
  switch (type) {
    case ModuleType::esm: return "application/javascript+module";
    case ModuleType::commonjs:
    case ModuleType::service_worker: return "application/javascript";
    case ModuleType::json: return "application/json";
    case ModuleType::text: return "text/plain";
    case ModuleType::data: return "application/octet-stream";
    case ModuleType::wasm: return "application/wasm";
  }
  return "application/octet-stream";
}

}  // namespace

Json worker_metadata(const deploy::ProjectConfig& config, const deploy::WorkerVersion& version,
                     const WorkerFormOptions& options) {
  Json metadata{{"compatibility_date", version.compatibility_date},
                {"compatibility_flags", version.compatibility_flags},
                {"bindings", Json::array()},
                // What `selvage secret put` set stays; the configuration does not know it.
                {"keep_bindings", {"secret_text"}}};
  const auto main = std::ranges::find(version.modules, version.main, &deploy::Module::name);
  if (main != version.modules.end()) {
    metadata[main->type == ModuleType::service_worker ? "body_part" : "main_module"] = version.main;
  }
  for (const Binding& each : version.bindings) {
    metadata["bindings"].push_back(binding_of(each, version.name));
  }
  if (config.deployment.keep_variables) {
    for (const char* type : {"plain_text", "json"}) metadata["keep_bindings"].push_back(type);
  }
  if (config.cpu_ms) metadata["limits"] = {{"cpu_ms", *config.cpu_ms}};
  Json migrations = pending_migrations(version.migrations, options.migration_tag);
  if (!migrations.is_null()) metadata["migrations"] = std::move(migrations);
  for (const deploy::ClassExport& each : version.exports) {
    metadata["exports"][each.class_name] = export_of(each);
  }
  if (!options.assets.is_null()) metadata["assets"] = options.assets;
  if (!options.message.empty()) metadata["annotations"]["workers/message"] = options.message;
  if (!options.tag.empty()) metadata["annotations"]["workers/tag"] = options.tag;
  metadata["tail_consumers"] = Json::array();
  for (const std::string& each : version.tail_consumers) {
    metadata["tail_consumers"].push_back({{"service", each}});
  }
  if (config.deployment.logpush) metadata["logpush"] = *config.deployment.logpush;
  if (!config.deployment.observability.empty()) {
    metadata["observability"] = Json::parse(config.deployment.observability, nullptr, false);
  }
  return metadata;
}

std::string form_boundary() { return "----selvage-" + deploy::random_id(); }

Result<WorkerForm> worker_form(const Json& metadata, const deploy::WorkerVersion& version) {
  api::MultipartWriter writer(form_boundary());
  writer.add_field("metadata", metadata.dump(-1, ' ', false, Json::error_handler_t::replace));
  WorkerForm form;
  for (const deploy::Module& module : version.modules) {
    SELVAGE_TRY(const std::string content, read_file(module.path));
    const char* type = content_type_of(module.type);
    writer.add_file(module.name, module.name, type, content);
    form.modules.push_back({module.name, type, content.size()});
    if (module.source_map.empty()) continue;
    SELVAGE_TRY(const std::string map, read_file(module.source_map));
    const std::string name = module.name + ".map";
    writer.add_file(name, name, "application/source-map", map);
  }
  form.content_type = writer.content_type();
  form.body = writer.finish();
  return form;
}

}  // namespace selvage::cli
