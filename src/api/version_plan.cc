#include "api/version_plan.h"

#include <algorithm>

#include "base/wall_clock.h"

namespace selvage::api {
namespace {

#define SELVAGE_API_TRY(declaration, expression)                                  \
  auto SELVAGE_TRY_NAME_(try_, __LINE__) = (expression);                          \
  if (!SELVAGE_TRY_NAME_(try_, __LINE__))                                         \
    return tl::unexpected(refusal_of(SELVAGE_TRY_NAME_(try_, __LINE__).error())); \
  declaration = std::move(*SELVAGE_TRY_NAME_(try_, __LINE__))
#define SELVAGE_API_CHECK(expression) \
  if (auto status_ = (expression); !status_) return tl::unexpected(refusal_of(status_.error()))

tl::unexpected<Refusal> refuse(int code, std::string message, int status = 400) {
  return tl::unexpected(Refusal{status, code, std::move(message)});
}

const nlohmann::json* find_binding(const nlohmann::json& bindings, const std::string& name) {
  for (const auto& each : bindings) {
    if (each.value("name", "") == name) return &each;
  }
  return nullptr;
}

/// What the upload inherits or keeps comes from the version before.
Outcome<nlohmann::json> complete_bindings(const WorkerUpload& upload,
                                          const std::optional<deploy::VersionRecord>& before,
                                          bool strict) {
  const nlohmann::json old = before ? before->document.value("bindings", nlohmann::json::array())
                                    : nlohmann::json::array();
  nlohmann::json bindings = nlohmann::json::array();
  for (const auto& each : upload.document["bindings"]) {
    if (each["type"] != "inherit") {
      bindings.push_back(each);
      continue;
    }
    const std::string old_name = each.value("old_name", each["name"].get<std::string>());
    const nlohmann::json* found = find_binding(old, old_name);
    if (found == nullptr) {
      if (!strict) continue;
      return refuse(10057, "the binding " + each["name"].get<std::string>() +
                               " is to be inherited, but the version before has none of that name");
    }
    bindings.push_back(*found);
    bindings.back()["name"] = each["name"];
  }
  for (const auto& each : old) {
    if (find_binding(bindings, each.value("name", "")) != nullptr) continue;
    if (std::ranges::find(upload.keep_bindings, each.value("type", "")) !=
        upload.keep_bindings.end()) {
      bindings.push_back(each);
    }
  }
  return bindings;
}

/// The files of the assets that were uploaded, or those of the version before.
Status complete_assets(Platform& platform, const ApiRequest& request, const std::string& name,
                       const WorkerUpload& upload,
                       const std::optional<deploy::VersionRecord>& before,
                       nlohmann::json& document) {
  if (!upload.assets_token.empty()) {
    SELVAGE_TRY(std::vector<assets::Asset> files,
                platform.uploads.complete(upload.assets_token, request.account.id, name,
                                          wall_clock_seconds()));
    SELVAGE_TRY(document["assets"]["manifest_id"], platform.contents.put_list(std::move(files)));
  } else if (upload.keep_assets && before && before->document.contains("assets")) {
    document["assets"] = before->document["assets"];
  }
  const bool bound = std::ranges::any_of(
      document["bindings"], [](const auto& each) { return each.value("type", "") == "assets"; });
  if (bound && !document.contains("assets")) {
    return fail(ErrorCode::invalid_argument, "the worker binds assets, but has none");
  }
  return {};
}

/// What bindings name must be the account's, and be there.
Outcome<void> check_targets(Platform& platform, const ApiRequest& request, const std::string& name,
                            const nlohmann::json& bindings) {
  for (const auto& each : bindings) {
    const std::string type = each.value("type", "");
    const std::string binding = each.value("name", "");
    if (type == "kv_namespace") {
      const std::string id = each.value("namespace_id", "");
      SELVAGE_API_TRY(const auto found, platform.store.find_kv_namespace(request.account.id, id));
      if (!found) {
        return refuse(10041, "KV namespace '" + id + "' of the binding " + binding +
                                 " not found. Create it with `wrangler kv namespace create`");
      }
    }
    std::string script;
    if (type == "service") script = each.value("service", "");
    if (type == "durable_object_namespace" && each.contains("script_name") &&
        each["script_name"].is_string()) {
      script = each["script_name"].get<std::string>();
    }
    if (script.empty() || script == name) continue;
    SELVAGE_API_TRY(const auto found, platform.store.find_script(request.account.id, script));
    if (!found) {
      return refuse(type == "service" ? 10143 : 10061,
                    "the binding " + binding + " names the Worker " + script +
                        ", which was not found on this account. Deploy it first");
    }
  }
  return {};
}

void seal_secrets(Platform& platform, const ApiRequest& request, const std::string& name,
                  nlohmann::json& bindings) {
  for (auto& each : bindings) {
    if (each.value("type", "") != "secret_text" || !each.contains("text")) continue;
    each["sealed"] = platform.secrets.seal(
        each["text"].get<std::string>(),
        deploy::secret_context(request.account.id, name, each["name"].get<std::string>()));
    each.erase("text");
  }
}

/// Handlers and classes that bindings and migrations need must be exported.
Outcome<void> check_exports(const WorkerUpload& upload, const nlohmann::json& bindings,
                            const std::string& name, const StartupReport& report) {
  const auto exported = [&](const std::string& class_name) {
    return std::ranges::find(report.classes, class_name) != report.classes.end();
  };
  if (report.handlers.empty() && report.named.empty() && report.classes.empty()) {
    return refuse(10068,
                  "No event handlers were registered. This script does nothing. Export a handler: "
                  "export default { async fetch(request, env, ctx) { ... } }");
  }
  for (const deploy::Migration& migration : upload.migrations) {
    for (const auto* list : {&migration.new_classes, &migration.new_sqlite_classes}) {
      for (const std::string& each : *list) {
        if (exported(each)) continue;
        return refuse(10070, "Cannot apply new-class migration to class '" + each +
                                 "' that is not exported by script");
      }
    }
  }
  for (const auto& each : bindings) {
    if (each.value("type", "") != "durable_object_namespace") continue;
    const std::string script = each.contains("script_name") && each["script_name"].is_string()
                                   ? each["script_name"].get<std::string>()
                                   : "";
    const std::string class_name = each.value("class_name", "");
    if ((script.empty() || script == name) && !exported(class_name)) {
      return refuse(10061, "Cannot create binding " + each.value("name", "") + " for class '" +
                               class_name + "': the script does not export it");
    }
  }
  return {};
}

nlohmann::json named_handlers(const StartupReport& report) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& each : report.named) {
    list.push_back({{"name", each.name}, {"handlers", each.handlers}});
  }
  return list;
}

