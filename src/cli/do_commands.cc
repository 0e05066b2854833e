#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/utc_text.h"
#include "base/wall_clock.h"
#include "cli/command_group.h"
#include "cli/confirm.h"
#include "cli/given_options.h"
#include "cli/object_view.h"
#include "cli/state_source.h"
#include "cli/temporary_file.h"
#include "cli/terminal.h"
#include "signals/log_search.h"
#include "worker/object_id.h"

namespace selvage::cli {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

namespace fs = std::filesystem;

std::string dump(const OrderedJson& json, int indent = 2) {
  return json.dump(indent, ' ', false, OrderedJson::error_handler_t::replace);
}

std::string bytes_text(uint64_t bytes) {
  if (bytes < 10'240) return std::to_string(bytes) + " B";
  if (bytes < uint64_t{10} << 20) return std::to_string(bytes >> 10) + " KiB";
  return std::to_string(bytes >> 20) + " MiB";
}

class DoCommands final : public CommandGroup {
 public:
  explicit DoCommands(CLI::App& app) { define(app); }

  [[nodiscard]] bool chosen() const override { return root->parsed(); }

 private:
  enum class Action { none, list, show, sql, export_file, restore, erase };

  CLI::App* root = nullptr;
  Action action = Action::none;
  StateOptions state;
  RemoteOptions remote;
  std::string space;
  std::string id;
  std::string name;
  std::string statement;
  std::string path;
  std::string time;
  std::string bookmark;
  uint64_t limit = 100;
  bool all = false;
  bool dry_run = false;
  bool yes = false;
  bool json = false;

  // --- the command line

  CLI::App* add(const char* command, const char* description, Action chosen) {
    CLI::App* app = root->add_subcommand(command, description);
    app->callback([this, chosen] { action = chosen; });
    return app;
  }

  void add_object(CLI::App& app, bool needs_namespace = true) {
    app.add_option("CLASS", space,
                   "The class, as Class or worker/Class, its binding, or the namespace's id")
        ->required(needs_namespace);
    app.add_option("ID", id, "The object's id: 64 hexadecimal digits, or their beginning");
    app.add_option("--name", name, "The object by the name that idFromName() was given")
        ->type_name("NAME");
  }

  void add_place(CLI::App& app) {
    state.add_to(app);
    remote.add_to(app);
  }

  /// Those that say where the object is.
  [[nodiscard]] std::string place_options() const {
    return given_options(*root->get_subcommands().front(),
                         {"--config", "--env", "--data", "--remote", "--url"});
  }

  void define(CLI::App& app) {
    root = app.add_subcommand("do", "Show, export, restore and delete what Durable Objects store");
    root->require_subcommand(1);

    CLI::App* list = add("list", "List the classes, or the objects of one", Action::list);
    list->add_option("CLASS", space,
                     "The class, as Class or worker/Class, its binding, or the namespace's id");
    list->add_flag("--json", json, "Print JSON");
    add_place(*list);

    CLI::App* show = add("show", "Show what an object stores: entries and tables", Action::show);
    add_object(*show);
    show->add_option("--limit", limit, "Entries to show at most (default: 100)")->type_name("N");
    show->add_flag("--json", json, "Print JSON");
    add_place(*show);

    CLI::App* sql = add("sql", "Run a statement that reads an object's database", Action::sql);
    add_object(*sql);
    sql->add_option("SQL", statement, "The statement, unless --command gives it");
    sql->add_option("--command", statement, "The statement")->type_name("SQL");
    sql->add_flag("--json", json, "Print JSON");
    add_place(*sql);

    CLI::App* exports =
        add("export", "Copy an object's database to a SQLite file", Action::export_file);
    add_object(*exports);
    exports->add_option("FILE", path, "The file to write, unless --output names it");
    exports->add_option("-o,--output", path, "The file to write")->type_name("FILE");
    add_place(*exports);

    CLI::App* restore =
        add("restore", "Bring what an object stores back to an earlier state", Action::restore);
    add_object(*restore);
    auto* at = restore->add_option("--at,--timestamp", time,
                                   "Its state then: 90s, 15m, 2h, 7d ago, or a time in UTC");
    at->type_name("TIME");
    restore->add_option("--bookmark", bookmark, "The state that this bookmark is of")
        ->type_name("BOOKMARK")
        ->excludes(at);
    restore->add_flag("--dry-run", dry_run, "Only say what would be done");
    restore->add_flag("-y,--yes", yes, "Do not ask at a terminal");
    restore->add_flag("--json", json, "Print JSON");
    add_place(*restore);

    CLI::App* erase = add("delete", "Delete what an object stores", Action::erase);
    add_object(*erase);
    erase->add_flag("--all", all, "Delete all objects of the class");
    add_place(*erase);
  }

  // --- which object

  /// Every namespace with objects or a class, by id.
  static Result<std::map<std::string, OrderedJson>> namespaces(StateSource& source) {
    deploy::NamespaceRegistry registry;
    if (!source.is_remote()) {
      SELVAGE_TRY(registry, source.namespaces());
    }
    std::map<std::string, OrderedJson> found;
    for (const auto& each : registry.namespaces) {
      found[each.id] = {{"id", each.id},
                        {"worker", each.worker},
                        {"class", each.class_name},
                        {"objects", 0},
                        {"bytes", 0}};
    }
    SELVAGE_TRY(const Json done,
                source.client().ask({{"op", "do.namespaces"}}, [&](const Json& item) {
                  OrderedJson& known = found[item["id"]];
                  if (known.is_null()) known = {{"id", item["id"]}, {"worker", ""}, {"class", ""}};
                  for (const char* key : {"worker", "class"}) {
                    if (item.contains(key)) known[key] = item[key];
                  }
                  known["objects"] = item["objects"];
                  known["bytes"] = item["bytes"];
                  return Status();
                }));
    return found;
  }

  Result<std::string> find_namespace(StateSource& source) {
    SELVAGE_TRY(const auto known, namespaces(source));
    if (known.contains(space)) return space;
    std::vector<std::string> matches;
    std::string names;
    for (const auto& [each, facts] : known) {
      const auto class_name = facts.value("class", "");
      const std::string full = facts.value("worker", "") + "/" + class_name;
      if (class_name == space || full == space) matches.push_back(each);
      names += (names.empty() ? "" : ", ") + (class_name.empty() ? each : full);
    }
    if (matches.empty()) {
      // A binding's name, in the project.
      if (const auto project = read_state_project(state, true)) {
        for (const deploy::Binding& each : project->bindings) {
          if (each.type != deploy::BindingType::durable_object || each.name != space) continue;
          const std::string worker = each.script.empty() ? project->name : each.script;
          for (const auto& [key, facts] : known) {
            if (facts.value("class", "") == each.class_name &&
                facts.value("worker", "") == worker) {
              matches.push_back(key);
            }
          }
        }
      }
    }
    if (matches.size() == 1) return matches.front();
    if (matches.empty()) {
      return fail(ErrorCode::not_found, "there are no Durable Objects of " + space,
                  names.empty() ? "No object has stored anything yet" : "There are: " + names);
    }
    return fail(ErrorCode::invalid_argument, "several workers have a class " + space,
                "Say which: " + names);
  }

  /// The secret that ids are made with.
  static Result<std::string> read_key(const std::string& directory) {
    const std::string path = directory + "/installation.key";
    std::ifstream file(path, std::ios::binary);
    const std::string key{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (key.size() == worker::ObjectIds::kKeyBytes) return key;
    return fail(ErrorCode::not_found, "there is no key of the installation in " + directory,
                "It is made when a session first runs; find the object by its ID");
  }

  Result<std::string> find_object(StateSource& source, const std::string& namespace_id) {
    constexpr size_t kDigits = 64;
    if (!name.empty() && source.is_remote()) {
      SELVAGE_TRY(
          const Json found,
          source.client().ask({{"op", "do.named"}, {"namespace", namespace_id}, {"name", name}}));
      return found.at("id").get<std::string>();
    }
    if (!name.empty()) {
      SELVAGE_TRY(const std::string key, read_key(source.state_directory()));
      return worker::ObjectIds(key).of_name(namespace_id, worker::Jurisdiction::none, name);
    }
    if (id.empty()) {
      return fail(ErrorCode::invalid_argument, "which object?",
                  "Give its ID, or --name NAME; `selvage do list " + space + "` lists them");
    }
    std::string digits = id;
    std::ranges::transform(digits, digits.begin(), [](char c) {
      return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
    });
    if (digits.size() == kDigits) return digits;
    std::vector<std::string> matches;
    SELVAGE_TRY(const Json done,
                source.client().ask({{"op", "do.list"}, {"namespace", namespace_id}},
                                    [&](const Json& item) {
                                      std::string each = item["id"];
                                      if (each.starts_with(digits)) matches.push_back(each);
                                      return Status();
                                    }));
    if (matches.size() == 1) return matches.front();
    return fail(ErrorCode::not_found,
                matches.empty() ? "no object of " + space + " has an id that begins with " + id
                                : "several ids begin with " + id,
                "`selvage do list " + space + place_options() + "` lists them");
  }

  // --- the actions

  Result<int> perform() override {
    SELVAGE_TRY(StateSource source, StateSource::open(state, remote, /*must_exist=*/true));
    if (action == Action::list && space.empty()) return list_namespaces(source);
    // With --name there is no ID: what stands in its place is the next argument.
    std::string& last = action == Action::sql ? statement : path;
    if (!name.empty() && !id.empty() && last.empty()) last = std::exchange(id, {});
    SELVAGE_TRY(const std::string namespace_id, find_namespace(source));
    if (action == Action::list) return list_objects(source, namespace_id);
    if (action == Action::erase && all) {
      SELVAGE_TRY(const Json done,
                  source.client().ask({{"op", "do.delete"}, {"namespace", namespace_id}}));
      std::cout << "Deleted all objects of " << space << ".\n";
      return 0;
    }
    SELVAGE_TRY(const std::string object, find_object(source, namespace_id));
    if (action == Action::erase) {
      SELVAGE_TRY(
          const Json done,
          source.client().ask({{"op", "do.delete"}, {"namespace", namespace_id}, {"id", object}}));
      std::cout << "Deleted what " << object << " stored.\n";
      return 0;
    }
    if (action == Action::restore) return restore(source, namespace_id, object);
    if (action == Action::export_file) return export_file(source, namespace_id, object);
    SELVAGE_TRY(const TemporaryFile copy, TemporaryFile::create());
    Status copied = copy_to(source, namespace_id, object, copy.path());
    if (!copied) return fail(with_way_back(source, namespace_id, object, copied.error()));
    SELVAGE_TRY(ObjectView view, ObjectView::open(copy.path()));
    if (action == Action::sql) return query(view);
    std::error_code error;
    return show(view, namespace_id, object, fs::file_size(copy.path(), error),
                ask_history(source, namespace_id, object));
  }

  static Status copy_to(StateSource& source, const std::string& namespace_id,
                        const std::string& object, const std::string& destination) {
    auto done = source.client().ask(
        {{"op", "do.copy"}, {"namespace", namespace_id}, {"id", object}, {"path", destination}});
    if (!done) return fail(std::move(done).error());
    return {};
  }

  Result<int> list_namespaces(StateSource& source) {
    SELVAGE_TRY(const auto known, namespaces(source));
    if (json) {
      OrderedJson array = OrderedJson::array();
      for (const auto& [each, facts] : known) array.push_back(facts);
      std::cout << dump(array) << "\n";
      return 0;
    }
    ObjectView::Rows rows{{"CLASS", "WORKER", "OBJECTS", "STORED", "NAMESPACE"}, {}};
    for (const auto& [each, facts] : known) {
      rows.rows.push_back({facts["class"], facts["worker"], facts["objects"],
                           bytes_text(facts["bytes"].get<uint64_t>()), each});
    }
    std::cout << (known.empty() ? "No Durable Object has stored anything yet.\n" : as_table(rows));
    return 0;
  }

  Result<int> list_objects(StateSource& source, const std::string& namespace_id) {
    OrderedJson array = OrderedJson::array();
    ObjectView::Rows rows{{"ID", "STORED"}, {}};
    SELVAGE_TRY(const Json done,
                source.client().ask(
                    {{"op", "do.list"}, {"namespace", namespace_id}}, [&](const Json& item) {
                      array.push_back({{"id", item["id"]}, {"bytes", item["bytes"]}});
                      rows.rows.push_back({OrderedJson(item["id"].get<std::string>()),
                                           bytes_text(item["bytes"].get<uint64_t>())});
                      return Status();
                    }));
    std::cout << (json ? dump(array) + "\n" : as_table(rows));
    return 0;
  }

  Result<int> show(ObjectView& view, const std::string& namespace_id, const std::string& object,
                   uint64_t size, const Result<Json>& past) {
    SELVAGE_TRY(const uint64_t count, view.entry_count());
    SELVAGE_TRY(const auto entries, view.entries(limit));
    SELVAGE_TRY(const auto tables, view.tables());
    if (json) {
      OrderedJson shown{{"namespace", namespace_id},
                        {"id", object},
                        {"bytes", size},
                        {"keys", count},
                        {"entries", entries},
                        {"tables", OrderedJson::array()}};
      for (const auto& table : tables) {
        shown["tables"].push_back({{"name", table.name}, {"rows", table.rows}, {"sql", table.sql}});
      }
      if (past) {
        shown["history"] = {{"since", time_of(*past, "since")},
                            {"changed", time_of(*past, "time")},
                            {"bookmark", past->at("bookmark")}};
      }
      std::cout << dump(shown) << "\n";
      return 0;
    }
    std::cout << "object     " << object << "\nnamespace  " << namespace_id << "\nstored     "
              << bytes_text(size) << "\nkeys       " << count << "\ntables     " << tables.size()
              << "\n";
    if (past) {
      std::cout << "changed    " << time_of(*past, "time") << "\nbookmark   "
                << past->at("bookmark").get<std::string>() << "\nhistory    since "
                << time_of(*past, "since") << "\n";
    } else {
      std::cout << "history    none: " << past.error().message << "\n";
    }
    if (!entries.empty()) std::cout << "\n";
    for (const OrderedJson& entry : entries) {
      std::cout << dump(entry["key"], -1) << ": " << dump(entry["value"], -1) << "\n";
    }
    if (entries.size() < count) {
      std::cout << "... and " << count - entries.size() << " more (--limit N shows more)\n";
    }
    if (!tables.empty()) {
      ObjectView::Rows rows{{"TABLE", "ROWS"}, {}};
      for (const auto& table : tables) rows.rows.push_back({table.name, table.rows});
      std::cout << "\n" << as_table(rows);
    }
    return 0;
  }

  // --- what it was before

  static Result<Json> ask_history(StateSource& source, const std::string& namespace_id,
                                  const std::string& object, Json moment = Json::object()) {
    moment.update({{"op", "do.history"}, {"namespace", namespace_id}, {"id", object}});
    return source.client().ask(moment);
  }

  static std::string time_of(const Json& state, const char* key) {
    return iso_time(state.at(key).get<int64_t>());
  }

  /// Of an object that stores nothing any more, the error says that it can come back.
  Error with_way_back(StateSource& source, const std::string& namespace_id,
                      const std::string& object, Error error) {
    if (error.code != ErrorCode::not_found) return error;
    if (const auto past = ask_history(source, namespace_id, object)) {
      error.remedy = "It can be brought back, as of any time since " + time_of(*past, "since") +
                     ", with `selvage do restore " + space + " " + object + " --at TIME" +
                     place_options() + "`; what it stored was deleted at " + time_of(*past, "time");
    }
    return error;
  }

  static std::string describe(const Json& state_then) {
    const auto bytes = state_then.at("bytes").get<uint64_t>();
    const std::string size = bytes == 0 ? "nothing stored" : bytes_text(bytes);
    return (state_then.at("time") == 0 ? "the beginning" : time_of(state_then, "time")) + " (" +
           size + ")";
  }

  Result<int> restore(StateSource& source, const std::string& namespace_id,
                      const std::string& object) {
    Json moment;
    if (!bookmark.empty()) {
      moment["bookmark"] = bookmark;
    } else if (!time.empty()) {
      SELVAGE_TRY(moment["time"], signals::parse_since(time, wall_clock_ms()));
    } else {
      return fail(
          ErrorCode::invalid_argument, "to which state?",
          "Give --at TIME, or --bookmark BOOKMARK; `selvage do show` tells since when there "
          "is a history");
    }
    auto past = ask_history(source, namespace_id, object, std::move(moment));
    if (!past) {
      Error error = std::move(past).error();
      if (error.code == ErrorCode::invalid_argument) {
        if (const auto known = ask_history(source, namespace_id, object)) {
          error.remedy = "Its history begins at " + time_of(*known, "since");
        }
      }
      return fail(std::move(error));
    }
    const Json& wanted = past->at("wanted");
    std::cerr << "Object " << object << " of " << space << ":\n  now   " << describe(*past)
              << "\n  then  " << describe(wanted) << "\n";
    if (dry_run) return 0;
    if (!yes && !is_meant("Bring it back to what it was then?")) return 1;
    SELVAGE_TRY(const Json done, source.client().ask({{"op", "do.restore"},
                                                      {"namespace", namespace_id},
                                                      {"id", object},
                                                      {"bookmark", wanted.at("bookmark")}}));
    const auto undo = done.at("undo").get<std::string>();
    if (json) {
      std::cout << dump({{"namespace", namespace_id},
                         {"id", object},
                         {"bookmark", wanted.at("bookmark")},
                         {"time", time_of(wanted, "time")},
                         {"undo", undo}})
                << "\n";
    } else {
      std::cout << "Restored. To undo it: selvage do restore " << space << " " << object
                << " --bookmark " << undo << place_options() << "\n";
    }
    return 0;
  }

  Result<int> query(ObjectView& view) {
    if (statement.empty()) {
      return fail(ErrorCode::invalid_argument, "which statement?",
                  "For example \"SELECT name FROM sqlite_schema\"");
    }
    SELVAGE_TRY(const ObjectView::Rows rows, view.query(statement));
    if (!json) {
      std::cout << as_table(rows);
      return 0;
    }
    OrderedJson array = OrderedJson::array();
    for (const auto& row : rows.rows) {
      OrderedJson object = OrderedJson::object();
      for (size_t i = 0; i < row.size(); ++i) object[rows.columns[i]] = row[i];
      array.push_back(std::move(object));
    }
    std::cout << dump(array) << "\n";
    return 0;
  }

  Result<int> export_file(StateSource& source, const std::string& namespace_id,
                          const std::string& object) {
    if (path.empty()) {
      return fail(ErrorCode::invalid_argument, "where to?", "Give a FILE, or --output FILE");
    }
    std::error_code error;
    const std::string destination = fs::absolute(path, error).string();
    SELVAGE_CHECK_STATUS(copy_to(source, namespace_id, object, destination));
    std::cout << "Exported to " << path << ".\n";
    return 0;
  }
};

}  // namespace

std::unique_ptr<CommandGroup> add_do_commands(CLI::App& app) {
  return std::make_unique<DoCommands>(app);
}

}  // namespace selvage::cli
