#include "deploy/project/classes_reader.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace selvage::deploy {
namespace {

constexpr std::string_view kMigrationsExample =
    R"([{"tag": "v1", "new_sqlite_classes": ["Counter"]}])";
constexpr std::string_view kExportsExample =
    R"({"Counter": {"type": "durable-object", "storage": "sqlite"}})";

constexpr std::array<std::pair<std::string_view, ClassExport::State>, 5> kStates{{
    {"created", ClassExport::State::created},
    {"deleted", ClassExport::State::deleted},
    {"renamed", ClassExport::State::renamed},
    {"transferred", ClassExport::State::transferred},
    {"expecting-transfer", ClassExport::State::expecting_transfer},
}};

void read_migration(TableReader& entry, ReadContext& context, Migration& migration) {
  migration.new_classes =
      entry.texts("new_classes", R"(["Counter"])").value_or(std::vector<std::string>{});
  migration.new_sqlite_classes =
      entry.texts("new_sqlite_classes", R"(["Counter"])").value_or(std::vector<std::string>{});
  migration.deleted_classes =
      entry.texts("deleted_classes", R"(["Counter"])").value_or(std::vector<std::string>{});
  const auto each_of = [&](std::string_view key, std::string_view example, const auto& read) {
    const ConfigValue* list = entry.tables(key, example);
    if (list == nullptr) return;
    for (size_t i = 0; i < list->elements.size(); ++i) {
      TableReader element(list->elements[i], entry.path_of(key) + "[" + std::to_string(i) + "]",
                          context);
      read(element);
      element.finish();
    }
  };
  each_of("renamed_classes", R"([{"from": "Old", "to": "New"}])", [&](TableReader& element) {
    const auto from = element.required_text("from", R"("Old")");
    const auto to = element.required_text("to", R"("New")");
    if (from && to) migration.renamed_classes.push_back({*from, *to});
  });
  each_of("transferred_classes", R"([{"from": "A", "from_script": "other-worker", "to": "B"}])",
          [&](TableReader& element) {
            const auto from = element.required_text("from", R"("A")");
            const auto script = element.required_text("from_script", R"("other-worker")");
            const auto to = element.required_text("to", R"("B")");
            if (from && script && to)
              migration.transferred_classes.push_back({*from, *script, *to});
          });
}

void read_migrations(TableReader& table, ReadContext& context, ProjectConfig& config) {
  const ConfigValue* list = table.tables("migrations", kMigrationsExample);
  if (list == nullptr) return;
  std::set<std::string> tags;
  for (size_t i = 0; i < list->elements.size(); ++i) {
    TableReader entry(list->elements[i],
                      table.path_of("migrations") + "[" + std::to_string(i) + "]", context);
    Migration migration;
    const auto tag = entry.required_text("tag", R"("v1")");
    read_migration(entry, context, migration);
    entry.finish();
    if (!tag) continue;
    if (!tags.insert(*tag).second) {
      context.error(entry.line(), "\"" + entry.path_of("tag") + "\" is \"" + *tag +
                                      "\", as in a migration before it: each needs its own");
    }
    migration.tag = *tag;
    config.migrations.push_back(std::move(migration));
  }
}

void read_export(TableReader& entry, ReadContext& context, ClassExport& found) {
  const std::string state = entry.text("state", R"("created")").value_or("created");
  const std::pair<std::string_view, ClassExport::State>* known = nullptr;
  for (const auto& each : kStates) {
    if (each.first == state) known = &each;
  }
  if (known == nullptr) {
    context.error(entry.any("state")->line,
                  "\"" + entry.path_of("state") + "\" is \"" + state +
                      "\", but should be one of created, deleted, renamed, transferred, "
                      "expecting-transfer");
    return;
  }
  found.state = known->second;
  using State = ClassExport::State;
  if (found.state == State::created || found.state == State::expecting_transfer) {
    const auto storage = entry.required_text("storage", R"("sqlite")");
    if (storage && *storage != "sqlite" && *storage != "legacy-kv") {
      context.error(entry.any("storage")->line, "\"" + entry.path_of("storage") + "\" is \"" +
                                                    *storage +
                                                    "\", but should be sqlite or legacy-kv");
    }
    found.sqlite = storage.value_or("sqlite") == "sqlite";
    entry.not_yet({"container"});
  }
  if (found.state == State::renamed) {
    found.target = entry.required_text("renamed_to", R"("NewName")").value_or("");
  } else if (found.state == State::transferred) {
    found.target = entry.required_text("transferred_to", R"("other-worker")").value_or("");
  } else if (found.state == State::expecting_transfer) {
    found.source = entry.required_text("transfer_from", R"("other-worker")").value_or("");
  }
}

void read_exports(TableReader& table, ReadContext& context, ProjectConfig& config) {
  const ConfigValue* exports = table.table("exports", kExportsExample);
  if (exports == nullptr) return;
  if (!config.migrations.empty()) {
    context.error(exports->line,
                  "\"exports\" and \"migrations\" exclude each other: keep one of them");
  }
  for (const ConfigValue& member : exports->members) {
    const std::string path = table.path_of("exports") + "." + member.key;
    if (member.type != ConfigValue::Type::table) {
      context.error(member.line, "\"" + path + "\" is " + std::string(describe(member.type)) +
                                     ", but should be a table; for example: " +
                                     context.spell("exports", kExportsExample));
      continue;
    }
    TableReader entry(member, path, context);
    const auto type = entry.required_text("type", R"("durable-object")");
    if (!type) continue;
    if (*type != "durable-object") {  // a worker's entrypoints need no state
      if (*type != "worker") {
        context.warn(member.line, "\"" + path + "\" has the type \"" + *type +
                                      "\", which Selvage does not have yet: it is ignored");
      }
      continue;
    }
    ClassExport found;
    found.class_name = member.key;
    read_export(entry, context, found);
    entry.finish();
    config.exports.push_back(std::move(found));
  }
  for (const ClassExport& each : config.exports) {
    if (each.state != ClassExport::State::renamed) continue;
    const bool live =
        std::any_of(config.exports.begin(), config.exports.end(), [&](const ClassExport& other) {
          return other.class_name == each.target && other.state == ClassExport::State::created;
        });
    if (!live) {
      context.error(exports->line, "\"" + table.path_of("exports") + "\" renames " +
                                       each.class_name + " to " + each.target +
                                       ", which needs an entry of its own");
    }
  }
}

}  // namespace

void read_classes(TableReader& table, ReadContext& context, ProjectConfig& config) {
  read_migrations(table, context, config);
  read_exports(table, context, config);
}

}  // namespace selvage::deploy
