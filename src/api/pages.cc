// Pages: projects and their deployments. A project is a worker whose settings say so, and a
// deployment a version of it: of the production branch, it is what answers; of any other, it
// answers at its preview's URL.
//
// "settings"."pages" of the worker: {"production_branch", "deployment_configs": {"production":
// {...}, "preview": {...}}}, in Cloudflare's words, with secrets sealed as a version's are.
#include <algorithm>

#include "api/multipart.h"
#include "api/resources.h"
#include "api/shapes.h"
#include "api/version_plan.h"
#include "assets/routing_rules.h"
#include "base/wall_clock.h"

namespace selvage::api {
namespace {

using nlohmann::json;

constexpr int kNoSuchProject = 8000007;
constexpr int kBadRequest = 8000001;
constexpr int64_t kListed = 100;
constexpr const char* kEnvironments[] = {"production", "preview"};

ApiResponse refuse(const std::string& message) { return failure(400, kBadRequest, message); }

json pages_of(const deploy::Script& script) {
  return script.settings.value("pages", json::object());
}

std::string annotation(const deploy::VersionRecord& version, const char* key) {
  return version.document.value("annotations", json::object()).value(key, "");
}

json show_pages_deployment(const Platform& platform, const ApiRequest& request,
                           const deploy::Script& script, const deploy::VersionRecord& version) {
  const std::string short_id = version.id.substr(0, 8);
  const json stage = {{"name", "deploy"},
                      {"status", "success"},
                      {"started_on", version.created_on},
                      {"ended_on", version.created_on}};
  const std::string commit = annotation(version, "pages/commit_hash");
  return {{"id", version.id},
          {"short_id", short_id},
          {"project_id", script.tag},
          {"project_name", script.name},
          {"environment", annotation(version, "pages/environment")},
          {"url", platform.options.scheme + "://" + short_id +
                      platform.preview_suffix(request.account, script.name)},
          {"aliases", nullptr},
          {"created_on", version.created_on},
          {"modified_on", version.created_on},
          {"latest_stage", stage},
          {"stages", {stage}},
          {"is_skipped", false},
          {"uses_functions", version.document.contains("main_module")},
          {"deployment_trigger",
           {{"type", "ad_hoc"},
            {"metadata",
             {{"branch", annotation(version, "pages/branch")},
              {"commit_hash", commit},
              {"commit_message", annotation(version, "workers/message")},
              {"commit_dirty", annotation(version, "pages/commit_dirty") == "true"}}}}}};
}

/// Without what is sealed.
json shown_configs(const json& pages) {
  json configs = pages.value("deployment_configs", json::object());
  for (auto& config : configs) {
    if (!config.is_object() || !config.contains("env_vars")) continue;
    for (auto& variable : config["env_vars"]) {
      if (variable.is_object() && variable.erase("sealed") != 0) variable["value"] = "";
    }
  }
  return configs;
}

Result<json> show_project(Platform& platform, const ApiRequest& request,
                          const deploy::Script& script) {
  const std::string host =
      platform.url_of(request.account, script.name).substr(platform.options.scheme.size() + 3);
  const json pages = pages_of(script);
  json shown = {{"id", script.tag},
                {"name", script.name},
                {"subdomain", host},
                {"domains", {host}},
                {"source", nullptr},
                {"production_branch", pages.value("production_branch", "main")},
                {"created_on", script.created_on},
                {"deployment_configs", shown_configs(pages)},
                {"latest_deployment", nullptr},
                {"canonical_deployment", nullptr}};
  SELVAGE_TRY(const auto latest, platform.store.latest_version(script.number));
  if (latest)
    shown["latest_deployment"] = show_pages_deployment(platform, request, script, *latest);
  SELVAGE_TRY(const auto active, platform.store.active_deployment(script.number));
  if (active && !active->versions.empty()) {
    SELVAGE_TRY(const auto version,
                platform.store.find_version(script.number, active->versions[0].version_id));
    if (version) {
      shown["canonical_deployment"] = show_pages_deployment(platform, request, script, *version);
    }
  }
  return shown;
}

/// Calls `handle` with the project that the path names.
template <class Handle>
Result<ApiResponse> with_project(Platform& platform, const ApiRequest& request, Handle handle) {
  SELVAGE_TRY(auto script, platform.store.find_script(request.account.id, request.name("project")));
  if (!script || !script->settings.contains("pages")) {
    return failure(404, kNoSuchProject,
                   "Project not found. The specified project name does not match any of your "
                   "existing projects.");
  }
  return handle(*script);
}

/// Seals the secrets among the variables of `configs`.
Status seal_variables(Platform& platform, const ApiRequest& request, const std::string& project,
                      json& configs) {
  for (auto& config : configs) {
    if (!config.is_object() || !config.contains("env_vars")) continue;
    for (auto& [name, variable] : config["env_vars"].items()) {
      if (!variable.is_object() || variable.value("type", "") != "secret_text") continue;
      if (!variable.contains("value") || !variable["value"].is_string()) {
        return fail(ErrorCode::invalid_argument, "the secret " + name + " has no value");
      }
      variable["sealed"] =
          platform.secrets.seal(variable["value"].get<std::string>(),
                                deploy::secret_context(request.account.id, project, name));
      variable.erase("value");
    }
  }
  return {};
}

Result<ApiResponse> create_project(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const json body, request.json());
  const std::string name = body.value("name", "");
  if (const Status valid = check_worker_name(name); !valid) {
    return refuse(valid.error().describe());
  }
  SELVAGE_TRY(const auto taken, platform.store.find_script(request.account.id, name));
  if (taken) {
    return failure(409, 8000002,
                   "A " + std::string(taken->settings.contains("pages") ? "project" : "Worker") +
                       " with the name " + name + " already exists. Choose another name");
  }
  json pages = {{"production_branch", body.value("production_branch", "main")},
                {"deployment_configs", json::object()}};
  for (const char* environment : kEnvironments) {
    pages["deployment_configs"][environment] = {
        {"compatibility_date", deploy::iso_time_now().substr(0, 10)},
        {"compatibility_flags", json::array()},
        {"env_vars", json::object()}};
  }
  json configs = body.value("deployment_configs", json::object());
  SELVAGE_CHECK_STATUS(seal_variables(platform, request, name, configs));
  pages["deployment_configs"].merge_patch(configs);
  SELVAGE_TRY(auto change, platform.store.begin(request.actor));
  SELVAGE_TRY(deploy::Script script,
              platform.store.create_script(change, request.account.id, name));
  script.settings["pages"] = std::move(pages);
  SELVAGE_CHECK_STATUS(platform.store.save_settings(change, script, "pages.create"));
  SELVAGE_CHECK_STATUS(change.commit());
  SELVAGE_TRY(const json shown, show_project(platform, request, script));
  return success(shown);
}

Result<ApiResponse> list_projects(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const auto scripts, platform.store.scripts(request.account.id));
  json list = json::array();
  for (const deploy::Script& script : scripts) {
    if (!script.settings.contains("pages")) continue;
    SELVAGE_TRY(json shown, show_project(platform, request, script));
    list.push_back(std::move(shown));
  }
  return one_page(request, list, 10);
}

