#include "cli/pages_option.h"

#include <vector>

#include "cli/credentials.h"
#include "cli/json_text.h"
#include "cli/project_option.h"
#include "deploy/project/nearest.h"

namespace selvage::cli {
namespace {

constexpr size_t kPerPage = 100;

/// All pages of a list.
Result<std::vector<nlohmann::json>> list_all(ApiClient& api, const std::string& path,
                                             const std::string& options) {
  std::vector<nlohmann::json> all;
  for (int page = 1;; ++page) {
    SELVAGE_TRY(const ApiAnswer answer,
                api.ask_account("GET", path + "?per_page=" + std::to_string(kPerPage) +
                                           "&page=" + std::to_string(page) + options));
    for (const auto& each : answer.result) all.push_back(each);
    if (answer.result.size() < kPerPage) return all;
  }
}

tl::unexpected<Error> no_such_project(ApiClient& api, const std::string& name) {
  std::vector<std::string> names;
  if (const auto all = pages_projects(api)) {
    for (const auto& each : *all) names.push_back(text_of(each, "name"));
  }
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::string meant = deploy::nearest(name, candidates);
  return fail(
      ErrorCode::not_found,
      "there is no Pages project " + name + (meant.empty() ? "" : "; did you mean " + meant + "?"),
      "`selvage pages project create " + name + "` makes it");
}

}  // namespace

void PagesOptions::add_place_to(CLI::App& command) {
  command
      .add_option("--project-name,--project", project_name,
                  "The Pages project (default: \"name\" of the site's configuration)")
      ->type_name("PROJECT");
  command
      .add_option("-c,--config", folder,
                  "The site's folder or configuration file (default: this folder)")
      ->type_name("PATH");
  add_api_option(command, url);
}

void PagesOptions::add_to(CLI::App& command) {
  add_place_to(command);
  command.add_flag("--json", json, "Print JSON");
}

void PagesOptions::add_platform_to(CLI::App& command) {
  add_api_option(command, url);
  command.add_flag("--json", json, "Print JSON");
}

Result<std::string> pages_project_name(const PagesOptions& options) {
  if (!options.project_name.empty()) return options.project_name;
  auto config =
      read_project_or_fail({options.folder, ""}, {.local_secrets = false, .for_pages = true});
  if (config && !config->file.empty()) return config->name;
  if (!config && config.error().code != ErrorCode::not_found) return fail(config.error());
  return fail(ErrorCode::invalid_argument, "which Pages project?",
              "Name it with --project-name PROJECT, or run this in a site whose configuration has "
              "\"name\" and \"pages_build_output_dir\"");
}

Result<std::vector<nlohmann::json>> pages_projects(ApiClient& api) {
  return list_all(api, "/pages/projects", "");
}

Result<PagesProject> find_pages_project(const PagesOptions& options) {
  PagesProject project;
  SELVAGE_TRY(project.name, pages_project_name(options));
  SELVAGE_TRY(project.api, connect_to_platform(options.url));
  auto found = project.ask("GET", "");
  if (!found) {
    if (found.error().code != ErrorCode::not_found) return fail(std::move(found).error());
    return no_such_project(*project.api, project.name);
  }
  project.shown = std::move(found->result);
  return project;
}

Result<std::vector<nlohmann::json>> pages_deployments(const PagesProject& project,
                                                      const std::string& environment) {
  return list_all(*project.api, "/pages/projects/" + project.name + "/deployments",
                  environment.empty() ? "" : "&env=" + environment);
}

}  // namespace selvage::cli
