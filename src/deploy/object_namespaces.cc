#include "deploy/object_namespaces.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "deploy/json_fields.h"

namespace selvage::deploy {
namespace {

constexpr int kFormat = 1;

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

tl::unexpected<Error> impossible(std::string message, std::string remedy) {
  return fail(ErrorCode::invalid_argument, std::move(message), std::move(remedy));
}

/// "<worker>" or "<worker>/<class>"; the class defaults to `class_name`.
std::string full_name(const std::string& text, const std::string& class_name) {
  return text.find('/') == std::string::npos ? text + "/" + class_name : text;
}

class Planner {
 public:
  Planner(NamespaceRegistry registry, const HasObjects& has_objects)
      : registry_(std::move(registry)), has_objects_(has_objects) {}

  Status migrate(const WorkerVersion& version) {
    std::vector<std::string>& applied = registry_.applied[version.name];
    const Migration* waiting = nullptr;
    for (const Migration& migration : version.migrations) {
      const bool done = std::ranges::find(applied, migration.tag) != applied.end();
      if (done && waiting != nullptr) {
        return impossible("migration " + in_quotes(waiting->tag) + " stands before " +
                              in_quotes(migration.tag) + ", which has been applied",
                          "Migrations happen in their order: put new ones at the end");
      }
      if (done) continue;
      waiting = &migration;
    }
    for (const Migration& migration : version.migrations) {
      if (std::ranges::find(applied, migration.tag) != applied.end()) continue;
      SELVAGE_CHECK_STATUS(apply(version.name, migration));
      applied.push_back(migration.tag);
    }
    return check_bindings(version);
  }

  /// Before any export is applied: a transfer needs both sides.
  void note_expectations(const WorkerVersion& version) {
    std::erase_if(registry_.expecting,
                  [&](const auto& each) { return each.worker == version.name; });
    for (const ClassExport& entry : version.exports) {
      if (entry.state != ClassExport::State::expecting_transfer) continue;
      if (const auto* known = find(version.name, entry.class_name); known && known->declared) {
        continue;  // it has arrived
      }
      registry_.expecting.push_back(
          {version.name, entry.class_name, full_name(entry.source, entry.class_name)});
    }
  }

  Status apply_exports(const WorkerVersion& version) {
    using State = ClassExport::State;
    const std::string& worker = version.name;
    std::vector<Migration::Rename> renames;
    for (const ClassExport& entry : version.exports) {
      // Entries for what is over already stay in configurations for a while.
      if (find(worker, entry.class_name) == nullptr) continue;
      const std::string what = "export " + in_quotes(entry.class_name);
      if (entry.state == State::deleted) {
        SELVAGE_CHECK_STATUS(remove(worker, entry.class_name, what));
      } else if (entry.state == State::renamed) {
        renames.push_back({entry.class_name, entry.target});
      } else if (entry.state == State::transferred) {
        SELVAGE_CHECK_STATUS(hand_over(worker, entry, what));
      }
    }
    SELVAGE_CHECK_STATUS(rename(worker, renames, "export"));
    for (const ClassExport& entry : version.exports) {
      if (entry.state != State::created) continue;
      if (ObjectNamespace* known = find(worker, entry.class_name)) {
        known->declared = true;
        known->sqlite = entry.sqlite;
      } else {
        add(worker, entry.class_name, true, entry.sqlite);
      }
    }
    return {};
  }

  void add_bound(const WorkerVersion& version) {
    for (const Binding& binding : version.bindings) {
      if (binding.type != BindingType::durable_object) continue;
      const std::string& worker = binding.script.empty() ? version.name : binding.script;
      if (find(worker, binding.class_name) == nullptr) add(worker, binding.class_name, false, true);
    }
  }

  NamespaceRegistry take() { return std::move(registry_); }

 private:
  ObjectNamespace* find(std::string_view worker, std::string_view class_name) {
    return const_cast<ObjectNamespace*>(std::as_const(registry_).find(worker, class_name));
  }

  bool id_taken(const std::string& id) const {
    return registry_.find_id(id) != nullptr ||
           std::ranges::any_of(registry_.retired, [&](const auto& each) { return each.id == id; });
  }

