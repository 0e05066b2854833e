#include <iostream>
#include <iterator>
#include <string>

#include "base/percent.h"
#include "cli/command_group.h"
#include "cli/file_content.h"
#include "cli/hidden_line.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/worker_option.h"
#include "deploy/project/dotenv.h"

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

  static std::string read_all(std::istream& in) {
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

  /// A line that a person typed ends with a break that is not the secret's; a pipe's may.
  static std::string read_secret(const std::string& name) {
    if (auto typed = read_hidden_line("Value of " + name + ": ")) return *typed;
    std::string text = read_all(std::cin);
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    return text;
  }

  Result<int> put(const RemoteWorker& remote) {
    const std::string value = read_secret(name);
    if (value.empty()) {
      return fail(ErrorCode::invalid_argument, "the value of " + name + " is empty",
                  "Pipe it in: `printf %s \"$VALUE\" | selvage secret put " + name + "`");
    }
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

  /// JSON, or else the lines of a .env file.
  Result<Json> read_many() const {
    std::string text;
    if (path.empty() || path == "-") {
      text = read_all(std::cin);
    } else {
      SELVAGE_TRY(text, read_file(path));
    }
    Json values = Json::object();
    const Json parsed = Json::parse(text, nullptr, false);
    if (parsed.is_object()) {
      values = parsed;
    } else {
      const auto variables = deploy::parse_dotenv(text);
      if (!variables) {
        return fail(
            ErrorCode::invalid_argument,
            (path.empty() ? "standard input" : path) +
                " is neither a JSON object nor lines NAME=value: " + variables.error().message);
      }
      for (const auto& [key, value] : *variables) values[key] = value;
    }
    for (const auto& [key, value] : values.items()) {
      if (!value.is_string() && !value.is_null()) {
        return fail(ErrorCode::invalid_argument, "the value of " + key + " is not a string");
      }
    }
    if (values.empty()) return fail(ErrorCode::invalid_argument, "there are no secrets to set");
    return values;
  }

  Result<int> bulk(const RemoteWorker& remote) {
    SELVAGE_TRY(const Json values, read_many());
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