/// {"production_branch", "deployment_configs": {...}}: null removes.
Result<ApiResponse> patch_project(Platform& platform, const ApiRequest& request,
                                  deploy::Script& script) {
  SELVAGE_TRY(const json body, request.json());
  json changes = json::object();
  for (const char* key : {"production_branch", "deployment_configs"}) {
    if (body.contains(key)) changes[key] = body[key];
  }
  if (changes.contains("deployment_configs")) {
    SELVAGE_CHECK_STATUS(
        seal_variables(platform, request, script.name, changes["deployment_configs"]));
  }
  script.settings["pages"].merge_patch(changes);
  SELVAGE_TRY(auto change, platform.store.begin(request.actor));
  SELVAGE_CHECK_STATUS(platform.store.save_settings(change, script, "pages.settings"));
  SELVAGE_CHECK_STATUS(change.commit());
  SELVAGE_TRY(const json shown, show_project(platform, request, script));
  return success(shown);
}

bool has_binding(const json& bindings, const std::string& name) {
  return std::ranges::any_of(bindings,
                             [&](const json& each) { return each.value("name", "") == name; });
}

/// What the project gives its deployments: secrets always, the rest unless the upload brings
/// bindings of its own.
void add_bindings(const json& config, bool own, json& bindings) {
  const json variables = config.value("env_vars", json::object());
  for (const auto& [name, variable] : variables.items()) {
    if (has_binding(bindings, name) || !variable.is_object()) continue;
    if (variable.contains("sealed")) {
      bindings.push_back({{"type", "secret_text"}, {"name", name}, {"sealed", variable["sealed"]}});
    } else if (!own) {
      bindings.push_back(
          {{"type", "plain_text"}, {"name", name}, {"text", variable.value("value", "")}});
    }
  }
  if (!own) {
    const json spaces = config.value("kv_namespaces", json::object());
    for (const auto& [name, space] : spaces.items()) {
      bindings.push_back({{"type", "kv_namespace"},
                          {"name", name},
                          {"namespace_id", space.value("namespace_id", "")}});
    }
    const json services = config.value("services", json::object());
    for (const auto& [name, service] : services.items()) {
      bindings.push_back(
          {{"type", "service"}, {"name", name}, {"service", service.value("service", "")}});
    }
  }
  if (!has_binding(bindings, "ASSETS")) {
    bindings.push_back({{"type", "assets"}, {"name", "ASSETS"}});
  }
}

