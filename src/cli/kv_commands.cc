#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/base64.h"
#include "base/file_content.h"
#include "cli/command_group.h"
#include "cli/kv_records.h"
#include "cli/platform_namespaces.h"
#include "cli/state_source.h"
#include "cli/terminal.h"
#include "deploy/project/nearest.h"

namespace selvage::cli {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

/// Entries and bytes that one request to the store carries.
constexpr size_t kEntriesAtOnce = 500;
constexpr size_t kBytesAtOnce = size_t{4} << 20;

std::string dump(const OrderedJson& json, int indent = -1) {
  return json.dump(indent, ' ', false, OrderedJson::error_handler_t::replace);
}

/// All of a file; "-" is standard input.
Result<std::string> read_input(const std::string& path) {
  if (path == "-") {
    return std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  }
  return read_file(path);
}

Status write_output(std::ostream& out, const std::string& text, const std::string& path) {
  if (out.write(text.data(), static_cast<std::streamsize>(text.size()))) return {};
  return fail(ErrorCode::io, "cannot write to " + (path.empty() ? "standard output" : path));
}

/// Prints a JSON array, an element a line, as its elements come.
class ArrayPrinter {
 public:
  Status add(const OrderedJson& element) {
    Status status = write_output(std::cout, (empty_ ? "[\n  " : ",\n  ") + dump(element), "");
    empty_ = false;
    return status;
  }
  Status end() { return write_output(std::cout, empty_ ? "[]\n" : "\n]\n", ""); }

 private:
  bool empty_ = true;
};

class KvCommands final : public CommandGroup {
 public:
  explicit KvCommands(CLI::App& app) { define(app); }

  [[nodiscard]] bool chosen() const override { return kv->parsed(); }

 private:
  enum class Action {
    none,
    put,
    get,
    erase,
    list,
    bulk_put,
    bulk_get,
    bulk_erase,
    namespace_list,
    namespace_create,
    namespace_erase,
    namespace_rename,
    export_all,
    import_all
  };

  CLI::App* kv = nullptr;
  Action action = Action::none;
  StateOptions state;
  std::string binding;
  std::string namespace_id;
  std::string key;
  std::string value;
  bool has_value = false;
  std::string path;
  std::string prefix;
  std::string metadata;
  std::string name;
  std::string new_name;
  std::optional<int64_t> ttl;
  std::optional<int64_t> expiration;
  bool text = false;
  bool json = false;

  // --- the command line

  CLI::App* add(CLI::App& parent, const char* command, const char* description, Action chosen,
                bool on_namespace = true) {
    CLI::App* app = parent.add_subcommand(command, description);
    app->callback([this, chosen] { action = chosen; });
    if (on_namespace) {
      app->add_option("-b,--binding", binding, "The namespace by its binding in the project")
          ->type_name("NAME");
      app->add_option("-n,--namespace-id", namespace_id, "The namespace by its id")
          ->type_name("ID")
          ->excludes("--binding");
      app->add_flag("--preview,!--no-preview", preview,
                    "Use the binding's preview_id if it has one, as `selvage dev` does (default), "
                    "or its id");
    }
    remote.add_to(*app);
    state.add_to(*app);
    return app;
  }

  Result<StateSource> open(bool must_exist) { return StateSource::open(state, remote, must_exist); }
  bool preview = true;
  RemoteOptions remote;
  bool accepted = false;  // of options without effect

