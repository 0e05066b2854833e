#include "api/worker_upload.h"

#include <algorithm>
#include <array>
#include <set>

namespace selvage::api {
namespace {

constexpr size_t kLongestName = 63;
constexpr size_t kLongestVariable = size_t{5} * 1024 * 1024;

tl::unexpected<Error> refuse(std::string message, std::string remedy = {}) {
  return fail(ErrorCode::invalid_argument, std::move(message), std::move(remedy));
}

bool is_text(const nlohmann::json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string();
}

bool is_strings(const nlohmann::json& list) {
  return list.is_array() &&
         std::ranges::all_of(list, [](const auto& each) { return each.is_string(); });
}

/// Required text fields of each kind of binding that a worker can be given.
struct BindingKind {
  std::string_view type;
  std::array<const char*, 1> required;
};
constexpr std::array<BindingKind, 10> kBindingKinds{{{"plain_text", {"text"}},
                                                     {"assets", {nullptr}},
                                                     {"json", {nullptr}},
                                                     {"secret_text", {"text"}},
                                                     {"kv_namespace", {"namespace_id"}},
                                                     {"durable_object_namespace", {"class_name"}},
                                                     {"service", {"service"}},
                                                     {"ratelimit", {"namespace_id"}},
                                                     {"version_metadata", {nullptr}},
                                                     {"inherit", {nullptr}}}};

bool is_rate_limit(const nlohmann::json& binding) {
  const auto simple = binding.find("simple");
  if (simple == binding.end() || !simple->is_object()) return false;
  const nlohmann::json limit = simple->value("limit", nlohmann::json());
  const nlohmann::json period = simple->value("period", nlohmann::json());
  return limit.is_number_unsigned() && (period == 10 || period == 60);
}

Status check_binding(const nlohmann::json& binding) {
  if (!binding.is_object() || !is_text(binding, "name") || !is_text(binding, "type")) {
    return refuse("a binding has no \"name\" or no \"type\"");
  }
  const auto name = binding["name"].get<std::string>();
  const auto type = binding["type"].get<std::string>();
  if (name.empty()) return refuse("a binding has an empty name");
  const auto kind = std::ranges::find(kBindingKinds, type, &BindingKind::type);
  if (kind == kBindingKinds.end()) {
    return refuse("the binding " + name + " is of the kind \"" + type +
                      "\", which this platform does not have",
                  "Remove it, or deploy to a platform that has it");
  }
  for (const char* field : kind->required) {
    if (field != nullptr && !is_text(binding, field)) {
      return refuse("the binding " + name + " has no \"" + field + "\"");
    }
    if (field != nullptr &&
        binding[field].get_ref<const std::string&>().size() > kLongestVariable) {
      return fail(ErrorCode::limit_exceeded, "the value of the binding " + name + " is too long");
    }
  }
  if (type == "ratelimit" && !is_rate_limit(binding)) {
    return refuse("the binding " + name +
                  " has no \"simple\" with a \"limit\" and a \"period\" of " + "10 or 60 seconds");
  }
  if (type == "json" && !binding.contains("json")) {
    return refuse("the binding " + name + " has no \"json\"");
  }
  for (const char* field : {"script_name", "entrypoint", "environment"}) {
    if (binding.contains(field) && !binding[field].is_string() && !binding[field].is_null()) {
      return refuse("\"" + std::string(field) + "\" of the binding " + name + " is not a string");
    }
  }
  return {};
}

Result<std::vector<deploy::Migration>> migrations_of(const nlohmann::json& json) {
  const std::string new_tag = json.value("new_tag", "");
  nlohmann::json steps = json.value("steps", nlohmann::json::array());
  if (!json.contains("steps")) {  // a single step may stand by itself
    nlohmann::json step = json;
    step.erase("new_tag");
    step.erase("old_tag");
    if (!step.empty()) steps.push_back(std::move(step));
  }
  if (!steps.is_array()) return refuse("\"migrations\".\"steps\" is not an array");
  std::vector<deploy::Migration> migrations;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (!steps[i].is_object()) return refuse("a step of \"migrations\" is not an object");
    nlohmann::json step = steps[i];
    // The API names only the last one; those before need names of their own.
    step["tag"] = i + 1 == steps.size() ? new_tag : new_tag + "/" + std::to_string(i + 1);
    SELVAGE_TRY(deploy::Migration migration, deploy::migration_from_json(step));
    migrations.push_back(std::move(migration));
  }
  return migrations;
}

Result<std::vector<deploy::ClassExport>> exports_of(const nlohmann::json& json) {
  using State = deploy::ClassExport::State;
  std::vector<deploy::ClassExport> exports;
  if (!json.is_object()) return refuse("\"exports\" is not an object");
  for (const auto& [name, value] : json.items()) {
    if (!value.is_object() || value.value("type", "") != "durable-object") continue;
    deploy::ClassExport entry;
    entry.class_name = name;
    const std::string state = value.value("state", "created");
    if (state == "deleted")
      entry.state = State::deleted;
    else if (state == "renamed")
      entry.state = State::renamed;
    else if (state == "transferred")
      entry.state = State::transferred;
    else if (state == "expecting-transfer")
      entry.state = State::expecting_transfer;
    else if (state != "created")
      return refuse("the export " + name + " has the state " + state);
    entry.sqlite = value.value("storage", "sqlite") != "legacy-kv";
    if (entry.state == State::renamed) entry.target = value.value("renamed_to", "");
    if (entry.state == State::transferred) entry.target = value.value("transferred_to", "");
    entry.source = value.value("transfer_from", "");
    exports.push_back(std::move(entry));
  }
  return exports;
}

/// metadata.assets.config
Result<deploy::WorkerAssets> assets_of(const nlohmann::json& config) {
  deploy::WorkerAssets assets;
  if (!config.is_object()) return refuse("\"assets\".\"config\" is not an object");
  for (const char* key : {"html_handling", "not_found_handling", "_headers", "_redirects"}) {
    if (config.contains(key) && !config[key].is_null() && !config[key].is_string()) {
      return refuse("\"assets\".\"config\".\"" + std::string(key) + "\" is not a string");
    }
  }
  if (is_text(config, "html_handling")) {
    SELVAGE_TRY(assets.html_handling,
                deploy::html_handling_from(config["html_handling"].get<std::string>()));
  }
  if (is_text(config, "not_found_handling")) {
    SELVAGE_TRY(assets.not_found_handling,
                deploy::not_found_handling_from(config["not_found_handling"].get<std::string>()));
  }
  if (is_text(config, "_headers")) assets.headers = config["_headers"];
  if (is_text(config, "_redirects")) assets.redirects = config["_redirects"];
  const nlohmann::json first = config.value("run_worker_first", nlohmann::json(false));
  if (first.is_boolean()) {
    assets.run_worker_first = first;
  } else if (is_strings(first)) {
    assets.run_worker_first_rules = first.get<std::vector<std::string>>();
  } else {
    return refuse("\"run_worker_first\" is neither true or false nor an array of rules");
  }
  return assets;
}

Result<deploy::ModuleType> type_of(const Part& part, bool service_worker) {
  using deploy::ModuleType;
  const std::string& type = part.content_type;
  if (type == "application/javascript+module" || type == "text/javascript+module") {
    return ModuleType::esm;
  }
  if (type == "application/javascript" || type == "text/javascript") {
    return service_worker ? ModuleType::service_worker : ModuleType::commonjs;
  }
  if (type == "application/wasm") return ModuleType::wasm;
  if (type == "text/plain") return ModuleType::text;
  if (type == "application/octet-stream") return ModuleType::data;
  if (type == "application/json") return ModuleType::json;
  return refuse("the module " + part.name + " has the type \"" + type +
                    "\", which this platform does not run",
                type.starts_with("text/x-python") ? "Python workers are not supported" : "");
}

/// A name in the graph: relative to its root, without "./".
Result<std::string> module_name(std::string_view name) {
  while (name.starts_with("./")) name.remove_prefix(2);
  std::string_view rest = name;
  bool good = !name.empty() && name.find('\0') == std::string_view::npos && name.size() <= 1024;
  while (good && !rest.empty()) {
    const size_t end = rest.find('/');
    const std::string_view segment = rest.substr(0, end);
    good = !segment.empty() && segment != "." && segment != "..";
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
  }
  if (!good) return refuse("a module is named \"" + std::string(name) + "\"");
  return std::string(name);
}

}  // namespace

