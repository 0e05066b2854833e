#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/command_group.h"
#include "cli/output.h"
#include "cli/platform_folder.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "deploy/platform/platform_store.h"
#include "deploy/project/nearest.h"
#include "deploy/project/settings_reader.h"

namespace selvage::cli {
namespace {

using OrderedJson = nlohmann::ordered_json;

class AccessCommands final : public CommandGroup {
 public:
  explicit AccessCommands(CLI::App& app) { define(app); }

  [[nodiscard]] bool chosen() const override { return token->parsed() || account->parsed(); }

 private:
  enum class Action { none, create_token, list_tokens, revoke, create_account, list_accounts };

  CLI::App* token = nullptr;
  CLI::App* account = nullptr;
  Action action = Action::none;
  std::string data;
  std::string account_name;
  std::string name;
  std::string subdomain;
  std::vector<std::string> revoked;
  bool read_only = false;
  bool json = false;

  // --- the command line

  CLI::App* add(CLI::App& parent, const char* command, const char* description, Action chosen) {
    CLI::App* app = parent.add_subcommand(command, description);
    app->callback([this, chosen] { action = chosen; });
    add_platform_option(*app, data);
    app->add_flag("--json", json, "Print JSON");
    return app;
  }

  void add_account(CLI::App& app, const char* description) {
    app.add_option("-a,--account", account_name, description)->type_name("NAME");
  }

  void define(CLI::App& app) {
    token = app.add_subcommand("token", "Tokens of a platform's deploy API: create, list, revoke");
    token->require_subcommand(1);
    CLI::App* create = add(*token, "create", "Make a token, and print it: it is shown only once",
                           Action::create_token);
    create->add_option("NAME", name, "What it is for (default: token)");
    create->add_flag("--read-only", read_only, "It may look, and change nothing");
    add_account(*create, "The account it is for (default: the first one)");
    CLI::App* list =
        add(*token, "list", "List the tokens, without what is secret", Action::list_tokens);
    add_account(*list, "Only those of this account");
    CLI::App* revoke =
        add(*token, "revoke", "Make tokens worthless, from the next request on", Action::revoke);
    revoke->add_option("TOKEN", revoked, "The token's id, or its name if no other has it")
        ->required();

    account = app.add_subcommand("account", "Accounts of a platform: create, list");
    account->require_subcommand(1);
    CLI::App* add_one = add(*account, "create", "Make an account", Action::create_account);
    add_one->add_option("NAME", name, "What it is called")->required();
    add_one
        ->add_option("--subdomain", subdomain,
                     "Its workers answer at <worker>.<subdomain>.<base domain> (default: NAME)")
        ->type_name("NAME");
    add(*account, "list", "List the accounts", Action::list_accounts);
  }

  // --- accounts

  static Result<deploy::Account> find_account(deploy::PlatformStore& store,
                                              const std::string& wanted) {
    SELVAGE_TRY(const auto all, store.accounts());
    std::vector<std::string_view> names;
    for (const deploy::Account& each : all) {
      if (each.id == wanted || each.name == wanted) return each;
      names.push_back(each.name);
    }
    const std::string meant = deploy::nearest(wanted, names);
    return fail(ErrorCode::not_found,
                "there is no account \"" + wanted + "\"" +
                    (meant.empty() ? "" : "; did you mean " + meant + "?"),
                "`selvage account create " + wanted + "` makes it");
  }

  Result<int> create_account(deploy::PlatformStore& store) {
    SELVAGE_TRY(const auto all, store.accounts());
    for (const deploy::Account& each : all) {
      if (each.name == name) {
        return fail(ErrorCode::already_exists, "there is an account \"" + name + "\" already");
      }
    }
    const std::string below = deploy::worker_name_from(subdomain.empty() ? name : subdomain);
    SELVAGE_TRY(const bool taken, store.subdomain_taken(below));
    if (taken) {
      return fail(ErrorCode::already_exists, "the subdomain " + below + " is taken",
                  "Choose one with --subdomain NAME");
    }
    SELVAGE_TRY(auto change, store.begin(deploy::command_line_actor()));
    SELVAGE_TRY(const deploy::Account made, store.create_account(change, name, below));
    SELVAGE_CHECK_STATUS(change.commit());
    if (json) {
      print_json(shown(made));
    } else {
      std::cout << "Made the account " << made.name << " (" << made.id << ").\n";
    }
    return 0;
  }

  Result<int> list_accounts(deploy::PlatformStore& store) {
    SELVAGE_TRY(const auto all, store.accounts());
    OrderedJson list = OrderedJson::array();
    Table table{{"NAME", "ID", "SUBDOMAIN", "CREATED"}, {}};
    for (const deploy::Account& each : all) {
      list.push_back(shown(each));
      table.rows.push_back({each.name, each.id, each.subdomain, each.created_on});
    }
    print_list(list, table, "There are no accounts. `selvage account create NAME` makes one.");
    return 0;
  }

  // --- tokens

