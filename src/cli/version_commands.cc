#include <algorithm>
#include <charconv>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "cli/command_group.h"
#include "cli/confirm.h"
#include "cli/json_text.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/worker_option.h"

namespace selvage::cli {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

std::string words_of(const Json& list) {
  std::string text;
  for (const Json& each : list) text += (text.empty() ? "" : ", ") + each.get<std::string>();
  return text;
}

struct Share {
  std::string version;
  std::optional<double> percentage;
};

/// "0123abcd@10%": the version may be the beginning of one's id.
Result<Share> parse_share(const std::string& text) {
  const size_t at = text.find('@');
  Share share{text.substr(0, at), std::nullopt};
  if (at == std::string::npos) return share;
  double percentage = 0;
  const char* end = text.data() + text.size() - (text.ends_with("%") ? 1 : 0);
  const auto read = std::from_chars(text.data() + at + 1, end, percentage);
  if (read.ec != std::errc() || read.ptr != end || percentage < 0 || percentage > 100) {
    return fail(ErrorCode::invalid_argument, "\"" + text + "\" is not a version with a percentage",
                "For example: 0123abcd@10%");
  }
  share.percentage = percentage;
  return share;
}

class VersionCommands final : public CommandGroup {
 public:
  VersionCommands(CLI::App& app, CLI::App& versions_app) { define(app, versions_app); }

  [[nodiscard]] bool chosen() const override { return action != Action::none; }

 private:
  enum class Action {
    none,
    list,
    view,
    deploy,
    deployments_list,
    deployments_status,
    rollback,
    remove
  };

  Action action = Action::none;
  Terminal terminal;
  WorkerOptions worker;
  std::string version;
  std::vector<std::string> shares;
  std::string message;
  bool force = false;
  bool yes = false;

  // --- the command line

  CLI::App* add(CLI::App& parent, const char* command, const char* description, Action chosen) {
    CLI::App* app = parent.add_subcommand(command, description);
    app->callback([this, chosen] { action = chosen; });
    worker.add_to(*app);
    return app;
  }

  void add_message(CLI::App& app) {
    app.add_option("-m,--message", message, "Why")->type_name("TEXT");
    app.add_flag("-y,--yes", yes, "Accepted: nothing is asked");
  }

  void define(CLI::App& app, CLI::App& versions) {
    add(versions, "list", "List the versions, the newest first", Action::list);
    add(versions, "view", "Show a version: its bindings and settings", Action::view)
        ->add_option("VERSION", version, "Its id, or the beginning of it")
        ->required();
    CLI::App* deploy = add(versions, "deploy",
                           "Let versions answer, each its share of the requests", Action::deploy);
    deploy
        ->add_option("VERSION", shares, "An id, or the beginning of it; with a share: 0123abcd@10%")
        ->required();
    add_message(*deploy);

    CLI::App* deployments = app.add_subcommand("deployments", "What answered, and when");
    deployments->require_subcommand(1);
    add(*deployments, "list", "List the deployments, the newest first", Action::deployments_list);
    add(*deployments, "status", "Show what answers now", Action::deployments_status);

    CLI::App* rollback =
        add(app, "rollback", "Let the version before answer again", Action::rollback);
    rollback->add_option("VERSION", version, "Or this one: its id, or the beginning of it");
    add_message(*rollback);

    CLI::App* remove = add(app, "delete",
                           "Delete a worker, with its versions and its Durable "
                           "Objects",
                           Action::remove);
    remove->add_option("WORKER", worker.name, "The worker (default: the project's)");
    remove->add_flag("-f,--force", force, "Even if other workers bind it");
    remove->add_flag("-y,--yes", yes, "Ask nothing");
  }

  // --- what the platform says

  static Result<Json> versions_of(const RemoteWorker& remote) {
    SELVAGE_TRY(const ApiAnswer answer, remote.ask("GET", "/versions?deployable=true"));
    return field(answer.result, "items");
  }

  static Result<Json> deployments_of(const RemoteWorker& remote) {
    SELVAGE_TRY(const ApiAnswer answer, remote.ask("GET", "/deployments"));
    return field(answer.result, "deployments");
  }