Status check_worker_name(std::string_view name) {
  const bool good =
      !name.empty() && name.size() <= kLongestName && name.front() != '-' &&
      std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
      });
  if (good) return {};
  return refuse("a worker cannot be called \"" + std::string(name) + "\"",
                "Names have lower-case letters, digits, - and _, at most 63");
}

Result<WorkerUpload> read_upload_metadata(const nlohmann::json& metadata,
                                          const UploadLimits& limits) {
  if (!metadata.is_object()) return refuse("the part \"metadata\" is not a JSON object");
  WorkerUpload upload;
  nlohmann::json& document = upload.document;
  document = nlohmann::json::object();
  for (const char* key : {"main_module", "body_part"}) {
    if (metadata.contains(key) && !metadata[key].is_string()) {
      return refuse("\"" + std::string(key) + "\" is not a string");
    }
  }
  if (is_text(metadata, "main_module")) {
    SELVAGE_TRY(document["main_module"], module_name(metadata["main_module"].get<std::string>()));
  } else if (is_text(metadata, "body_part")) {
    SELVAGE_TRY(document["main_module"], module_name(metadata["body_part"].get<std::string>()));
    document["service_worker"] = true;
  }
  document["compatibility_date"] = metadata.value("compatibility_date", nlohmann::json(""));
  if (document["compatibility_date"].is_null()) document["compatibility_date"] = "";
  if (!document["compatibility_date"].is_string()) {
    return refuse("\"compatibility_date\" is not a string");
  }
  document["compatibility_flags"] = metadata.value("compatibility_flags", nlohmann::json::array());
  if (!is_strings(document["compatibility_flags"])) {
    return refuse("\"compatibility_flags\" is not an array of strings");
  }
  document["bindings"] = metadata.value("bindings", nlohmann::json::array());
  if (!document["bindings"].is_array()) return refuse("\"bindings\" is not an array");
  if (document["bindings"].size() > limits.bindings) {
    return fail(ErrorCode::limit_exceeded,
                "the worker has more than " + std::to_string(limits.bindings) + " bindings");
  }
  std::set<std::string> names;
  for (const auto& binding : document["bindings"]) {
    SELVAGE_CHECK_STATUS(check_binding(binding));
    if (!names.insert(binding["name"].get<std::string>()).second) {
      return refuse("two bindings are called " + binding["name"].get<std::string>());
    }
  }
  for (const char* key : {"limits", "placement", "cache_options"}) {
    if (metadata.contains(key) && metadata[key].is_object()) document[key] = metadata[key];
  }
  if (metadata.contains("keep_bindings")) {
    if (!is_strings(metadata["keep_bindings"])) {
      return refuse("\"keep_bindings\" is not an array of strings");
    }
    upload.keep_bindings = metadata["keep_bindings"].get<std::vector<std::string>>();
  }
  if (metadata.contains("migrations") && metadata["migrations"].is_object()) {
    const auto& migrations = metadata["migrations"];
    upload.has_migrations = true;
    for (const char* key : {"old_tag", "new_tag"}) {
      if (migrations.contains(key) && !migrations[key].is_string() && !migrations[key].is_null()) {
        return refuse("\"migrations\".\"" + std::string(key) + "\" is not a string");
      }
    }
    if (is_text(migrations, "old_tag")) upload.old_tag = migrations["old_tag"].get<std::string>();
    if (!is_text(migrations, "new_tag")) return refuse("\"migrations\" has no \"new_tag\"");
    SELVAGE_TRY(upload.migrations, migrations_of(migrations));
  }
  if (metadata.contains("exports") && !metadata["exports"].is_null()) {
    SELVAGE_TRY(upload.exports, exports_of(metadata["exports"]));
  }
  if (metadata.contains("annotations") && metadata["annotations"].is_object()) {
    for (const auto& [key, value] : metadata["annotations"].items()) {
      if (value.is_string()) upload.annotations[key] = value;
    }
  }
  upload.keep_assets = metadata.value("keep_assets", false);
  if (metadata.contains("assets") && metadata["assets"].is_object()) {
    if (!is_text(metadata["assets"], "jwt")) return refuse("\"assets\" has no \"jwt\"");
    upload.assets_token = metadata["assets"]["jwt"].get<std::string>();
    SELVAGE_TRY(const deploy::WorkerAssets assets,
                assets_of(metadata["assets"].value("config", nlohmann::json::object())));
    document["assets"] = deploy::to_json(assets);
  }
  for (const char* key : {"observability", "logpush", "tail_consumers", "tags"}) {
    if (metadata.contains(key) && !metadata[key].is_null()) upload.settings[key] = metadata[key];
  }
  return upload;
}