  void add(const std::string& worker, const std::string& class_name, bool declared, bool sqlite) {
    // The first id is the one that local projects have always had.
    const std::string first = worker + "-" + class_name;
    std::string id = first;
    for (int number = 2; id_taken(id); ++number) id = first + "-" + std::to_string(number);
    registry_.namespaces.push_back({id, worker, class_name, declared, sqlite});
  }

  /// Objects from before there was a registry, of a class that nobody binds any more.
  void adopt(const std::string& worker, const std::string& class_name) {
    const std::string id = worker + "-" + class_name;
    if (find(worker, class_name) == nullptr && !id_taken(id) && has_objects_(id)) {
      add(worker, class_name, false, true);
    }
  }

  /// The name is to be another namespace's: gives way if it is there only because it is bound.
  Status free_name(const std::string& worker, const std::string& class_name,
                   const std::string& what) {
    const ObjectNamespace* known = find(worker, class_name);
    if (known == nullptr) return {};
    if (known->declared || has_objects_(known->id)) {
      return impossible(what + ": " + worker + " already has a class " + class_name +
                            (known->declared ? "" : ", which has objects"),
                        "Delete that class first, in a migration before this one, or choose "
                        "another name");
    }
    std::erase_if(registry_.namespaces, [&](const auto& each) { return &each == known; });
    return {};
  }

  Status missing(const std::string& worker, const std::string& class_name,
                 const std::string& what) {
    std::string known;
    for (const ObjectNamespace& each : registry_.namespaces) {
      if (each.worker == worker) known += (known.empty() ? "" : ", ") + each.class_name;
    }
    return impossible(what + ": " + worker + " has no class " + class_name,
                      known.empty() ? "It has no classes yet; name it in new_sqlite_classes first"
                                    : "Its classes are " + known);
  }

  Status remove(const std::string& worker, const std::string& class_name, const std::string& what) {
    const ObjectNamespace* known = find(worker, class_name);
    if (known == nullptr) return missing(worker, class_name, what);
    registry_.retired.push_back({known->id, false});
    std::erase_if(registry_.namespaces, [&](const auto& each) { return &each == known; });
    return {};
  }

  /// All at once, so that two classes can swap their names.
  Status rename(const std::string& worker, const std::vector<Migration::Rename>& renames,
                const std::string& what) {
    std::vector<ObjectNamespace> moved;
    for (const Migration::Rename& each : renames) {
      adopt(worker, each.from);
      ObjectNamespace* known = find(worker, each.from);
      if (known == nullptr) {
        return missing(worker, each.from, what + " renames " + each.from + " to " + each.to);
      }
      moved.push_back(*known);
      moved.back().class_name = each.to;
      moved.back().declared = true;
      std::erase_if(registry_.namespaces, [&](const auto& other) { return &other == known; });
    }
    for (ObjectNamespace& each : moved) {
      SELVAGE_CHECK_STATUS(
          free_name(worker, each.class_name, what + " renames a class to " + each.class_name));
      registry_.namespaces.push_back(std::move(each));
    }
    return {};
  }

  Status move(const std::string& from_worker, const std::string& from, const std::string& to_worker,
              const std::string& to, const std::string& what) {
    adopt(from_worker, from);
    if (find(from_worker, from) == nullptr) {
      Status status = missing(from_worker, from, what);
      return status;
    }
    SELVAGE_CHECK_STATUS(free_name(to_worker, to, what));
    ObjectNamespace* known = find(from_worker, from);
    known->worker = to_worker;
    known->class_name = to;
    known->declared = true;
    return {};
  }

  Status hand_over(const std::string& worker, const ClassExport& entry, const std::string& what) {
    const std::string target = full_name(entry.target, entry.class_name);
    const size_t slash = target.find('/');
    const std::string to_worker = target.substr(0, slash);
    const std::string to = target.substr(slash + 1);
    const std::string source = worker + "/" + entry.class_name;
    const auto waits = std::ranges::find_if(registry_.expecting, [&](const auto& each) {
      return each.worker == to_worker && each.class_name == to && each.source == source;
    });
    if (waits == registry_.expecting.end()) {
      return impossible(
          what + " is transferred to " + to_worker + ", which does not expect it as " + to,
          "Give " + to_worker + R"( an export with "state": "expecting-transfer" )" +
              R"(and "transfer_from": ")" + worker + "\" first");
    }
    SELVAGE_CHECK_STATUS(move(worker, entry.class_name, to_worker, to, what));
    registry_.expecting.erase(waits);
    return {};
  }