  void define(CLI::App& app) {
    kv = app.add_subcommand("kv", "Show and change what Workers KV stores");
    kv->require_subcommand(1);

    CLI::App* keys = kv->add_subcommand("key", "One key: put, get, delete, list");
    keys->require_subcommand(1);
    CLI::App* put = add(*keys, "put", "Write a value", Action::put);
    put->add_option("KEY", key, "The key")->required();
    put->add_option_function<std::string>(
        "VALUE",
        [this](const std::string& text_given) {
          value = text_given;
          has_value = true;
        },
        "The value, as text");
    put->add_option("--path", path, "Read the value from this file; - is standard input")
        ->type_name("FILE");
    put->add_option("--ttl,--expiration-ttl", ttl, "Seconds until the entry expires, at least 60")
        ->type_name("SECONDS");
    put->add_option("--expiration", expiration, "When it expires, in seconds since 1970")
        ->type_name("TIME");
    put->add_option("--metadata", metadata, "Metadata for the entry, as JSON")->type_name("JSON");

    CLI::App* get = add(*keys, "get", "Print a value as it is", Action::get);
    get->add_option("KEY", key, "The key")->required();
    get->add_flag("--text", text, "End with a line break");
    get->add_flag("--json", json, "Print the entry with its metadata and expiration as JSON");

    CLI::App* erase = add(*keys, "delete", "Delete an entry", Action::erase);
    erase->add_option("KEY", key, "The key")->required();

    CLI::App* list = add(*keys, "list", "Print the keys as a JSON array", Action::list);
    list->add_option("--prefix", prefix, "Only keys that begin with this")->type_name("TEXT");

    CLI::App* bulk = kv->add_subcommand("bulk", "Many keys at once: put, get, delete");
    bulk->require_subcommand(1);
    CLI::App* bulk_put =
        add(*bulk, "put", "Write the entries of a JSON file: [{\"key\", \"value\"}, ...]",
            Action::bulk_put);
    bulk_put->add_option("FILE", path, "The file; - is standard input")->required();
    CLI::App* bulk_get =
        add(*bulk, "get", "Print the entries whose keys a JSON file lists", Action::bulk_get);
    bulk_get->add_option("FILE", path, "[\"key\", ...] or [{\"name\"}, ...]; - is standard input")
        ->required();
    CLI::App* bulk_erase =
        add(*bulk, "delete", "Delete the entries whose keys a JSON file lists", Action::bulk_erase);
    bulk_erase->add_option("FILE", path, "[\"key\", ...] or [{\"name\"}, ...]; - is standard input")
        ->required();
    bulk_erase->add_flag("-f,--force", accepted, "Accepted: nothing is asked");

    CLI::App* spaces = kv->add_subcommand("namespace", "Namespaces: list, create, delete, rename");
    spaces->require_subcommand(1);
    CLI::App* spaces_list =
        add(*spaces, "list", "Print the namespaces as a JSON array", Action::namespace_list, false);
    (void)spaces_list;
    CLI::App* create = add(*spaces, "create", "Make an empty namespace, and say how to bind it",
                           Action::namespace_create, false);
    create->add_option("NAME", name, "Its id")->required();
    CLI::App* remove =
        add(*spaces, "delete", "Delete a namespace with all its entries", Action::namespace_erase);
    remove->add_flag("-y,--skip-confirmation", accepted, "Accepted: nothing is asked");
    CLI::App* rename =
        add(*spaces, "rename", "Give a namespace another id", Action::namespace_rename);
    rename->add_option("OLD", name, "Its id until now");
    rename->add_option("--new-name", new_name, "Its id from now on")->type_name("NAME")->required();

    CLI::App* exports =
        add(*kv, "export", "Write a whole namespace as lines of JSON", Action::export_all);
    exports->add_option("FILE", path, "The file to write (default: standard output)");
    exports->add_option("--prefix", prefix, "Only keys that begin with this")->type_name("TEXT");
    CLI::App* imports =
        add(*kv, "import", "Write the entries that `kv export` wrote", Action::import_all);
    imports->add_option("FILE", path, "The file to read (default: standard input)");
  }

  // --- the namespace