  /// The one id that begins with `prefix`.
  static Result<std::string> find_version(const RemoteWorker& remote, const std::string& prefix) {
    constexpr size_t kUuid = 36;
    if (prefix.size() == kUuid) return prefix;
    SELVAGE_TRY(const Json versions, versions_of(remote));
    std::vector<std::string> found;
    for (const Json& each : versions) {
      if (text_of(each, "id").starts_with(prefix)) found.push_back(text_of(each, "id"));
    }
    if (found.size() == 1) return found.front();
    return fail(found.empty() ? ErrorCode::not_found : ErrorCode::invalid_argument,
                found.empty()
                    ? "no version of " + remote.name + " has an id that begins with " + prefix
                    : "several versions have ids that begin with " + prefix,
                "`selvage versions list` lists them");
  }

  static std::string shares_text(const Json& deployment) {
    std::string text;
    for (const Json& each : field(deployment, "versions")) {
      text += (text.empty() ? "" : ", ") + text_of(each, "version_id") + " " +
              number_text(each.value("percentage", 0.0)) + "%";
    }
    return text;
  }

  // --- the actions

  Result<int> perform() override {
    SELVAGE_TRY(const RemoteWorker remote, find_remote_worker(worker));
    switch (action) {
      case Action::none: return 2;
      case Action::list: return list(remote);
      case Action::view: return view(remote);
      case Action::deploy: return deploy(remote);
      case Action::deployments_list: return list_deployments(remote);
      case Action::deployments_status: return status(remote);
      case Action::rollback: return rollback(remote);
      case Action::remove: return remove(remote);
    }
    return 2;
  }

  Result<int> list(const RemoteWorker& remote) {
    SELVAGE_TRY(const Json versions, versions_of(remote));
    if (worker.json) {
      print_json(OrderedJson::parse(versions.dump()));
      return 0;
    }
    Table table{{"VERSION", "NUMBER", "CREATED", "TAG", "MESSAGE"}, {}};
    for (const Json& each : versions) {
      const Json notes = field(each, "annotations");
      table.rows.push_back({text_of(each, "id"), field(each, "number").dump(),
                            time_text(text_of(field(each, "metadata"), "created_on")),
                            text_of(notes, "workers/tag"), text_of(notes, "workers/message")});
    }
    std::cout << to_text(table);
    return 0;
  }

  Result<int> view(const RemoteWorker& remote) {
    SELVAGE_TRY(const std::string id, find_version(remote, version));
    SELVAGE_TRY(const ApiAnswer answer, remote.ask("GET", "/versions/" + id));
    const Json& shown = answer.result;
    if (worker.json) {
      print_json(OrderedJson::parse(shown.dump()));
      return 0;
    }
    const Json notes = field(shown, "annotations");
    const Json resources = field(shown, "resources");
    const Json runtime = field(resources, "script_runtime");
    std::cout << "version   " << text_of(shown, "id") << "\nnumber    "
              << field(shown, "number").dump() << "\ncreated   "
              << time_text(text_of(field(shown, "metadata"), "created_on")) << "\ntag       "
              << text_of(notes, "workers/tag") << "\nmessage   "
              << text_of(notes, "workers/message") << "\ndate      "
              << text_of(runtime, "compatibility_date") << "\nflags     "
              << words_of(field(runtime, "compatibility_flags")) << "\nhandlers  "
              << words_of(field(field(resources, "script"), "handlers")) << "\n";
    Table bindings{{"BINDING", "TYPE"}, {}};
    for (const Json& each : field(resources, "bindings")) {
      bindings.rows.push_back({text_of(each, "name"), text_of(each, "type")});
    }
    if (!bindings.rows.empty()) std::cout << "\n" << to_text(bindings);
    return 0;
  }

  /// What has no share of its own gets an equal part of what is left.
  Result<Json> read_shares(const RemoteWorker& remote) {
    std::vector<Share> all;
    double left = 100;
    int open = 0;
    for (const std::string& text : shares) {
      SELVAGE_TRY(Share share, parse_share(text));
      SELVAGE_TRY(share.version, find_version(remote, share.version));
      if (share.percentage) {
        left -= *share.percentage;
      } else {
        ++open;
      }
      all.push_back(std::move(share));
    }
    constexpr double kRounding = 0.01;
    if (left < -kRounding || (open == 0 && left > kRounding)) {
      return fail(ErrorCode::invalid_argument,
                  "the shares add up to " + number_text(100 - left) + "%, and not to 100%");
    }
    Json versions = Json::array();
    for (const Share& each : all) {
      versions.push_back({{"version_id", each.version},
                          {"percentage", each.percentage.value_or(left / std::max(open, 1))}});
    }
    return versions;
  }