  Status apply(const std::string& worker, const Migration& migration) {
    const std::string what = "migration " + in_quotes(migration.tag);
    for (const std::string& name : migration.deleted_classes) {
      adopt(worker, name);
      SELVAGE_CHECK_STATUS(remove(worker, name, what + " deletes " + name));
    }
    for (const Migration::Transfer& each : migration.transferred_classes) {
      SELVAGE_CHECK_STATUS(move(each.from_script, each.from, worker, each.to,
                                what + " transfers " + each.from + " from " + each.from_script));
    }
    SELVAGE_CHECK_STATUS(rename(worker, migration.renamed_classes, what));
    for (const bool sqlite : {false, true}) {
      for (const std::string& name :
           sqlite ? migration.new_sqlite_classes : migration.new_classes) {
        ObjectNamespace* known = find(worker, name);
        if (known != nullptr && known->declared) {
          return impossible(
              what + " makes the class " + name + ", which " + worker + " already has",
              "Remove it from the migration, or delete the class in one before");
        }
        if (known == nullptr) {
          add(worker, name, true, sqlite);
        } else {
          known->declared = true;
          known->sqlite = sqlite;
        }
      }
    }
    return {};
  }

  /// A binding to a class that the migrations have taken away would quietly begin anew.
  static Status check_bindings(const WorkerVersion& version) {
    std::map<std::string, std::pair<std::string, std::string>> gone;  // class -> what, remedy
    for (const Migration& migration : version.migrations) {
      const std::string by = "migration " + in_quotes(migration.tag);
      for (const std::string& name : migration.deleted_classes) {
        gone[name] = {by + " deleted", "Remove the binding"};
      }
      for (const auto& each : migration.renamed_classes) {
        gone[each.from] = {by + " renamed", "Bind " + each.to + " instead"};
      }
      for (const auto& each : migration.renamed_classes) gone.erase(each.to);
      for (const auto& each : migration.transferred_classes) gone.erase(each.to);
      for (const std::string& name : migration.new_classes) gone.erase(name);
      for (const std::string& name : migration.new_sqlite_classes) gone.erase(name);
    }
    for (const Binding& binding : version.bindings) {
      if (binding.type != BindingType::durable_object) continue;
      if (!binding.script.empty() && binding.script != version.name) continue;
      const auto found = gone.find(binding.class_name);
      if (found == gone.end()) continue;
      return impossible("the binding " + binding.name + " names the class " + binding.class_name +
                            ", which " + found->second.first,
                        found->second.second);
    }
    return {};
  }

  NamespaceRegistry registry_;
  const HasObjects& has_objects_;
};

}  // namespace

const ObjectNamespace* NamespaceRegistry::find(std::string_view worker,
                                               std::string_view class_name) const {
  const auto found = std::ranges::find_if(namespaces, [&](const ObjectNamespace& each) {
    return each.worker == worker && each.class_name == class_name;
  });
  return found == namespaces.end() ? nullptr : &*found;
}

const ObjectNamespace* NamespaceRegistry::find_id(std::string_view id) const {
  const auto found =
      std::ranges::find_if(namespaces, [&](const ObjectNamespace& each) { return each.id == id; });
  return found == namespaces.end() ? nullptr : &*found;
}

