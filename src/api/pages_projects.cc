// Pages projects: made, listed, changed, deleted.
#include "api/pages.h"
#include "api/resources.h"
#include "api/shapes.h"
#include "api/version_plan.h"
#include "api/worker_upload.h"
#include "base/wall_clock.h"

namespace selvage::api {
namespace {

using nlohmann::json;

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
    shown["latest_deployment"] = show_pages_deployment(platform, request.account, script, *latest);
  SELVAGE_TRY(const auto active, platform.store.active_deployment(script.number));
  if (active && !active->versions.empty()) {
    SELVAGE_TRY(const auto version,
                platform.store.find_version(script.number, active->versions[0].version_id));
    if (version) {
      shown["canonical_deployment"] =
          show_pages_deployment(platform, request.account, script, *version);
    }
  }
  return shown;
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
    return refuse_pages(valid.error().describe());
  }
  SELVAGE_TRY(const auto taken, platform.store.find_script(request.account.id, name));
  if (taken) {
    return failure(409, 8000002,
                   "A " + std::string(taken->settings.contains("pages") ? "project" : "Worker") +
                       " with the name " + name + " already exists. Choose another name");
  }
  // Its previews are to answer below its name.
  SELVAGE_TRY(const bool subdomain, platform.store.subdomain_taken(name));
  if (request.account.number == 1 && subdomain) {
    return failure(409, 8000002,
                   name + " is the subdomain of an account. Choose another name for the project");
  }
  json pages = {{"production_branch", body.value("production_branch", "main")},
                {"deployment_configs", json::object()}};
  for (const char* environment : kPagesEnvironments) {
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
  SELVAGE_CHECK_STATUS(platform.runtime.publish());
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

}  // namespace

void add_pages_projects(Router& router, Platform& platform) {
  const std::string projects = "/accounts/:account/pages/projects";
  router.add("GET", projects, Access::read,
             [&](const ApiRequest& request) { return list_projects(platform, request); });
  router.add("POST", projects, Access::write,
             [&](const ApiRequest& request) { return create_project(platform, request); });
  router.add("GET", projects + "/:project", Access::read, [&](const ApiRequest& request) {
    return with_pages_project(
        platform, request, [&](const deploy::Script& script) -> Result<ApiResponse> {
          SELVAGE_TRY(const json shown, show_project(platform, request, script));
          return success(shown);
        });
  });
  router.add("PATCH", projects + "/:project", Access::write, [&](const ApiRequest& request) {
    return with_pages_project(platform, request, [&](deploy::Script& script) {
      return patch_project(platform, request, script);
    });
  });
  router.add("DELETE", projects + "/:project", Access::write, [&](const ApiRequest& request) {
    return with_pages_project(platform, request, [&](const deploy::Script& script) {
      return delete_worker(platform, request, script.name);
    });
  });
  router.add(
      "GET", projects + "/:project/upload-token", Access::write, [&](const ApiRequest& request) {
        return with_pages_project(
            platform, request, [&](const deploy::Script&) -> Result<ApiResponse> {
              const deploy::AssetLimits& limits = platform.uploads.limits();
              return success(
                  {{"jwt", platform.uploads.pages_token(request.account.id, wall_clock_seconds())},
                   // For whoever wants to check before anything is sent.
                   {"max_file_count_allowed", limits.max_files},
                   {"max_file_bytes", limits.max_file_bytes}});
            });
      });
}

}  // namespace selvage::api
