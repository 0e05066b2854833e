#include <iostream>
#include <string>

#include "cli/command_group.h"
#include "cli/credentials.h"
#include "cli/deployer.h"
#include "cli/output.h"
#include "cli/platform_namespaces.h"
#include "cli/stopwatch.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/upload_progress.h"

namespace selvage::cli {
namespace {

using OrderedJson = nlohmann::ordered_json;

std::string size_text(size_t bytes) {
  constexpr size_t kKib = 1024;
  if (bytes < kKib) return std::to_string(bytes) + " B";
  const size_t tenths = bytes * 10 / kKib;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " KiB";
}

std::string describe_binding(const nlohmann::json& binding) {
  const std::string type = binding.value("type", "");
  for (const char* key : {"namespace_id", "class_name", "service", "text"}) {
    if (binding.contains(key)) return type + " " + binding[key].get<std::string>();
  }
  return binding.contains("json") ? type + " " + binding["json"].dump() : type;
}

class DeployCommands final : public CommandGroup {
 public:
  explicit DeployCommands(CLI::App& app, CLI::App& versions) {
    deploy = app.add_subcommand("deploy", "Build the project and put it on the platform");
    upload = versions.add_subcommand("upload", "Build the project and upload it as a version");
    for (CLI::App* each : {deploy, upload}) {
      project.add_to(*each);
      each->add_option("-m,--message", options.message, "What this version brings")
          ->type_name("TEXT");
      each->add_option("--tag", options.tag, "A name for this version")->type_name("TAG");
      each->add_flag("--dry-run", dry_run, "Build, say what would be uploaded, and stop");
      each->add_flag("--json", json, "Print JSON");
      add_api_option(*each, url);
    }
  }

  [[nodiscard]] bool chosen() const override { return *deploy || *upload; }

 private:
  CLI::App* deploy = nullptr;
  CLI::App* upload = nullptr;
  Terminal terminal;
  ProjectOptions project;
  DeployOptions options;
  std::string url;
  bool dry_run = false;
  bool json = false;

  Result<int> perform() override {
    const Stopwatch watch;
    // Before the work of building: whether there is anywhere to go.
    std::unique_ptr<ApiClient> api;
    if (dry_run) {
      api = std::make_unique<ApiClient>(ApiTarget{});
    } else {
      SELVAGE_TRY(api, connect_to_platform(url));
    }
    SELVAGE_TRY(deploy::ProjectConfig config, read_deployable_config(project, {}, terminal));
    if (config.pages) {
      return fail(ErrorCode::unsupported, "a Pages site is not deployed as a worker",
                  "`selvage pages deploy` puts it on the platform");
    }
    SELVAGE_TRY(Deployable deployable,
                build_deployable(std::move(config), kNoAssetLimits, terminal));
    Deployer deployer(*api, deployable);
    if (dry_run) {
      SELVAGE_TRY(const WorkerForm form, deployer.prepare_offline(options));
      print_plan(deployable, form);
      return 0;
    }
    deployer.on_progress(progress_on_terminal(json));
    options.deploy = deploy->parsed();
    SELVAGE_TRY(const Deployed deployed, deployer.run(options));
    print_result(deployable, deployed, watch.milliseconds());
    return 0;
  }

  /// What --dry-run says.
  void print_plan(const Deployable& deployable, const WorkerForm& form) const {
    const nlohmann::json metadata = worker_metadata(deployable.config, deployable.version, {});
    if (json) {
      OrderedJson modules = OrderedJson::array();
      for (const WorkerForm::Part& each : form.modules) {
        modules.push_back({{"name", each.name}, {"type", each.type}, {"bytes", each.bytes}});
      }
      OrderedJson assets = OrderedJson::array();
      for (const assets::Asset& each : deployable.assets) {
        assets.push_back({{"path", each.path}, {"bytes", each.size}, {"hash", each.hash}});
      }
      print_json({{"worker", deployable.version.name},
                  {"modules", modules},
                  {"assets", assets},
                  {"metadata", metadata}});
      return;
    }
    Table modules{{"MODULE", "TYPE", "SIZE"}, {}};
    size_t sum = 0;
    for (const WorkerForm::Part& each : form.modules) {
      modules.rows.push_back({each.name, each.type, size_text(each.bytes)});
      sum += each.bytes;
    }
    std::cout << deployable.version.name << ": " << form.modules.size()
              << (form.modules.size() == 1 ? " module, " : " modules, ") << size_text(sum) << "\n";
    if (!form.modules.empty()) std::cout << "\n" << to_text(modules);
    Table bindings{{"BINDING", "WHAT"}, {}};
    for (const auto& each : metadata["bindings"]) {
      bindings.rows.push_back({each.value("name", ""), describe_binding(each)});
    }
    if (!bindings.rows.empty()) std::cout << "\n" << to_text(bindings);
    if (deployable.version.assets) {
      std::cout << "\n"
                << deployable.assets.size() << " static assets of "
                << deployable.version.assets->directory << "\n";
    }
    std::cout << "\nNothing was uploaded (--dry-run).\n";
  }

  void print_result(const Deployable& deployable, const Deployed& deployed, int64_t took) const {
    const std::string& name = deployable.version.name;
    if (json) {
      print_json({{"worker", name},
                  {"version_id", deployed.version_id},
                  {"deployed", options.deploy},
                  {"urls", deployed.urls},
                  {"preview_url", deployed.preview_url},
                  {"startup_ms", deployed.startup_ms},
                  {"made_kv_namespaces", deployed.made_namespaces},
                  {"took_ms", took}});
      return;
    }
    std::string text = describe_made(deployed.made_namespaces);
    if (options.deploy) {
      text += terminal.green("Deployed " + name) + " in " + std::to_string(took) + " ms";
      for (const std::string& each : deployed.urls) text += "\n  " + terminal.cyan(each);
      text += "\n  version " + deployed.version_id;
    } else {
      text += terminal.green("Uploaded a version of " + name) + " in " + std::to_string(took) +
              " ms\n  version " + deployed.version_id;
      if (!deployed.preview_url.empty())
        text += "\n  preview " + terminal.cyan(deployed.preview_url);
      text += "\n  deploy it: selvage versions deploy " + deployed.version_id;
    }
    terminal.line(text);
  }
};

}  // namespace

std::unique_ptr<CommandGroup> add_deploy_commands(CLI::App& app, CLI::App& versions) {
  return std::make_unique<DeployCommands>(app, versions);
}

}  // namespace selvage::cli