Result<WorkerUpload> read_worker_upload(std::string_view body, std::string_view content_type,
                                        const UploadLimits& limits) {
  SELVAGE_TRY(const std::vector<Part> parts,
              parse_multipart(body, multipart_boundary(content_type)));
  const auto head = std::ranges::find(parts, "metadata", &Part::name);
  if (head == parts.end()) return refuse("the upload has no part \"metadata\"");
  const auto metadata = nlohmann::json::parse(head->body, nullptr, false);
  if (metadata.is_discarded()) return refuse("the part \"metadata\" is not valid JSON");
  WorkerUpload upload;
  try {
    SELVAGE_TRY(upload, read_upload_metadata(metadata, limits));
  } catch (const nlohmann::json::exception&) {
    return refuse("the part \"metadata\" has a value of the wrong type");
  }
  const bool service_worker = upload.document.value("service_worker", false);
  const std::string main = upload.document.value("main_module", "");
  size_t bytes = 0;
  std::set<std::string> names;
  for (const Part& part : parts) {
    if (&part == &*head || part.content_type == "application/source-map") continue;
    SELVAGE_TRY(std::string name, module_name(part.name));
    SELVAGE_TRY(const deploy::ModuleType type, type_of(part, service_worker && name == main));
    if (!names.insert(name).second) return refuse("two modules are called " + name);
    if (upload.modules.size() == limits.modules) {
      return fail(ErrorCode::limit_exceeded,
                  "the worker has more than " + std::to_string(limits.modules) + " modules");
    }
    bytes += part.body.size();
    if (bytes > limits.bytes) {
      return fail(ErrorCode::limit_exceeded, "the worker's modules come to more than " +
                                                 std::to_string(limits.bytes >> 20) + " MiB");
    }
    upload.modules.push_back({std::move(name), type, part.body, {}});
  }
  for (const Part& part : parts) {
    if (part.content_type != "application/source-map") continue;
    for (UploadedModule& module : upload.modules) {
      std::string_view name = part.name;
      while (name.starts_with("./")) name.remove_prefix(2);
      if (name == module.name + ".map") module.source_map = part.body;
    }
  }
  if (main.empty()) {
    if (!upload.document.contains("assets") && !upload.keep_assets) {
      return refuse("the metadata names neither a \"main_module\" nor a \"body_part\"");
    }
  } else if (!names.contains(main)) {
    return refuse("the main module " + main + " is not part of the upload");
  }
  return upload;
}

}  // namespace selvage::api
