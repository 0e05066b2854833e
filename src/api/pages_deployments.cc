// A Pages project's deployments: uploaded, listed, rolled back to, deleted.
#include <algorithm>

#include "api/multipart.h"
#include "api/pages.h"
#include "api/resources.h"
#include "api/shapes.h"
#include "api/version_plan.h"
#include "assets/routing_rules.h"
#include "deploy/platform/route_table.h"

namespace selvage::api {
namespace {

using nlohmann::json;

constexpr int kLiveDeployment = 8000034;
constexpr int kAliasedDeployment = 8000035;
constexpr int64_t kListed = 100;

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
  const std::string environment = kPagesEnvironments[branch == production ? 0 : 1];
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

  const bool live = environment == kPagesEnvironments[0];
  auto published =
      take_upload(platform, request, script.name, std::move(upload),
                  {.deploy = live,
                   .pages = true,
                   .pages_alias = live ? std::string() : deploy::branch_label(branch)});
  if (!published) return to_response(published.error());
  return success(
      show_pages_deployment(platform, request.account, published->script, published->version));
}

Result<ApiResponse> list_deployments(Platform& platform, const ApiRequest& request,
                                     const deploy::Script& script) {
  SELVAGE_TRY(const auto versions, platform.store.versions(script.number, kListed, 0));
  const std::string environment = request.option("env");
  json list = json::array();
  for (const deploy::VersionRecord& version : versions) {
    if (!environment.empty() && annotation(version, "pages/environment") != environment) continue;
    list.push_back(show_pages_deployment(platform, request.account, script, version));
  }
  return one_page(request, list, 25);
}

/// Makes a deployment of the production branch answer again.
Result<ApiResponse> roll_back(Platform& platform, const ApiRequest& request,
                              const deploy::Script& script, const deploy::VersionRecord& version) {
  if (annotation(version, "pages/environment") != kPagesEnvironments[0]) {
    return refuse_pages("only a deployment of the production branch can be rolled back to");
  }
  deploy::DeploymentRecord deployment{.source = "api",
                                      .author = request.actor.token,
                                      .annotations = {{"workers/triggered_by", "rollback"}},
                                      .versions = {{version.id, 100}}};
  SELVAGE_TRY(auto change, platform.store.begin(request.actor));
  SELVAGE_CHECK_STATUS(platform.store.create_deployment(change, script, deployment));
  SELVAGE_CHECK_STATUS(change.commit());
  SELVAGE_CHECK_STATUS(platform.runtime.publish());
  return success(show_pages_deployment(platform, request.account, script, version));
}

/// Of the production branch, what answers stays; of another one, whoever means what its branch's
/// URL shows says so.
Result<ApiResponse> delete_deployment(Platform& platform, const ApiRequest& request,
                                      deploy::Script& script,
                                      const deploy::VersionRecord& version) {
  SELVAGE_TRY(const auto active, platform.store.active_deployment(script.number));
  if (active && std::ranges::find(active->versions, version.id,
                                  &deploy::VersionShare::version_id) != active->versions.end()) {
    return failure(400, kLiveDeployment,
                   "This deployment is what the production branch of " + script.name +
                       " answers with. Deploy or roll back to another one first, or delete the "
                       "project");
  }
  SELVAGE_TRY(auto change, platform.store.begin(request.actor));
  auto aliases = aliases_of(script);
  if (std::erase_if(aliases, [&](const auto& each) { return each.second == version.id; }) > 0) {
    if (request.option("force") != "true") {
      return failure(400, kAliasedDeployment,
                     "The branch " + annotation(version, "pages/branch") +
                         " has its URL from this deployment, which is deleted only with force "
                         "(`?force=true`, --force)");
    }
    script.settings["pages"]["aliases"] = aliases;
    SELVAGE_CHECK_STATUS(platform.store.save_settings(change, script, "pages.alias"));
  }
  SELVAGE_CHECK_STATUS(platform.store.delete_version(change, script, version.id));
  SELVAGE_CHECK_STATUS(change.commit());
  SELVAGE_CHECK_STATUS(platform.runtime.publish());
  return success(nullptr);
}

}  // namespace

void add_pages_deployments(Router& router, Platform& platform) {
  const std::string deployments = "/accounts/:account/pages/projects/:project/deployments";
  router.add("GET", deployments, Access::read, [&](const ApiRequest& request) {
    return with_pages_project(platform, request, [&](const deploy::Script& script) {
      return list_deployments(platform, request, script);
    });
  });
  router.add("POST", deployments, Access::write, [&](const ApiRequest& request) {
    return with_pages_project(platform, request, [&](const deploy::Script& script) {
      return create_deployment(platform, request, script);
    });
  });
  router.add("GET", deployments + "/:deployment", Access::read, [&](const ApiRequest& request) {
    return with_pages_deployment(
        platform, request, [&](const auto& script, const auto& version) -> Result<ApiResponse> {
          return success(show_pages_deployment(platform, request.account, script, version));
        });
  });
  router.add("DELETE", deployments + "/:deployment", Access::write, [&](const ApiRequest& request) {
    return with_pages_deployment(platform, request, [&](auto& script, const auto& version) {
      return delete_deployment(platform, request, script, version);
    });
  });
  router.add("POST", deployments + "/:deployment/rollback", Access::write,
             [&](const ApiRequest& request) {
               return with_pages_deployment(platform, request,
                                            [&](const auto& script, const auto& version) {
                                              return roll_back(platform, request, script, version);
                                            });
             });
}

}  // namespace selvage::api