std::string source_of(const ApiRequest& request) {
  return request.option("source").empty() ? "wrangler" : request.option("source");
}

std::string etag_of(const nlohmann::json& document) {
  nlohmann::json content = {{"modules", document.value("modules", nlohmann::json::array())},
                            {"main", document.value("main_module", "")},
                            {"date", document.value("compatibility_date", "")},
                            {"flags", document.value("compatibility_flags", nlohmann::json())},
                            {"bindings", deploy::visible_bindings(document)}};
  return deploy::sha256_hex(content.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace

Refusal refusal_of(const Error& error) {
  const nlohmann::json envelope = nlohmann::json::parse(failure(error).body);
  return {failure(error).status, envelope["errors"][0]["code"].get<int>(), error.describe()};
}

ApiResponse to_response(const Refusal& refusal) {
  return failure(refusal.status, refusal.code, refusal.message);
}

std::string migration_tag(const deploy::NamespaceRegistry& registry, const std::string& key) {
  const auto found = registry.applied.find(key);
  return found == registry.applied.end() || found->second.empty() ? "" : found->second.back();
}

Result<bool> plan_objects(Platform& platform, deploy::NamespaceRegistry& registry,
                          deploy::WorkerVersion& version) {
  std::vector<deploy::WorkerVersion> versions{std::move(version)};
  std::string refused;
  const deploy::HasObjects has_objects = [&](const std::string& id) {
    return platform.runtime.has_objects(id);
  };
  auto planned = deploy::plan_namespaces(registry, versions, has_objects, refused);
  if (planned) deploy::resolve_namespaces(*planned, versions);
  version = std::move(versions.front());
  if (!planned) return fail(planned.error());
  const bool changed = !(*planned == registry);
  registry = std::move(*planned);
  return changed;
}

Outcome<Published> take_upload(Platform& platform, const ApiRequest& request,
                               const std::string& name, WorkerUpload upload,
                               const PlanOptions& options) {
  deploy::PlatformStore& store = platform.store;
  SELVAGE_API_CHECK(check_worker_name(name));
  SELVAGE_API_TRY(auto script, store.find_script(request.account.id, name));
  if (script && script->settings.contains("pages") != options.pages) {
    return refuse(10021,
                  name + " is the name of a Pages project. Choose another, or delete the project",
                  409);
  }
  std::optional<deploy::VersionRecord> before;
  if (script) {
    SELVAGE_API_TRY(before, store.latest_version(script->number));
  }
  auto bindings = complete_bindings(upload, before, request.option("bindings_inherit") == "strict");
  if (!bindings) return tl::unexpected(bindings.error());
  if (auto checked = check_targets(platform, request, name, *bindings); !checked) {
    return tl::unexpected(checked.error());
  }
  seal_secrets(platform, request, name, *bindings);

  nlohmann::json document = std::move(upload.document);
  document["bindings"] = *bindings;
  SELVAGE_API_CHECK(complete_assets(platform, request, name, upload, before, document));
  document["modules"] = nlohmann::json::array();
  for (const UploadedModule& module : upload.modules) {
    SELVAGE_API_TRY(const std::string hash, store.put_module(module.content));
    nlohmann::json entry = {{"name", module.name},
                            {"type", deploy::module_type_name(module.type)},
                            {"hash", hash},
                            {"size", module.content.size()}};
    if (!module.source_map.empty()) {
      SELVAGE_API_TRY(entry["map"], store.put_module(module.source_map));
    }
    document["modules"].push_back(std::move(entry));
  }
  document["source"] = source_of(request);
  document["author"] = request.actor.token;
  upload.annotations["workers/triggered_by"] = "upload";
  document["annotations"] = upload.annotations;
  document["etag"] = etag_of(document);

  const std::string id = deploy::random_uuid();
  SELVAGE_API_TRY(
      deploy::WorkerVersion version,
      deploy::worker_version_of(document, {request.account, name, id, deploy::iso_time_now()},
                                platform.secrets, platform.files));
  for (deploy::Migration& migration : upload.migrations) {
    for (auto& transfer : migration.transferred_classes) {
      transfer.from_script = deploy::worker_key(request.account.number, transfer.from_script);
    }
  }
  version.migrations = upload.migrations;
  version.exports = upload.exports;
  SELVAGE_API_TRY(deploy::NamespaceRegistry registry, store.object_namespaces());
  const std::string tag = migration_tag(registry, version.name);
  if (upload.has_migrations && upload.old_tag.value_or("") != tag) {
    return refuse(10079,
                  "the migrations start from the tag \"" + upload.old_tag.value_or("") +
                      "\", but the worker's newest one is \"" + tag + "\". Upload again",
                  412);
  }
  if (!options.allow_migrations && !upload.migrations.empty()) {
    return refuse(10211,
                  "A version with a Durable Object migration cannot be uploaded without being "
                  "deployed. Deploy it with `wrangler deploy`");
  }
  auto planned = plan_objects(platform, registry, version);
  if (!planned) return refuse(10021, planned.error().describe());

  auto report = platform.runtime.check(version);
  if (!report) return refuse(10021, report.error().describe());
  if (document.contains("main_module")) {
    if (auto checked = check_exports(upload, *bindings, name, *report); !checked) {
      return tl::unexpected(checked.error());
    }
  }
  document["handlers"] = report->handlers;
  document["named_handlers"] = named_handlers(*report);
  document["classes"] = report->classes;
  document["startup_time_ms"] = report->milliseconds;
  if (const std::string now = migration_tag(registry, version.name); !now.empty()) {
    document["migration_tag"] = now;
  }

  Published published;
  SELVAGE_API_TRY(auto change, store.begin(request.actor));
  if (!script) {
    SELVAGE_API_TRY(script, store.create_script(change, request.account.id, name));
  }
  if (options.deploy && !upload.settings.empty()) {
    script->settings.update(upload.settings);
    SELVAGE_API_CHECK(store.save_settings(change, *script, "script.settings"));
  }
  if (!options.pages_alias.empty()) {
    script->settings["pages"]["aliases"][options.pages_alias] = id;
    SELVAGE_API_CHECK(store.save_settings(change, *script, "pages.alias"));
  }
  SELVAGE_API_TRY(published.version,
                  store.create_version(change, *script, std::move(document), id));
  if (*planned) SELVAGE_API_CHECK(store.save_object_namespaces(change, registry));
  if (options.deploy) {
    published.deployment =
        deploy::DeploymentRecord{.source = source_of(request),
                                 .author = request.actor.token,
                                 .annotations = {{"workers/triggered_by", "deployment"}},
                                 .versions = {{published.version.id, 100}}};
    if (upload.annotations.contains("workers/message")) {
      published.deployment->annotations["workers/message"] = upload.annotations["workers/message"];
    }
    SELVAGE_API_CHECK(store.create_deployment(change, *script, *published.deployment));
  }
  SELVAGE_API_CHECK(change.commit());
  published.script = std::move(*script);
  if (options.deploy || *planned || !options.pages_alias.empty()) {
    SELVAGE_API_CHECK(platform.runtime.publish());
  }
  if (*planned) platform.runtime.remove_retired_objects();
  return published;
}

Outcome<Published> change_bindings(Platform& platform, const ApiRequest& request,
                                   deploy::Script script, const deploy::VersionRecord& base,
                                   nlohmann::json bindings, nlohmann::json annotations,
                                   bool deploy) {
  seal_secrets(platform, request, script.name, bindings);
  nlohmann::json document = base.document;
  document["bindings"] = std::move(bindings);
  document["annotations"] = annotations;
  document["author"] = request.actor.token;
  document["etag"] = etag_of(document);
  Published published;
  SELVAGE_API_TRY(auto change, platform.store.begin(request.actor));
  SELVAGE_API_TRY(published.version,
                  platform.store.create_version(change, script, std::move(document)));
  if (deploy) {
    published.deployment = deploy::DeploymentRecord{.source = source_of(request),
                                                    .author = request.actor.token,
                                                    .annotations = annotations,
                                                    .versions = {{published.version.id, 100}}};
    SELVAGE_API_CHECK(platform.store.create_deployment(change, script, *published.deployment));
  }
  SELVAGE_API_CHECK(change.commit());
  if (deploy) SELVAGE_API_CHECK(platform.runtime.publish());
  published.script = std::move(script);
  return published;
}

Outcome<deploy::VersionRecord> deployed_and_latest(Platform& platform,
                                                   const deploy::Script& script) {
  SELVAGE_API_TRY(auto latest, platform.store.latest_version(script.number));
  SELVAGE_API_TRY(const auto active, platform.store.active_deployment(script.number));
  if (!latest) return refuse(10222, "The worker " + script.name + " has no versions", 404);
  if (!active || active->versions.size() != 1 || active->versions[0].version_id != latest->id) {
    return refuse(10215,
                  "The newest version of " + script.name +
                      " is not (the only one) deployed. Deploy it first, or use `selvage versions "
                      "secret put`, which makes a version without deploying it");
  }
  return std::move(*latest);
}

}  // namespace selvage::api