Result<NamespaceRegistry> plan_namespaces(const NamespaceRegistry& current,
                                          const std::vector<WorkerVersion>& versions,
                                          const HasObjects& has_objects, std::string& refused) {
  Planner planner(current, has_objects);
  for (const WorkerVersion& version : versions) planner.note_expectations(version);
  // Those that take classes over from others come last: the others' classes must be there.
  const auto takes_over = [](const WorkerVersion& version) {
    return std::ranges::any_of(version.migrations, [](const Migration& migration) {
      return !migration.transferred_classes.empty();
    });
  };
  for (const bool last : {false, true}) {
    for (const WorkerVersion& version : versions) {
      if (takes_over(version) != last) continue;
      refused = version.name;
      SELVAGE_CHECK_STATUS(planner.migrate(version));
      SELVAGE_CHECK_STATUS(planner.apply_exports(version));
    }
  }
  for (const WorkerVersion& version : versions) planner.add_bound(version);
  refused.clear();
  return planner.take();
}

void resolve_namespaces(const NamespaceRegistry& registry, std::vector<WorkerVersion>& versions) {
  for (WorkerVersion& version : versions) {
    version.object_namespaces.clear();
    std::set<std::string> workers{version.name};
    for (const Binding& binding : version.bindings) {
      if (binding.type == BindingType::durable_object && !binding.script.empty()) {
        workers.insert(binding.script);
      }
    }
    for (const ObjectNamespace& each : registry.namespaces) {
      if (workers.contains(each.worker)) {
        version.object_namespaces.push_back({each.worker, each.class_name, each.id});
      }
    }
  }
}

nlohmann::json to_json(const NamespaceRegistry& registry) {
  nlohmann::json namespaces = nlohmann::json::array();
  for (const ObjectNamespace& each : registry.namespaces) {
    namespaces.push_back({{"id", each.id},
                          {"worker", each.worker},
                          {"class", each.class_name},
                          {"declared", each.declared},
                          {"sqlite", each.sqlite}});
  }
  nlohmann::json expecting = nlohmann::json::array();
  for (const auto& each : registry.expecting) {
    expecting.push_back(
        {{"worker", each.worker}, {"class", each.class_name}, {"source", each.source}});
  }
  nlohmann::json retired = nlohmann::json::array();
  for (const auto& each : registry.retired) {
    retired.push_back({{"id", each.id}, {"removed", each.removed}});
  }
  nlohmann::json applied = nlohmann::json::object();
  for (const auto& [worker, tags] : registry.applied) {
    if (!tags.empty()) applied[worker] = tags;
  }
  return {{"format", kFormat},
          {"namespaces", std::move(namespaces)},
          {"migrations", std::move(applied)},
          {"expecting", std::move(expecting)},
          {"retired", std::move(retired)}};
}

Result<NamespaceRegistry> namespace_registry_from_json(const nlohmann::json& json) {
  NamespaceRegistry registry;
  JsonFields fields(json, "registry of namespaces");
  int format = 0;
  fields.take("format", format);
  SELVAGE_CHECK_STATUS(fields.status());
  if (format != kFormat) {
    return fail(ErrorCode::unsupported,
                "the registry of namespaces has the format " + std::to_string(format),
                "It was written by a newer Selvage: use that one");
  }
  fields.take_objects("namespaces", registry.namespaces, "namespace",
                      [](JsonFields& parts, ObjectNamespace& known) {
                        parts.take("id", known.id);
                        parts.take("worker", known.worker);
                        parts.take("class", known.class_name);
                        parts.take("declared", known.declared);
                        parts.take("sqlite", known.sqlite);
                      });
  fields.take_objects("expecting", registry.expecting, "expected transfer",
                      [](JsonFields& parts, NamespaceRegistry::Expecting& waits) {
                        parts.take("worker", waits.worker);
                        parts.take("class", waits.class_name);
                        parts.take("source", waits.source);
                      });
  fields.take_objects("retired", registry.retired, "retired namespace",
                      [](JsonFields& parts, NamespaceRegistry::Retired& retired) {
                        parts.take("id", retired.id);
                        parts.take("removed", retired.removed);
                      });
  SELVAGE_CHECK_STATUS(fields.status());
  const auto applied = json.find("migrations");
  if (applied != json.end() && applied->is_object()) {
    for (const auto& [worker, tags] : applied->items()) {
      JsonFields parts(*applied, "migrations");
      parts.take_strings(worker.c_str(), registry.applied[worker]);
      SELVAGE_CHECK_STATUS(parts.status());
    }
  }
  return registry;
}

}  // namespace selvage::deploy