  Result<std::string> find_namespace() {
    if (!namespace_id.empty()) return namespace_id;
    if (binding.empty()) {
      return fail(ErrorCode::invalid_argument, "which namespace?",
                  "Name it with --binding NAME or --namespace-id ID");
    }
    const bool deployed = remote.chosen();
    SELVAGE_TRY(const deploy::ProjectConfig project,
                read_state_project(state, preview && !deployed));
    std::vector<std::string_view> names;
    for (const deploy::Binding& each : project.bindings) {
      if (each.type != deploy::BindingType::kv) continue;
      if (each.name == binding) {
        // Without an id, a deployment made it.
        const bool titled = deployed && each.value == each.name;
        return titled ? namespace_title(project.name, each.name) : each.value;
      }
      names.push_back(each.name);
    }
    const std::string meant = deploy::nearest(binding, names);
    return fail(ErrorCode::not_found,
                "the project binds no KV namespace as " + binding +
                    (meant.empty() ? "" : "; did you mean " + meant + "?"),
                names.empty() ? "Add it to kv_namespaces in the configuration" : "");
  }

  // --- the actions

  Result<int> perform() override {
    switch (action) {
      case Action::none: return 2;
      case Action::namespace_list: return list_namespaces();
      case Action::namespace_create: return create_namespace();
      default: break;
    }
    std::string space;
    if (action == Action::namespace_rename && !name.empty()) {
      space = name;
    } else {
      SELVAGE_TRY(space, find_namespace());
    }
    const bool writes =
        action == Action::put || action == Action::bulk_put || action == Action::import_all;
    SELVAGE_TRY(StateSource source, open(!writes));
    state::Client& client = source.client();
    switch (action) {
      case Action::put: return put(client, space);
      case Action::get: return get(client, space);
      case Action::erase: {
        SELVAGE_TRY(const Json done, client.ask({{"op", "kv.write"},
                                                 {"namespace", space},
                                                 {"entries", Json::array({Json{{"key", key}}})}}));
        return 0;
      }
      case Action::list: return list(client, space);
      case Action::bulk_put: return bulk_put(client, space);
      case Action::bulk_get: return bulk_get(client, space);
      case Action::bulk_erase: return bulk_erase(client, space);
      case Action::namespace_erase: {
        SELVAGE_TRY(const Json done, client.ask({{"op", "kv.erase"}, {"namespace", space}}));
        std::cout << "Deleted the namespace " << space << ".\n";
        return 0;
      }
      case Action::namespace_rename: {
        SELVAGE_TRY(const Json done,
                    client.ask({{"op", "kv.rename"}, {"namespace", space}, {"to", new_name}}));
        std::cout << "The namespace " << space << " is called " << new_name << " now.\n";
        return 0;
      }
      case Action::export_all: return export_all(client, space);
      case Action::import_all: return import_all(client, space);
      default: return 2;
    }
  }

  Result<int> put(state::Client& client, const std::string& space) {
    if (has_value == !path.empty()) {
      return fail(ErrorCode::invalid_argument, "a put needs a VALUE or a --path, and not both");
    }
    Json entry{{"key", key}};
    std::string bytes = value;
    if (!path.empty()) {
      SELVAGE_TRY(bytes, read_input(path));
    }
    entry["value"] = base64_encode(bytes);
    if (ttl) entry["put_ttl"] = *ttl;
    if (expiration) entry["put_expiration"] = *expiration;
    if (!metadata.empty()) {
      const OrderedJson parsed = OrderedJson::parse(metadata, nullptr, false);
      if (parsed.is_discarded()) {
        return fail(ErrorCode::invalid_argument, "--metadata is not JSON: " + metadata,
                    R"(For example --metadata '{"a": 1}', or '"text"' for text)");
      }
      entry["metadata"] = parsed.dump();
    }
    SELVAGE_TRY(const Json done, client.ask({{"op", "kv.write"},
                                             {"namespace", space},
                                             {"entries", Json::array({std::move(entry)})}}));
    return 0;
  }

