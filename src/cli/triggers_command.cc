#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_group.h"
#include "cli/deployable.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "cli/triggers.h"
#include "cli/worker_option.h"
#include "deploy/cron/cron_expression.h"

namespace selvage::cli {
namespace {

using OrderedJson = nlohmann::ordered_json;

class TriggersCommand final : public CommandGroup {
 public:
  explicit TriggersCommand(CLI::App& app) {
    CLI::App* triggers = app.add_subcommand("triggers", "What starts a worker: deploy");
    triggers->require_subcommand(1);
    deploy = triggers->add_subcommand(
        "deploy", "Set crons, routes and domains as the configuration says, without a new version");
    worker.add_to(*deploy);
    deploy->add_option("--triggers,--schedule,--schedules", crons, "Crons, instead of those there")
        ->type_name("CRON");
    deploy->add_option("--routes,--route", routes, "Routes, instead of those there")
        ->type_name("PATTERN");
    deploy->add_flag("--dry-run", dry_run, "Say what would be set, and stop");
  }

  [[nodiscard]] bool chosen() const override { return deploy->parsed(); }

 private:
  CLI::App* deploy = nullptr;
  Terminal terminal;
  WorkerOptions worker;
  std::vector<std::string> crons;
  std::vector<std::string> routes;
  bool dry_run = false;

  Result<int> perform() override {
    SELVAGE_TRY(deploy::ProjectConfig config, read_deployable_config(worker, {}, terminal));
    if (!worker.name.empty()) config.name = worker.name;
    SELVAGE_CHECK_STATUS(take_options(config));
    if (!dry_run) {
      WorkerOptions named = worker;
      named.name = config.name;
      SELVAGE_TRY(const RemoteWorker remote, find_remote_worker(named));
      const auto found = remote.api->ask_account("GET", "/workers/services/" + config.name);
      if (!found && found.error().code == ErrorCode::not_found) {
        return fail(ErrorCode::not_found, "there is no worker " + config.name + " to start",
                    "Deploy it first: `selvage deploy`");
      }
      if (!found) return fail(found.error());
      SELVAGE_CHECK_STATUS(set_triggers(*remote.api, config));
    }
    say(config);
    return 0;
  }

  /// What the command line names counts instead of the configuration.
  Status take_options(deploy::ProjectConfig& config) const {
    for (const std::string& cron : crons) {
      if (const auto parsed = deploy::CronExpression::parse(cron); !parsed) {
        return fail(parsed.error());
      }
    }
    if (!crons.empty()) {
      config.crons = crons;
      config.deployment.sets_crons = true;
    }
    if (routes.empty()) return {};
    auto& list = config.deployment.routes.emplace();
    for (const std::string& route : routes) list.push_back({route, false});
    return {};
  }

  void say(const deploy::ProjectConfig& config) const {
    const deploy::DeploymentConfig& wanted = config.deployment;
    OrderedJson shown{{"worker", config.name}};
    if (wanted.sets_crons) shown["crons"] = config.crons;
    if (wanted.routes) {
      shown["routes"] = OrderedJson::array();
      for (const deploy::RouteConfig& each : *wanted.routes) {
        shown["routes"].push_back(each.custom_domain ? each.pattern + " (custom domain)"
                                                     : each.pattern);
      }
    }
    if (wanted.workers_dev) shown["workers_dev"] = *wanted.workers_dev;
    if (wanted.preview_urls) shown["preview_urls"] = *wanted.preview_urls;
    if (worker.json) {
      shown["dry_run"] = dry_run;
      print_json(shown);
      return;
    }
    std::string text = dry_run ? "Would set the triggers of " + config.name
                               : terminal.green("Set the triggers of " + config.name);
    if (shown.size() == 1) text += ": the configuration names none, and none was changed";
    for (const auto& [key, value] : shown.items()) {
      if (key == "worker") continue;
      if (!value.is_array()) {
        text += "\n  " + key + " " + value.dump();
        continue;
      }
      if (value.empty()) text += "\n  no " + key;
      for (const auto& each : value) {
        text += "\n  " + key.substr(0, key.size() - 1) + " " + each.get<std::string>();
      }
    }
    terminal.line(text);
  }
};

}  // namespace

std::unique_ptr<CommandGroup> add_triggers_command(CLI::App& app) {
  return std::make_unique<TriggersCommand>(app);
}

}  // namespace selvage::cli