/// The worker in a part: a multipart body of its own, whose first line is its boundary.
Result<WorkerUpload> read_bundle(const Platform& platform, std::string_view bundle) {
  const UploadLimits limits{platform.options.script_bytes, platform.options.modules,
                            platform.options.variables};
  if (bundle.empty()) return read_upload_metadata(json::object(), limits);
  const std::string_view line = bundle.substr(0, bundle.find("\r\n"));
  if (!line.starts_with("--")) {
    return fail(ErrorCode::invalid_argument, "the part _worker.bundle is not multipart/form-data");
  }
  const std::string type = "multipart/form-data; boundary=\"" + std::string(line.substr(2)) + "\"";
  return read_worker_upload(bundle, type, limits);
}

/// The parts of a deployment's form.
struct Form {
  std::vector<Part> parts;

  [[nodiscard]] std::string_view text(std::string_view name) const {
    const auto found = std::ranges::find(parts, name, &Part::name);
    return found == parts.end() ? std::string_view() : found->body;
  }
};

Result<json> assets_of(Platform& platform, const ApiRequest& request, const Form& form,
                       bool has_script) {
  const json manifest = json::parse(form.text("manifest"), nullptr, false);
  SELVAGE_TRY(std::vector<assets::Asset> files,
              platform.uploads.files_of(request.account.id, manifest));
  deploy::WorkerAssets assets;
  assets.pages = true;
  assets.headers = form.text("_headers");
  assets.redirects = form.text("_redirects");
  const std::string_view routes = form.text("_routes.json");
  if (has_script && !routes.empty()) {
    SELVAGE_TRY(assets.run_worker_first_rules, assets::rules_from_routes_json(routes));
  } else {
    assets.run_worker_first = has_script;
  }
  json document = deploy::to_json(assets);
  SELVAGE_TRY(document["manifest_id"], platform.contents.put_list(std::move(files)));
  return document;
}

Result<ApiResponse> create_deployment(Platform& platform, const ApiRequest& request,
                                      const deploy::Script& script) {
  Form form;
  SELVAGE_TRY(form.parts, parse_multipart(request.body, multipart_boundary(request.content_type)));
  const json pages = pages_of(script);
  const std::string production = pages.value("production_branch", "main");
  const std::string branch =
      form.text("branch").empty() ? production : std::string(form.text("branch"));
  const std::string environment = kEnvironments[branch == production ? 0 : 1];
  const json config =
      pages.value("deployment_configs", json::object()).value(environment, json::object());

  SELVAGE_TRY(WorkerUpload upload, read_bundle(platform, form.text("_worker.bundle")));
  json& document = upload.document;
  const bool has_script = document.contains("main_module");
  // With a configuration of the project's own, wrangler sends its bindings and date along.
  const bool own = !form.text("wrangler_config_hash").empty();
  if (document.value("compatibility_date", "").empty()) {
    document["compatibility_date"] = config.value("compatibility_date", "");
    document["compatibility_flags"] = config.value("compatibility_flags", json::array());
  }
  add_bindings(config, own, document["bindings"]);
  SELVAGE_TRY(document["assets"], assets_of(platform, request, form, has_script));
  upload.annotations = {{"pages/environment", environment},
                        {"pages/branch", branch},
                        {"pages/commit_hash", form.text("commit_hash")},
                        {"pages/commit_dirty", form.text("commit_dirty")},
                        {"workers/message", form.text("commit_message")}};

  auto published = take_upload(platform, request, script.name, std::move(upload),
                               {.deploy = environment == kEnvironments[0], .pages = true});
  if (!published) return to_response(published.error());
  return success(show_pages_deployment(platform, request, published->script, published->version));
}