  Result<Json> make_deployment(const RemoteWorker& remote, const Json& versions) {
    Json body{{"strategy", "percentage"}, {"versions", versions}};
    if (!message.empty()) body["annotations"]["workers/message"] = message;
    SELVAGE_TRY(const ApiAnswer answer, remote.ask("POST", "/deployments", ApiContent::of(body)));
    return answer.result;
  }

  Result<int> deploy(const RemoteWorker& remote) {
    SELVAGE_TRY(const Json versions, read_shares(remote));
    SELVAGE_TRY(const Json deployment, make_deployment(remote, versions));
    return say_deployed(remote, deployment);
  }

  Result<int> say_deployed(const RemoteWorker& remote, const Json& deployment) const {
    if (worker.json) {
      print_json(OrderedJson::parse(deployment.dump()));
    } else {
      terminal.line(terminal.green("Deployed " + remote.name) + ": " + shares_text(deployment));
    }
    return 0;
  }

  Result<int> list_deployments(const RemoteWorker& remote) {
    SELVAGE_TRY(const Json deployments, deployments_of(remote));
    if (worker.json) {
      print_json(OrderedJson::parse(deployments.dump()));
      return 0;
    }
    Table table{{"CREATED", "BY", "VERSIONS", "MESSAGE"}, {}};
    for (const Json& each : deployments) {
      const Json notes = field(each, "annotations");
      table.rows.push_back({time_text(text_of(each, "created_on")),
                            text_of(notes, "workers/triggered_by"), shares_text(each),
                            text_of(notes, "workers/message")});
    }
    std::cout << to_text(table);
    return 0;
  }

  Result<int> status(const RemoteWorker& remote) {
    SELVAGE_TRY(const Json deployments, deployments_of(remote));
    if (deployments.empty()) {
      return fail(ErrorCode::not_found, remote.name + " has never been deployed",
                  "`selvage versions deploy VERSION` lets one of its versions answer");
    }
    const Json& current = deployments[0];
    if (worker.json) {
      print_json(OrderedJson::parse(current.dump()));
      return 0;
    }
    std::cout << "deployed  " << time_text(text_of(current, "created_on")) << "\nversions  "
              << shares_text(current) << "\nmessage   "
              << text_of(field(current, "annotations"), "workers/message") << "\n";
    return 0;
  }

  /// The last version that answered alone before what answers now.
  static Result<std::string> version_before(const RemoteWorker& remote) {
    SELVAGE_TRY(const Json deployments, deployments_of(remote));
    for (size_t i = 1; i < deployments.size(); ++i) {
      const Json versions = field(deployments[i], "versions");
      if (versions.size() == 1 && versions != field(deployments[0], "versions")) {
        return text_of(versions[0], "version_id");
      }
    }
    return fail(ErrorCode::not_found, "no other version of " + remote.name + " has answered before",
                "Name one: `selvage versions list` lists them");
  }

  Result<int> rollback(const RemoteWorker& remote) {
    std::string to;
    if (version.empty()) {
      SELVAGE_TRY(to, version_before(remote));
    } else {
      SELVAGE_TRY(to, find_version(remote, version));
    }
    if (message.empty()) message = "Rollback";
    SELVAGE_TRY(const Json deployment,
                make_deployment(remote, Json::array({{{"version_id", to}, {"percentage", 100}}})));
    return say_deployed(remote, deployment);
  }

  Result<int> remove(const RemoteWorker& remote) {
    if (!yes && !force &&
        !is_meant("Delete " + remote.name +
                  ", its versions, and what its Durable Objects store?")) {
      return 1;
    }
    SELVAGE_TRY(const ApiAnswer done,
                remote.api->ask_account("DELETE", "/workers/services/" + remote.name +
                                                      "?force=" + (force ? "true" : "false")));
    if (worker.json) {
      print_json({{"deleted", remote.name}});
    } else {
      std::cout << "Deleted " << remote.name << ".\n";
    }
    return 0;
  }
};

}  // namespace

std::unique_ptr<CommandGroup> add_version_commands(CLI::App& app, CLI::App& versions) {
  return std::make_unique<VersionCommands>(app, versions);
}

}  // namespace selvage::cli
