#include "cli/deployer.h"

#include <map>

#include "api/multipart_writer.h"
#include "base/base64.h"
#include "base/file_content.h"
#include "cli/json_text.h"
#include "cli/platform_namespaces.h"
#include "cli/triggers.h"

namespace selvage::cli {
namespace {

using Json = nlohmann::json;

Json assets_config(const deploy::WorkerAssets& assets) {
  Json config{{"html_handling", deploy::to_string(assets.html_handling)},
              {"not_found_handling", deploy::to_string(assets.not_found_handling)}};
  if (!assets.run_worker_first_rules.empty()) {
    config["run_worker_first"] = assets.run_worker_first_rules;
  } else if (assets.run_worker_first) {
    config["run_worker_first"] = true;
  }
  if (!assets.headers.empty()) config["_headers"] = assets.headers;
  if (!assets.redirects.empty()) config["_redirects"] = assets.redirects;
  return config;
}

}  // namespace

std::string Deployer::script_path() const { return "/workers/scripts/" + project_.version.name; }

Result<WorkerForm> Deployer::prepare_offline(const DeployOptions& options) {
  return worker_form(worker_metadata(project_.config, project_.version,
                                     {.message = options.message, .tag = options.tag}),
                     project_.version);
}

/// Whether it is there, and which migrations it has behind it.
Status Deployer::find_worker() {
  const auto found = api_.ask_account("GET", "/workers/services/" + project_.version.name);
  if (!found) {
    if (found.error().code == ErrorCode::not_found) return {};
    return fail(found.error());
  }
  exists_ = true;
  const Json environment = found->result.value("default_environment", Json::object());
  if (environment.is_object() && environment.contains("script")) {
    migration_tag_ = text_of(environment["script"], "migration_tag");
  }
  return {};
}

/// Sends the contents that the platform lacks. What the metadata then says of the assets.
Result<Json> Deployer::upload_assets() {
  if (!project_.version.assets) return Json();
  Json manifest = Json::object();
  std::map<std::string, const assets::Asset*> by_hash;
  for (const assets::Asset& each : project_.assets) {
    manifest[each.path] = {{"hash", each.hash}, {"size", each.size}};
    by_hash[each.hash] = &each;
  }
  SELVAGE_TRY(const ApiAnswer session,
              api_.ask_account("POST", script_path() + "/assets-upload-session",
                               ApiContent::of({{"manifest", manifest}})));
  std::string token = text_of(session.result, "jwt");
  const std::string session_token = token;
  const Json buckets = session.result.value("buckets", Json::array());
  size_t total = 0;
  for (const Json& bucket : buckets) total += bucket.size();
  size_t sent = 0;
  SELVAGE_TRY(const std::string account, api_.account());
  for (const Json& bucket : buckets) {
    if (bucket.empty()) continue;
    api::MultipartWriter writer(form_boundary());
    for (const Json& hash : bucket) {
      const auto file = by_hash.find(hash.get<std::string>());
      if (file == by_hash.end()) {
        return fail(ErrorCode::internal, "the platform asks for a file that was not offered");
      }
      const assets::Asset& asset = *file->second;
      SELVAGE_TRY(const std::string content,
                  read_file(project_.version.assets->directory + asset.path));
      writer.add_file(asset.hash, asset.hash,
                      asset.media_type.empty() ? "application/null" : asset.media_type,
                      base64_encode(content));
    }
    const std::string type = writer.content_type();
    SELVAGE_TRY(const ApiAnswer answer,
                api_.ask_with_token(session_token, "POST",
                                    "/accounts/" + account + "/workers/assets/upload?base64=true",
                                    {type, writer.finish()}));
    if (const std::string completion = text_of(answer.result, "jwt"); !completion.empty()) {
      token = completion;
    }
    sent += bucket.size();
    if (progress_) progress_(sent, total);
  }
  return Json{{"jwt", token}, {"config", assets_config(*project_.version.assets)}};
}

Result<Deployed> Deployer::describe(const Json& uploaded, bool deployed) {
  Deployed result;
  result.made_namespaces = made_namespaces_;
  result.version_id = text_of(uploaded, "id");
  if (deployed) {
    // There the id is the worker's; the version's is the deployment's, without dashes.
    result.version_id = text_of(uploaded, "deployment_id");
    constexpr size_t kDashes[] = {8, 13, 18, 23};
    for (const size_t at : kDashes) {
      if (result.version_id.size() > at) result.version_id.insert(at, "-");
    }
  }
  result.startup_ms = uploaded.value("startup_time_ms", 0);
  SELVAGE_TRY(const ApiAnswer worker,
              api_.ask_account("GET", "/workers/workers/" + project_.version.name));
  const Json subdomain = worker.result.value("subdomain", Json::object());
  if (subdomain.value("enabled", false)) result.urls.push_back(text_of(subdomain, "url"));
  if (subdomain.value("previews_enabled", false)) {
    constexpr size_t kPreviewDigits = 8;
    const std::string url = text_of(subdomain, "url");
    result.preview_url = url.substr(0, url.find("//") + 2) +
                         result.version_id.substr(0, kPreviewDigits) +
                         text_of(subdomain, "preview_url_suffix");
  }
  if (project_.config.deployment.routes) {
    for (const deploy::RouteConfig& each : *project_.config.deployment.routes) {
      result.urls.push_back(each.custom_domain ? each.pattern + " (custom domain)" : each.pattern);
    }
  }
  return result;
}

Result<Deployed> Deployer::run(const DeployOptions& options) {
  SELVAGE_CHECK_STATUS(find_worker());
  if (!options.deploy && !exists_) {
    return fail(ErrorCode::not_found,
                "there is no worker " + project_.version.name + " that could have another version",
                "Deploy it first: `selvage deploy`");
  }
  SELVAGE_TRY(made_namespaces_, bind_namespaces(api_, project_.version));
  WorkerFormOptions form_options{options.message, options.tag, migration_tag_, nullptr};
  SELVAGE_TRY(form_options.assets, upload_assets());
  SELVAGE_TRY(WorkerForm form,
              worker_form(worker_metadata(project_.config, project_.version, form_options),
                          project_.version));
  const std::string path =
      script_path() + (options.deploy ? "" : "/versions") + "?bindings_inherit=strict";
  SELVAGE_TRY(const ApiAnswer uploaded,
              api_.ask_account(options.deploy ? "PUT" : "POST", path,
                               {std::move(form.content_type), std::move(form.body)}));
  if (options.deploy) SELVAGE_CHECK_STATUS(set_triggers(api_, project_.config));
  return describe(uploaded.result, options.deploy);
}

}  // namespace selvage::cli