  Result<int> get(state::Client& client, const std::string& space) {
    SELVAGE_TRY(Json found, client.ask({{"op", "kv.get"}, {"namespace", space}, {"key", key}}));
    if (!found.value("found", false)) {
      return fail(ErrorCode::not_found, "there is no entry " + key + " in " + space);
    }
    if (json) {
      found["key"] = key;
      SELVAGE_CHECK_STATUS(write_output(std::cout, dump(record_of(found), 2) + "\n", ""));
      return 0;
    }
    std::string bytes = base64_decode(found.value("value", "")).value_or("");
    if (text) bytes += '\n';
    SELVAGE_CHECK_STATUS(write_output(std::cout, bytes, ""));
    return 0;
  }

  Result<int> list(state::Client& client, const std::string& space) {
    ArrayPrinter printer;
    SELVAGE_TRY(const Json done,
                client.ask({{"op", "kv.list"}, {"namespace", space}, {"prefix", prefix}},
                           [&](const Json& item) {
                             const OrderedJson record = record_of(item);
                             OrderedJson shown{{"name", record["key"]}};
                             for (const char* field : {"expiration", "metadata"}) {
                               if (record.contains(field)) shown[field] = record[field];
                             }
                             return printer.add(shown);
                           }));
    SELVAGE_CHECK_STATUS(printer.end());
    return 0;
  }

  Result<Json> read_array() {
    SELVAGE_TRY(const std::string content, read_input(path));
    Json array = Json::parse(content, nullptr, false);
    if (array.is_array()) return array;
    return fail(ErrorCode::invalid_argument, path + " is not a JSON array");
  }

  Result<std::vector<std::string>> read_keys() {
    SELVAGE_TRY(const Json array, read_array());
    std::vector<std::string> keys;
    for (const Json& each : array) {
      const bool object = each.is_object() && each.contains("name");
      const Json& entry_name = object ? each["name"] : each;
      if (!entry_name.is_string()) {
        return fail(ErrorCode::invalid_argument, path + " lists something that is not a key",
                    R"(It should be ["key", ...] or [{"name": "key"}, ...])");
      }
      keys.push_back(entry_name.get<std::string>());
    }
    return keys;
  }

  /// Gathers entries and sends them in groups.
  class Writer {
   public:
    Writer(state::Client& client, const std::string& space) : client_(client), space_(space) {}
    Status add(Json entry) {
      bytes_ += entry.value("value", "").size();
      entries_.push_back(std::move(entry));
      ++count_;
      if (entries_.size() < kEntriesAtOnce && bytes_ < kBytesAtOnce) return {};
      return flush();
    }
    Status flush() {
      if (entries_.empty()) return {};
      SELVAGE_TRY(const Json done,
                  client_.ask({{"op", "kv.write"},
                               {"namespace", space_},
                               {"entries", std::exchange(entries_, Json::array())}}));
      bytes_ = 0;
      return {};
    }
    [[nodiscard]] uint64_t count() const { return count_; }

   private:
    state::Client& client_;
    const std::string& space_;
    Json entries_ = Json::array();
    size_t bytes_ = 0;
    uint64_t count_ = 0;
  };

  Result<int> bulk_put(state::Client& client, const std::string& space) {
    SELVAGE_TRY(const Json array, read_array());
    Writer writer(client, space);
    for (const Json& each : array) {
      SELVAGE_TRY(Json entry, entry_of(each, /*by_put_rules=*/true));
      SELVAGE_CHECK_STATUS(writer.add(std::move(entry)));
    }
    SELVAGE_CHECK_STATUS(writer.flush());
    std::cerr << "Wrote " << writer.count() << " entries.\n";
    return 0;
  }

  Result<int> bulk_get(state::Client& client, const std::string& space) {
    SELVAGE_TRY(const std::vector<std::string> keys, read_keys());
    OrderedJson found = OrderedJson::object();
    for (const std::string& each : keys) {
      SELVAGE_TRY(Json entry, client.ask({{"op", "kv.get"}, {"namespace", space}, {"key", each}}));
      if (!entry.value("found", false)) {
        found[each] = nullptr;
        continue;
      }
      OrderedJson record = record_of(entry);
      record.erase("key");
      found[each] = std::move(record);
    }
    SELVAGE_CHECK_STATUS(write_output(std::cout, dump(found, 2) + "\n", ""));
    return 0;
  }

