#include <iostream>
#include <string>
#include <vector>

#include "cli/command_group.h"
#include "cli/confirm.h"
#include "cli/credentials.h"
#include "cli/json_text.h"
#include "cli/output.h"
#include "cli/pages_option.h"
#include "cli/table.h"
#include "cli/terminal.h"

namespace selvage::cli {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

std::string joined(const Json& list) {
  std::string text;
  for (const Json& each : list) text += (text.empty() ? "" : ", ") + each.get<std::string>();
  return text;
}

class PagesProjectCommands final : public CommandGroup {
 public:
  explicit PagesProjectCommands(CLI::App& pages) {
    CLI::App* project = pages.add_subcommand("project", "Pages projects: list, create, delete");
    project->require_subcommand(1);
    add(*project, "list", "List the projects", Action::list);
    CLI::App* create = add(*project, "create", "Make a project to deploy to", Action::create);
    create->add_option("NAME", options.project_name, "What it is called; it answers below it")
        ->required();
    create
        ->add_option("--production-branch", branch,
                     "The branch whose deployments answer at the project's URL (default: main)")
        ->type_name("NAME");
    create
        ->add_option("--compatibility-date", date,
                     "For functions of sites without a configuration (default: today)")
        ->type_name("DATE");
    create->add_option("--compatibility-flags,--compatibility-flag", flags, "Likewise")
        ->type_name("FLAG");
    CLI::App* remove =
        add(*project, "delete", "Delete a project, with its deployments", Action::remove);
    remove->add_option("NAME", options.project_name, "The project")->required();
    remove->add_flag("-y,--yes", yes, "Ask nothing");
  }

  [[nodiscard]] bool chosen() const override { return action != Action::none; }

 private:
  enum class Action { none, list, create, remove };

  Action action = Action::none;
  Terminal terminal;
  PagesOptions options;
  std::string branch = "main";
  std::string date;
  std::vector<std::string> flags;
  bool yes = false;

  CLI::App* add(CLI::App& parent, const char* command, const char* description, Action chosen) {
    CLI::App* app = parent.add_subcommand(command, description);
    app->callback([this, chosen] { action = chosen; });
    options.add_platform_to(*app);
    return app;
  }

  Result<int> perform() override {
    switch (action) {
      case Action::none: return 2;
      case Action::list: return list();
      case Action::create: return create();
      case Action::remove: return remove();
    }
    return 2;
  }

  Result<int> list() {
    SELVAGE_TRY(const auto api, connect_to_platform(options.url));
    SELVAGE_TRY(const auto projects, pages_projects(*api));
    if (options.json) {
      print_json(OrderedJson::parse(Json(projects).dump()));
      return 0;
    }
    Table table{{"NAME", "DOMAINS", "PRODUCTION BRANCH", "LAST DEPLOYED"}, {}};
    for (const Json& each : projects) {
      table.rows.push_back({text_of(each, "name"), joined(field(each, "domains")),
                            text_of(each, "production_branch"),
                            time_text(text_of(field(each, "latest_deployment"), "created_on"))});
    }
    std::cout << (table.rows.empty() ? "There are no Pages projects.\n" : to_text(table));
    return 0;
  }

  Result<int> create() {
    SELVAGE_TRY(const auto api, connect_to_platform(options.url));
    Json config = Json::object();
    if (!date.empty()) config["compatibility_date"] = date;
    if (!flags.empty()) config["compatibility_flags"] = flags;
    const Json body{{"name", options.project_name},
                    {"production_branch", branch},
                    {"deployment_configs", {{"production", config}, {"preview", config}}}};
    SELVAGE_TRY(const ApiAnswer made,
                api->ask_account("POST", "/pages/projects", ApiContent::of(body)));
    if (options.json) {
      print_json(OrderedJson::parse(made.result.dump()));
      return 0;
    }
    terminal.line(terminal.green("Made the Pages project " + options.project_name) + "\n  " +
                  text_of(made.result, "subdomain") + " answers when " + branch +
                  " is deployed\n  deploy to it: selvage pages deploy DIR --project-name " +
                  options.project_name);
    return 0;
  }

  Result<int> remove() {
    SELVAGE_TRY(const PagesProject project, find_pages_project(options));
    if (!yes && !is_meant("Delete the Pages project " + project.name +
                          ", with all its "
                          "deployments?")) {
      return 1;
    }
    SELVAGE_TRY(const ApiAnswer done, project.ask("DELETE", ""));
    if (options.json) {
      print_json({{"deleted", project.name}});
    } else {
      std::cout << "Deleted the Pages project " << project.name << ".\n";
    }
    return 0;
  }
};

}  // namespace

std::unique_ptr<CommandGroup> add_pages_project_commands(CLI::App& pages) {
  return std::make_unique<PagesProjectCommands>(pages);
}

}  // namespace selvage::cli