  Result<int> create_token(deploy::PlatformStore& store) {
    deploy::Account owner;
    if (account_name.empty()) {
      SELVAGE_TRY(owner, deploy::first_account(store));
    } else {
      SELVAGE_TRY(owner, find_account(store, account_name));
    }
    if (name.empty()) name = "token";
    SELVAGE_TRY(auto change, store.begin({owner.id, "cli", true}));
    SELVAGE_TRY(const auto made, store.create_token(change, owner.id, name, !read_only));
    SELVAGE_CHECK_STATUS(change.commit());
    if (json) {
      OrderedJson all = shown(made.token, owner);
      all["token"] = made.secret;
      print_json(all);
      return 0;
    }
    std::cerr << "A token of the account " << owner.name << " that may "
              << (read_only ? "read." : "read and write.") << " Keep it: it is not shown again.\n";
    std::cout << made.secret << "\n";
    return 0;
  }

  Result<int> list_tokens(deploy::PlatformStore& store) {
    std::string only;
    if (!account_name.empty()) {
      SELVAGE_TRY(const deploy::Account owner, find_account(store, account_name));
      only = owner.id;
    }
    SELVAGE_TRY(const auto tokens, store.tokens(only));
    OrderedJson list = OrderedJson::array();
    Table table{{"NAME", "ID", "SCOPE", "ACCOUNT", "CREATED"}, {}};
    for (const deploy::ApiToken& each : tokens) {
      SELVAGE_TRY(const auto owner, store.find_account(each.account));
      if (!owner) continue;
      list.push_back(shown(each, *owner));
      table.rows.push_back(
          {each.name, each.id, each.write ? "write" : "read", owner->name, each.created_on});
    }
    print_list(list, table, "There are no tokens. `selvage token create` makes one.");
    return 0;
  }

  /// By its id, or a name that only one has.
  static Result<deploy::ApiToken> find_token(const std::vector<deploy::ApiToken>& tokens,
                                             const std::string& wanted) {
    std::vector<deploy::ApiToken> named;
    for (const deploy::ApiToken& each : tokens) {
      if (each.id == wanted) return each;
      if (each.name == wanted) named.push_back(each);
    }
    if (named.size() == 1) return named.front();
    return fail(named.empty() ? ErrorCode::not_found : ErrorCode::invalid_argument,
                named.empty() ? "there is no token \"" + wanted + "\""
                              : "several tokens are called \"" + wanted + "\": name it by its id",
                "`selvage token list` lists them");
  }

  Result<int> revoke(deploy::PlatformStore& store) {
    SELVAGE_TRY(const auto tokens, store.tokens(""));
    std::vector<deploy::ApiToken> found;
    for (const std::string& each : revoked) {
      SELVAGE_TRY(deploy::ApiToken one, find_token(tokens, each));
      found.push_back(std::move(one));
    }
    SELVAGE_TRY(auto change, store.begin(deploy::command_line_actor()));
    OrderedJson list = OrderedJson::array();
    for (const deploy::ApiToken& each : found) {
      SELVAGE_TRY(const bool was_there, store.revoke_token(change, each.id));
      if (was_there) list.push_back({{"id", each.id}, {"name", each.name}});
    }
    SELVAGE_CHECK_STATUS(change.commit());
    if (json) {
      print_json(list);
    } else {
      for (const auto& each : list) {
        std::cout << "Revoked " << each["name"].get<std::string>() << " ("
                  << each["id"].get<std::string>() << ").\n";
      }
    }
    return 0;
  }

  // --- what is printed

  static OrderedJson shown(const deploy::Account& each) {
    return {{"id", each.id},
            {"name", each.name},
            {"subdomain", each.subdomain},
            {"created_on", each.created_on}};
  }
  static OrderedJson shown(const deploy::ApiToken& each, const deploy::Account& owner) {
    return {{"id", each.id},
            {"name", each.name},
            {"scope", each.write ? "write" : "read"},
            {"account", {{"id", owner.id}, {"name", owner.name}}},
            {"created_on", each.created_on}};
  }

  void print_list(const OrderedJson& list, const Table& table, const char* when_empty) const {
    if (json) {
      print_json(list);
    } else {
      std::cout << (list.empty() ? std::string(when_empty) + "\n" : to_text(table));
    }
  }

  Result<int> perform() override {
    // A platform may be given its first token before it first runs.
    const bool makes = action == Action::create_token || action == Action::create_account;
    SELVAGE_TRY(const std::string folder, platform_folder(data, !makes));
    SELVAGE_TRY(const auto store, deploy::PlatformStore::open(folder));
    switch (action) {
      case Action::none: return 2;
      case Action::create_token: return create_token(*store);
      case Action::list_tokens: return list_tokens(*store);
      case Action::revoke: return revoke(*store);
      case Action::create_account: return create_account(*store);
      case Action::list_accounts: return list_accounts(*store);
    }
    return 2;
  }
};

}  // namespace

std::unique_ptr<CommandGroup> add_access_commands(CLI::App& app) {
  return std::make_unique<AccessCommands>(app);
}

}  // namespace selvage::cli
