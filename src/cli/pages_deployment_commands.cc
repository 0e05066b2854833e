#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "cli/command_group.h"
#include "cli/confirm.h"
#include "cli/json_text.h"
#include "cli/output.h"
#include "cli/pages_option.h"
#include "cli/platform_tail.h"
#include "cli/table.h"
#include "cli/tail_options.h"
#include "cli/terminal.h"

namespace selvage::cli {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

class PagesDeploymentCommands final : public CommandGroup {
 public:
  explicit PagesDeploymentCommands(CLI::App& pages) {
    CLI::App* group =
        pages.add_subcommand("deployment", "A project's deployments: list, delete, tail");
    group->require_subcommand(1);
    CLI::App* list = add(*group, "list", "List the deployments, the newest first", Action::list);
    options.add_to(*list);
    add_environment(*list, "Only of this one: production or preview");
    CLI::App* remove = add(*group, "delete", "Delete a deployment", Action::remove);
    remove->add_option("DEPLOYMENT", wanted, "Its id, or the beginning of it, or its URL")
        ->required();
    options.add_to(*remove);
    remove->add_flag("-f,--force", force, "Even if its branch's URL shows it; ask nothing");
    CLI::App* tail = add(*group, "tail",
                         "Show events of a deployment as they happen, with its logs", Action::tail);
    tail->add_option("DEPLOYMENT", wanted,
                     "Its id, or the beginning of it, or its URL (default: the newest)");
    add_environment(*tail, "The newest of this one: production or preview (default: production)");
    options.add_place_to(*tail);
    filters.add_to(*tail);
  }

  [[nodiscard]] bool chosen() const override { return action != Action::none; }

 private:
  enum class Action { none, list, remove, tail };

  Action action = Action::none;
  Terminal terminal;
  PagesOptions options;
  TailOptions filters;
  std::string environment;
  std::string wanted;
  bool force = false;

  CLI::App* add(CLI::App& parent, const char* command, const char* description, Action chosen) {
    CLI::App* app = parent.add_subcommand(command, description);
    app->callback([this, chosen] { action = chosen; });
    return app;
  }

  void add_environment(CLI::App& command, const char* description) {
    command.add_option("--environment", environment, description)
        ->type_name("NAME")
        ->check(CLI::IsMember({"production", "preview"}));
  }

  Result<int> perform() override {
    SELVAGE_TRY(const PagesProject project, find_pages_project(options));
    switch (action) {
      case Action::none: return 2;
      case Action::list: return show_list(project);
      case Action::remove: return remove(project);
      case Action::tail: return follow(project);
    }
    return 2;
  }

  Result<int> show_list(const PagesProject& project) const {
    SELVAGE_TRY(const auto deployments, pages_deployments(project, environment));
    if (options.json) {
      print_json(OrderedJson::parse(Json(deployments).dump()));
      return 0;
    }
    Table table{{"ID", "ENVIRONMENT", "BRANCH", "SOURCE", "CREATED", "URL"}, {}};
    for (const Json& each : deployments) {
      constexpr size_t kShortSha = 7;
      const Json source = field(field(each, "deployment_trigger"), "metadata");
      const Json aliases = field(each, "aliases");
      table.rows.push_back(
          {text_of(each, "id"), text_of(each, "environment"), text_of(source, "branch"),
           text_of(source, "commit_hash").substr(0, kShortSha),
           time_text(text_of(each, "created_on")),
           aliases.empty() ? text_of(each, "url") : aliases[0].get<std::string>()});
    }
    std::cout << (table.rows.empty() ? project.name + " has no deployments.\n" : to_text(table));
    return 0;
  }

  /// The one that `wanted` names, by id or by URL; without a name the newest.
  [[nodiscard]] Result<Json> find(const PagesProject& project,
                                  const std::string& of_environment) const {
    SELVAGE_TRY(const auto all, pages_deployments(project, of_environment));
    std::vector<const Json*> found;
    for (const Json& each : all) {
      const Json aliases = field(each, "aliases");
      const bool has_url = text_of(each, "url") == wanted ||
                           std::find(aliases.begin(), aliases.end(), wanted) != aliases.end();
      if (has_url || text_of(each, "id").starts_with(wanted)) found.push_back(&each);
      if (wanted.empty() && !found.empty()) break;
    }
    if (found.size() == 1) return *found.front();
    if (wanted.empty()) {
      return fail(ErrorCode::not_found,
                  project.name + " has no deployment of the environment " + of_environment);
    }
    return fail(found.empty() ? ErrorCode::not_found : ErrorCode::invalid_argument,
                (found.empty() ? "no deployment of " : "several deployments of ") + project.name +
                    (found.empty() ? " is " : " begin with ") + wanted,
                "`selvage pages deployment list --project-name " + project.name + "` lists them");
  }

  Result<int> remove(const PagesProject& project) const {
    SELVAGE_TRY(const Json deployment, find(project, ""));
    const std::string id = text_of(deployment, "id");
    if (!force && !is_meant("Delete the deployment " + id + " of " + project.name + "?")) return 1;
    SELVAGE_TRY(
        const ApiAnswer done,
        project.ask("DELETE", "/deployments/" + id + "?force=" + (force ? "true" : "false")));
    if (options.json) {
      print_json({{"project", project.name}, {"deleted", id}});
    } else {
      std::cout << "Deleted the deployment " << id << " of " << project.name << ".\n";
    }
    return 0;
  }

  Result<int> follow(const PagesProject& project) const {
    const std::string of = environment.empty() && wanted.empty() ? "production" : environment;
    SELVAGE_TRY(const Json deployment, find(project, of));
    SELVAGE_TRY(const Json wanted_events, filters.filters());
    SELVAGE_CHECK_STATUS(follow_tail(
        *project.api,
        "/pages/projects/" + project.name + "/deployments/" + text_of(deployment, "id"),
        wanted_events,
        {[this] { filters.say_listening(terminal); },
         [this](const OrderedJson& record) { filters.print_event(terminal, record); }}));
    return 0;
  }
};

}  // namespace

std::unique_ptr<CommandGroup> add_pages_deployment_commands(CLI::App& pages) {
  return std::make_unique<PagesDeploymentCommands>(pages);
}

}  // namespace selvage::cli