  Result<int> bulk_erase(state::Client& client, const std::string& space) {
    SELVAGE_TRY(const std::vector<std::string> keys, read_keys());
    Writer writer(client, space);
    for (const std::string& each : keys) SELVAGE_CHECK_STATUS(writer.add(Json{{"key", each}}));
    SELVAGE_CHECK_STATUS(writer.flush());
    std::cerr << "Deleted " << writer.count() << " entries.\n";
    return 0;
  }

  Result<int> list_namespaces() {
    SELVAGE_TRY(StateSource source, open(true));
    ArrayPrinter printer;
    SELVAGE_TRY(const Json done,
                source.client().ask({{"op", "kv.namespaces"}}, [&](const Json& item) {
                  OrderedJson shown{{"id", item["id"]}, {"title", item["id"]}};
                  for (const char* key : {"title", "keys", "bytes"}) {
                    if (item.contains(key)) shown[key] = item[key];
                  }
                  return printer.add(shown);
                }));
    SELVAGE_CHECK_STATUS(printer.end());
    return 0;
  }

  Result<int> create_namespace() {
    SELVAGE_TRY(StateSource source, open(false));
    SELVAGE_TRY(const Json done, source.client().ask({{"op", "kv.create"}, {"namespace", name}}));
    std::cout << "Made the namespace " << name
              << ". To bind it, add this to the project's configuration:\n\n"
                 "[[kv_namespaces]]\nbinding = \""
              << name << "\"\nid = \"" << done.value("id", name) << "\"\n";
    return 0;
  }

  Result<int> export_all(state::Client& client, const std::string& space) {
    std::ofstream file;
    if (!path.empty() && path != "-") {
      file.open(path, std::ios::binary | std::ios::trunc);
      if (!file) return fail_errno(errno, "cannot write " + path);
    }
    std::ostream& out = file.is_open() ? static_cast<std::ostream&>(file) : std::cout;
    uint64_t count = 0;
    SELVAGE_TRY(
        const Json done,
        client.ask({{"op", "kv.list"}, {"namespace", space}, {"prefix", prefix}, {"values", true}},
                   [&](const Json& item) {
                     ++count;
                     return write_output(out, dump(record_of(item)) + "\n", path);
                   }));
    out.flush();
    if (!out) return fail(ErrorCode::io, "cannot write to " + path);
    std::cerr << "Exported " << count << " entries.\n";
    return 0;
  }

  Result<int> import_all(state::Client& client, const std::string& space) {
    std::ifstream file;
    if (!path.empty() && path != "-") {
      file.open(path, std::ios::binary);
      if (!file) return fail_errno(errno, "cannot read " + path);
    }
    std::istream& in = file.is_open() ? static_cast<std::istream&>(file) : std::cin;
    const std::string source = file.is_open() ? path : "standard input";
    Writer writer(client, space);
    std::string line;
    for (uint64_t number = 1; std::getline(in, line); ++number) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      const Json record = Json::parse(line, nullptr, false);
      const auto place = [&] { return source + ":" + std::to_string(number); };
      if (record.is_discarded()) {
        return fail(ErrorCode::invalid_argument, place() + ": not a line of JSON",
                    std::to_string(writer.count()) + " entries before it may have been written");
      }
      auto entry = entry_of(record, /*by_put_rules=*/false);
      if (!entry) return fail(std::move(entry).error().within(place()));
      SELVAGE_CHECK_STATUS(writer.add(std::move(*entry)));
    }
    SELVAGE_CHECK_STATUS(writer.flush());
    std::cerr << "Imported " << writer.count() << " entries.\n";
    return 0;
  }
};

}  // namespace

std::unique_ptr<CommandGroup> add_kv_commands(CLI::App& app) {
  return std::make_unique<KvCommands>(app);
}

}  // namespace selvage::cli
