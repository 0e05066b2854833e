#include <filesystem>
#include <iostream>
#include <string>

#include "cli/command_group.h"
#include "cli/git_state.h"
#include "cli/json_text.h"
#include "cli/output.h"
#include "cli/pages_deployer.h"
#include "cli/platform_namespaces.h"
#include "cli/stopwatch.h"
#include "cli/terminal.h"

namespace selvage::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

class PagesDeployCommand final : public CommandGroup {
 public:
  explicit PagesDeployCommand(CLI::App& pages) {
    deploy = pages.add_subcommand("deploy", "Put a Pages site on the platform");
    deploy->add_option("DIR", directory,
                       "The folder with the static files (default: pages_build_output_dir)");
    options.add_to(*deploy);
    deploy
        ->add_option("--branch", facts.branch,
                     "Of this branch (default: git's, or the project's production branch)")
        ->type_name("NAME");
    deploy->add_option("--commit-hash", facts.commit_hash, "Of this commit (default: git's)")
        ->type_name("SHA");
    deploy
        ->add_option("--commit-message", facts.commit_message,
                     "What the commit says of itself (default: git's)")
        ->type_name("TEXT");
    dirty = deploy->add_flag("--commit-dirty", facts.commit_dirty,
                             "There are changes that no commit has (default: as git says)");
    deploy->add_flag("--skip-caching", facts.send_all,
                     "Send every file, also those that the platform has");
    deploy->add_flag("--no-bundle", no_bundle, "Take _worker.js as it is");
    deploy->add_flag("--upload-source-maps", source_maps,
                     "Accepted, as wrangler has it: they always are");
  }

  [[nodiscard]] bool chosen() const override { return deploy->parsed(); }

 private:
  CLI::App* deploy = nullptr;
  CLI::Option* dirty = nullptr;
  Terminal terminal;
  PagesOptions options;
  PagesDeployOptions facts;
  std::string directory;
  bool no_bundle = false;
  bool source_maps = false;

  Result<int> perform() override {
    const Stopwatch watch;
    // Before the work of building: whether there is anywhere to go.
    SELVAGE_TRY(const PagesProject project, find_pages_project(options));
    SELVAGE_TRY(const PagesUpload upload, begin_pages_upload(project));
    complete_facts();
    SELVAGE_TRY(deploy::ProjectConfig config, read_config(project));
    SELVAGE_TRY(Deployable site, build_deployable(std::move(config), upload.limits, terminal));
    if (site.assets.empty() && site.version.main.empty()) {
      warn("there are no files in " + site.config.assets->directory +
           "; is the site built into another folder?");
    }
    SELVAGE_TRY(const PagesDeployed deployed,
                deploy_pages(project, upload, site, facts, progress_on_terminal(options.json)));
    say(project, deployed, watch.milliseconds());
    return 0;
  }

  void warn(const std::string& what) const {
    terminal.verbatim(terminal.yellow("warning:") + " " + what);
  }

  /// What git knows and nobody has said.
  void complete_facts() {
    std::error_code error;
    const fs::path place = fs::absolute(options.folder, error);
    const std::string folder = fs::is_directory(place, error) ? place : place.parent_path();
    const auto git = git_state(folder);
    if (!git) return;
    if (facts.branch.empty()) facts.branch = git->branch;
    if (facts.commit_hash.empty()) facts.commit_hash = git->commit;
    if (facts.commit_message.empty()) {
      facts.commit_message = commit_message(folder, facts.commit_hash);
    }
    if (dirty->count() > 0) return;
    facts.commit_dirty = git->dirty;
    if (git->dirty) {
      warn("there are changes that are not committed; --commit-dirty says that you know");
    }
  }

  [[nodiscard]] std::string environment_of(const PagesProject& project) const {
    const bool production =
        facts.branch.empty() || facts.branch == text_of(project.shown, "production_branch");
    return production ? "production" : "preview";
  }

  Result<deploy::ProjectConfig> read_config(const PagesProject& project) const {
    const std::string environment = environment_of(project);
    SELVAGE_TRY(deploy::ProjectConfig config,
                read_deployable_config(
                    {options.folder, ""},
                    {.environment = environment, .pages_directory = directory, .for_pages = true},
                    terminal));
    if (!config.pages) {
      return fail(ErrorCode::invalid_argument, options.folder + " is no Pages site",
                  "Name the folder with its files: `selvage pages deploy DIR`");
    }
    config.name = project.name;
    if (config.file.empty()) {
      const Json settings = field(field(project.shown, "deployment_configs"), environment.c_str());
      if (const std::string date = text_of(settings, "compatibility_date"); !date.empty()) {
        config.compatibility_date = date;
      }
      for (const Json& flag : field(settings, "compatibility_flags")) {
        config.compatibility_flags.push_back(flag.get<std::string>());
      }
    }
    config.no_bundle |= no_bundle;
    return config;
  }

  void say(const PagesProject& project, const PagesDeployed& deployed, int64_t took) const {
    const Json& deployment = deployed.deployment;
    const bool production = text_of(deployment, "environment") == "production";
    const std::string branch =
        text_of(field(field(deployment, "deployment_trigger"), "metadata"), "branch");
    std::vector<std::string> urls;
    if (production) {
      // The scheme and the port are those of the deployment's own URL.
      const std::string url = text_of(deployment, "url");
      urls.push_back(url.substr(0, url.find("//") + 2) + text_of(project.shown, "subdomain"));
    }
    const Json aliases = field(deployment, "aliases");
    for (const Json& each : aliases) urls.push_back(each.get<std::string>());
    urls.push_back(text_of(deployment, "url"));
    if (options.json) {
      print_json({{"project", project.name},
                  {"deployment_id", text_of(deployment, "id")},
                  {"environment", text_of(deployment, "environment")},
                  {"branch", branch},
                  {"urls", urls},
                  {"uploaded_files", deployed.sent},
                  {"known_files", deployed.known},
                  {"made_kv_namespaces", deployed.made_namespaces},
                  {"took_ms", took}});
      return;
    }
    std::string text = describe_made(deployed.made_namespaces);
    text += terminal.green(production ? "Deployed " + project.name
                                      : "Deployed the branch " + branch + " of " + project.name) +
            " in " + std::to_string(took) + " ms";
    for (const std::string& each : urls) text += "\n  " + terminal.cyan(each);
    text += "\n  " + std::to_string(deployed.sent) + (deployed.sent == 1 ? " file" : " files") +
            " uploaded";
    if (deployed.known > 0) text += ", " + std::to_string(deployed.known) + " there already";
    text += "\n  deployment " + text_of(deployment, "id");
    terminal.line(text);
  }
};

}  // namespace

std::unique_ptr<CommandGroup> add_pages_deploy_command(CLI::App& pages) {
  return std::make_unique<PagesDeployCommand>(pages);
}

}  // namespace selvage::cli