Result<ApiResponse> list_deployments(Platform& platform, const ApiRequest& request,
                                     const deploy::Script& script) {
  SELVAGE_TRY(const auto versions, platform.store.versions(script.number, kListed, 0));
  const std::string environment = request.option("env");
  json list = json::array();
  for (const deploy::VersionRecord& version : versions) {
    if (!environment.empty() && annotation(version, "pages/environment") != environment) continue;
    list.push_back(show_pages_deployment(platform, request, script, version));
  }
  return one_page(request, list, 25);
}

/// Calls `handle` with the deployment that the path names.
template <class Handle>
Result<ApiResponse> with_deployment(Platform& platform, const ApiRequest& request, Handle handle) {
  return with_project(platform, request, [&](deploy::Script& script) -> Result<ApiResponse> {
    SELVAGE_TRY(const auto version,
                platform.store.find_version(script.number, request.name("deployment")));
    if (!version) {
      return failure(
          404, 8000009,
          "The project " + script.name + " has no deployment " + request.name("deployment"));
    }
    return handle(script, *version);
  });
}

/// Makes a deployment of the production branch answer again.
Result<ApiResponse> roll_back(Platform& platform, const ApiRequest& request,
                              const deploy::Script& script, const deploy::VersionRecord& version) {
  if (annotation(version, "pages/environment") != kEnvironments[0]) {
    return refuse("only a deployment of the production branch can be rolled back to");
  }
  deploy::DeploymentRecord deployment{.source = "api",
                                      .author = request.actor.token,
                                      .annotations = {{"workers/triggered_by", "rollback"}},
                                      .versions = {{version.id, 100}}};
  SELVAGE_TRY(auto change, platform.store.begin(request.actor));
  SELVAGE_CHECK_STATUS(platform.store.create_deployment(change, script, deployment));
  SELVAGE_CHECK_STATUS(change.commit());
  SELVAGE_CHECK_STATUS(platform.runtime.publish());
  return success(show_pages_deployment(platform, request, script, version));
}

}  // namespace

void add_pages(Router& router, Platform& platform) {
  const std::string projects = "/accounts/:account/pages/projects";
  const std::string deployments = projects + "/:project/deployments";
  router.add("GET", projects, Access::read,
             [&](const ApiRequest& request) { return list_projects(platform, request); });
  router.add("POST", projects, Access::write,
             [&](const ApiRequest& request) { return create_project(platform, request); });
  router.add("GET", projects + "/:project", Access::read, [&](const ApiRequest& request) {
    return with_project(platform, request,
                        [&](const deploy::Script& script) -> Result<ApiResponse> {
                          SELVAGE_TRY(const json shown, show_project(platform, request, script));
                          return success(shown);
                        });
  });
  router.add("PATCH", projects + "/:project", Access::write, [&](const ApiRequest& request) {
    return with_project(platform, request, [&](deploy::Script& script) {
      return patch_project(platform, request, script);
    });
  });
  router.add("DELETE", projects + "/:project", Access::write, [&](const ApiRequest& request) {
    return with_project(platform, request, [&](const deploy::Script& script) {
      return delete_worker(platform, request, script.name);
    });
  });
  router.add(
      "GET", projects + "/:project/upload-token", Access::write, [&](const ApiRequest& request) {
        return with_project(platform, request, [&](const deploy::Script&) -> Result<ApiResponse> {
          return success(
              {{"jwt", platform.uploads.pages_token(request.account.id, wall_clock_seconds())}});
        });
      });
  router.add("GET", deployments, Access::read, [&](const ApiRequest& request) {
    return with_project(platform, request, [&](const deploy::Script& script) {
      return list_deployments(platform, request, script);
    });
  });
  router.add("POST", deployments, Access::write, [&](const ApiRequest& request) {
    return with_project(platform, request, [&](const deploy::Script& script) {
      return create_deployment(platform, request, script);
    });
  });
  router.add("GET", deployments + "/:deployment", Access::read, [&](const ApiRequest& request) {
    return with_deployment(
        platform, request, [&](const auto& script, const auto& version) -> Result<ApiResponse> {
          return success(show_pages_deployment(platform, request, script, version));
        });
  });
  router.add(
      "POST", deployments + "/:deployment/rollback", Access::write, [&](const ApiRequest& request) {
        return with_deployment(platform, request, [&](const auto& script, const auto& version) {
          return roll_back(platform, request, script, version);
        });
      });
}

}  // namespace selvage::api
