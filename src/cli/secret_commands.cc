#include <iostream>
#include <string>

#include "base/percent.h"
#include "cli/command_group.h"
#include "cli/output.h"
#include "cli/secret_input.h"
#include "cli/table.h"
#include "cli/worker_option.h"

namespace selvage::cli {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

class SecretCommands final : public CommandGroup {
 public:
  explicit SecretCommands(CLI::App& app) {
    secret = app.add_subcommand("secret", "A worker's secrets: put, list, delete, bulk");
    secret->require_subcommand(1);
    CLI::App* put = add("put", "Set a secret, which is read from standard input", Action::put);
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
  WorkerOptions worker;
  std::string name;
  std::string path;
  bool accepted = false;

  CLI::App* add(const char* command, const char* description, Action chosen) {
    CLI::App* app = secret->add_subcommand(command, description);
    app->callback([this, chosen] { action = chosen; });
    worker.add_to(*app);
    return app;
  }

  Result<int> perform() override {
    SELVAGE_TRY(const RemoteWorker remote, find_remote_worker(worker));
    switch (action) {
      case Action::none: return 2;
      case Action::put: return put(remote);
      case Action::list: return list(remote);
      case Action::erase: return erase(remote);
      case Action::bulk: return bulk(remote);
    }
    return 2;
  }

  Result<int> put(const RemoteWorker& remote) {
    SELVAGE_TRY(const std::string value, read_secret(name, "selvage secret put"));
    SELVAGE_TRY(
        const ApiAnswer done,
        remote.ask("PUT", "/secrets",
                   ApiContent::of({{"name", name}, {"text", value}, {"type", "secret_text"}})));
    return say(remote, {{"name", name}}, "Set " + name + " of " + remote.name + ".");
  }

  Result<int> list(const RemoteWorker& remote) {
    SELVAGE_TRY(const ApiAnswer answer, remote.ask("GET", "/secrets"));
    if (worker.json) {
      print_json(OrderedJson::parse(answer.result.dump()));
      return 0;
    }
    Table table{{"NAME"}, {}};
    for (const Json& each : answer.result) table.rows.push_back({each.value("name", "")});
    std::cout << (table.rows.empty() ? remote.name + " has no secrets.\n" : to_text(table));
    return 0;
  }

  Result<int> erase(const RemoteWorker& remote) {
    SELVAGE_TRY(const ApiAnswer done,
                remote.ask("DELETE", "/secrets/" + percent_encode(name) + "?url_encoded=true"));
    return say(remote, {{"name", name}}, "Deleted " + name + " of " + remote.name + ".");
  }

  Result<int> bulk(const RemoteWorker& remote) {
    SELVAGE_TRY(const Json values, read_secrets(path));
    Json secrets = Json::object();
    size_t deleted = 0;
    for (const auto& [key, value] : values.items()) {
      if (value.is_null()) {
        secrets[key] = nullptr;
        ++deleted;
      } else {
        secrets[key] = {{"name", key}, {"text", value}, {"type", "secret_text"}};
      }
    }
    SELVAGE_TRY(const ApiAnswer done,
                remote.ask("PATCH", "/secrets-bulk", ApiContent::of({{"secrets", secrets}})));
    const size_t set = values.size() - deleted;
    return say(remote, {{"set", set}, {"deleted", deleted}},
               "Set " + std::to_string(set) + " and deleted " + std::to_string(deleted) +
                   " secrets of " + remote.name + ".");
  }

  Result<int> say(const RemoteWorker& remote, OrderedJson facts, const std::string& text) const {
    if (worker.json) {
      facts["worker"] = remote.name;
      print_json(facts);
    } else {
      std::cout << text << "\n";
    }
    return 0;
  }
};

}  // namespace

std::unique_ptr<CommandGroup> add_secret_commands(CLI::App& app) {
  return std::make_unique<SecretCommands>(app);
}

}  // namespace selvage::cli
