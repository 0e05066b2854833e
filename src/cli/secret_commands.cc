#include <algorithm>
#include <iostream>
#include <string>
#include <utility>

#include "cli/command_group.h"
#include "cli/given_options.h"
#include "cli/output.h"
#include "cli/secret_input.h"
#include "cli/secret_place.h"

namespace selvage::cli {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

class SecretCommands final : public CommandGroup {
 public:
  /// `words`: what comes before "put".
  SecretCommands(CLI::App& parent, std::string command, const char* description,
                 std::unique_ptr<SecretPlace> where)
      : words(std::move(command)), place(std::move(where)) {
    secret = parent.add_subcommand("secret", description);
    secret->require_subcommand(1);
    CLI::App* put = add("put", "Set a secret, which is read from standard input", Action::put);
    put->add_option("NAME", name, "What it is called in env")->required();
    place->add_list_options(*add("list", "List the secrets' names", Action::list));
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

  const std::string words;  // "selvage secret"
  const std::unique_ptr<SecretPlace> place;
  CLI::App* secret = nullptr;
  Action action = Action::none;
  std::string name;
  std::string path;
  bool accepted = false;

  CLI::App* add(const char* command, const char* description, Action chosen) {
    CLI::App* app = secret->add_subcommand(command, description);
    app->callback([this, chosen] { action = chosen; });
    place->add_options(*app, chosen != Action::list);
    return app;
  }

  Result<int> perform() override {
    SELVAGE_CHECK_STATUS(place->open());
    switch (action) {
      case Action::none: return 2;
      case Action::put: return put();
      case Action::list: return list();
      case Action::erase: return erase();
      case Action::bulk: return bulk();
    }
    return 2;
  }

  /// Those that say whose secrets they are.
  [[nodiscard]] std::string place_options() const {
    return given_options(*secret->get_subcommands().front(),
                         {"--name", "--project-name", "--config", "--env", "--url"});
  }

  Result<int> put() {
    SELVAGE_TRY(const std::string value,
                read_secret(name, words + " put " + name + place_options()));
    SELVAGE_TRY(auto changed, place->change({{name, value}}));
    return say(std::move(changed), {{"name", name}}, "Set " + name);
  }

  Result<int> list() {
    SELVAGE_TRY(const SecretPlace::Listing listing, place->list());
    if (place->json()) {
      print_json(listing.json);
    } else {
      std::cout << (listing.table.rows.empty() ? place->owner() + " has no secrets.\n"
                                               : to_text(listing.table));
    }
    return 0;
  }

  Result<int> erase() {
    SELVAGE_TRY(const auto names, place->names());
    if (std::ranges::find(names, name) == names.end()) {
      return fail(ErrorCode::not_found, place->owner() + " has no secret " + name,
                  "`" + words + " list" + place_options() + "` lists them");
    }
    SELVAGE_TRY(auto changed, place->change({{name, nullptr}}));
    return say(std::move(changed), {{"name", name}}, "Deleted " + name);
  }

  Result<int> bulk() {
    SELVAGE_TRY(const Json values, read_secrets(path));
    SELVAGE_TRY(auto changed, place->change(values));
    const auto deleted = static_cast<size_t>(
        std::ranges::count_if(values, [](const Json& value) { return value.is_null(); }));
    const size_t set = values.size() - deleted;
    return say(
        std::move(changed), {{"set", set}, {"deleted", deleted}},
        "Set " + std::to_string(set) + " and deleted " + std::to_string(deleted) + " secrets");
  }

  Result<int> say(SecretPlace::Changed changed, OrderedJson facts, const std::string& what) const {
    if (place->json()) {
      facts.update(changed.facts);
      print_json(facts);
    } else {
      std::cout << what << " of " << place->owner() << changed.after << "\n";
    }
    return 0;
  }
};

}  // namespace

Result<SecretPlace::Listing> SecretPlace::list() {
  SELVAGE_TRY(const auto all, names());
  Listing listing{{{"NAME"}, {}}, OrderedJson::array()};
  for (const std::string& each : all) {
    listing.table.rows.push_back({each});
    listing.json.push_back({{"name", each}, {"type", "secret_text"}});
  }
  return listing;
}

std::unique_ptr<CommandGroup> add_secret_commands(CLI::App& app) {
  return std::make_unique<SecretCommands>(
      app, "selvage secret", "A worker's secrets: put, list, delete, bulk", worker_secrets());
}

std::unique_ptr<CommandGroup> add_version_secret_commands(CLI::App& versions) {
  return std::make_unique<SecretCommands>(
      versions, "selvage versions secret",
      "Secrets of a version that does not answer yet: put, list, delete, bulk", version_secrets());
}

std::unique_ptr<CommandGroup> add_pages_secret_commands(CLI::App& pages) {
  return std::make_unique<SecretCommands>(pages, "selvage pages secret",
                                          "A Pages project's secrets: put, list, delete, bulk",
                                          pages_secrets());
}

}  // namespace selvage::cli
