#include <algorithm>
#include <iostream>
#include <string>

#include "cli/command_group.h"
#include "cli/json_text.h"
#include "cli/output.h"
#include "cli/pages_option.h"
#include "cli/secret_input.h"
#include "cli/table.h"

namespace selvage::cli {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

class PagesSecretCommands final : public CommandGroup {
 public:
  explicit PagesSecretCommands(CLI::App& pages) {
    secret = pages.add_subcommand("secret", "A Pages project's secrets: put, list, delete, bulk");
    secret->require_subcommand(1);
    CLI::App* put =
        add("put", "Set a secret of the next deployments, read from standard input", Action::put);
    put->add_option("NAME", name, "What it is called in env")->required();
    add("list", "List the secrets' names", Action::list);
    CLI::App* erase = add("delete", "Delete a secret", Action::erase);
    erase->add_option("NAME", name, "What it is called in env")->required();
    erase->add_flag("-y,--yes", accepted, "Accepted: nothing is asked");
    CLI::App* bulk = add("bulk", "Set many secrets at once", Action::bulk);
    bulk->add_option("FILE", path,
                     "JSON ({\"NAME\": \"value\"}; null deletes) or lines NAME=value (default: "
                     "standard input)");
  }

  [[nodiscard]] bool chosen() const override { return action != Action::none; }

 private:
  enum class Action { none, put, list, erase, bulk };

  CLI::App* secret = nullptr;
  Action action = Action::none;
  PagesOptions options;
  std::string environment = "production";
  std::string name;
  std::string path;
  bool accepted = false;

  CLI::App* add(const char* command, const char* description, Action chosen) {
    CLI::App* app = secret->add_subcommand(command, description);
    app->callback([this, chosen] { action = chosen; });
    options.add_to(*app);
    app->add_option("-e,--env", environment, "production or preview (default: production)")
        ->type_name("NAME")
        ->check(CLI::IsMember({"production", "preview"}));
    return app;
  }

  Result<int> perform() override {
    SELVAGE_TRY(const PagesProject project, find_pages_project(options));
    switch (action) {
      case Action::none: return 2;
      case Action::put: {
        SELVAGE_TRY(const std::string value, read_secret(name, "selvage pages secret put"));
        SELVAGE_CHECK_STATUS(change(project, {{name, value}}));
        return say(project, {{"name", name}}, "Set " + name + " of " + project.name);
      }
      case Action::list: return list(project);
      case Action::erase: {
        const Json variables = secrets_of(project);
        if (!variables.contains(name)) {
          return fail(ErrorCode::not_found,
                      project.name + " has no secret " + name + " (" + environment + ")",
                      "`selvage pages secret list --project-name " + project.name + "` lists them");
        }
        SELVAGE_CHECK_STATUS(change(project, {{name, nullptr}}));
        return say(project, {{"name", name}}, "Deleted " + name + " of " + project.name);
      }
      case Action::bulk: return bulk(project);
    }
    return 2;
  }

  /// null deletes. Deployments that are there keep what they have.
  Status change(const PagesProject& project, const Json& values) const {
    Json variables = Json::object();
    for (const auto& [key, value] : values.items()) {
      variables[key] = value.is_null() ? Json() : Json{{"type", "secret_text"}, {"value", value}};
    }
    SELVAGE_TRY(
        const ApiAnswer done,
        project.ask(
            "PATCH", "",
            ApiContent::of({{"deployment_configs", {{environment, {{"env_vars", variables}}}}}})));
    return {};
  }

  [[nodiscard]] Json secrets_of(const PagesProject& project) const {
    const Json config = field(field(project.shown, "deployment_configs"), environment.c_str());
    Json secrets = Json::object();
    const Json variables = field(config, "env_vars");
    for (const auto& [key, value] : variables.items()) {
      if (text_of(value, "type") == "secret_text") secrets[key] = value;
    }
    return secrets;
  }

  Result<int> list(const PagesProject& project) const {
    Table table{{"NAME"}, {}};
    OrderedJson shown = OrderedJson::array();
    const Json secrets = secrets_of(project);
    for (const auto& each : secrets.items()) {
      table.rows.push_back({each.key()});
      shown.push_back({{"name", each.key()}, {"type", "secret_text"}});
    }
    if (options.json) {
      print_json(shown);
    } else {
      std::cout << (table.rows.empty() ? project.name + " has no secrets (" + environment + ").\n"
                                       : to_text(table));
    }
    return 0;
  }

  Result<int> bulk(const PagesProject& project) const {
    SELVAGE_TRY(const Json values, read_secrets(path));
    SELVAGE_CHECK_STATUS(change(project, values));
    const auto deleted = static_cast<size_t>(
        std::ranges::count_if(values, [](const Json& value) { return value.is_null(); }));
    const size_t set = values.size() - deleted;
    return say(project, {{"set", set}, {"deleted", deleted}},
               "Set " + std::to_string(set) + " and deleted " + std::to_string(deleted) +
                   " secrets of " + project.name);
  }

  Result<int> say(const PagesProject& project, OrderedJson facts, const std::string& text) const {
    if (options.json) {
      facts["project"] = project.name;
      facts["environment"] = environment;
      print_json(facts);
    } else {
      std::cout << text << " (" << environment << "), for its next deployments.\n";
    }
    return 0;
  }
};

}  // namespace

std::unique_ptr<CommandGroup> add_pages_secret_commands(CLI::App& pages) {
  return std::make_unique<PagesSecretCommands>(pages);
}

}  // namespace selvage::cli
