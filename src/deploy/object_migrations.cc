#include "deploy/object_migrations.h"

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "deploy/json_fields.h"

namespace selvage::deploy {
namespace {

constexpr std::array<std::pair<ClassExport::State, std::string_view>, 5> kStates{{
    {ClassExport::State::created, "created"},
    {ClassExport::State::deleted, "deleted"},
    {ClassExport::State::renamed, "renamed"},
    {ClassExport::State::transferred, "transferred"},
    {ClassExport::State::expecting_transfer, "expecting-transfer"},
}};

// Only what is there travels, so that a line stays readable.
void put(nlohmann::json& json, const char* key, const std::vector<std::string>& values) {
  if (!values.empty()) json[key] = values;
}

}  // namespace

nlohmann::json to_json(const Migration& migration) {
  nlohmann::json json{{"tag", migration.tag}};
  put(json, "new_classes", migration.new_classes);
  put(json, "new_sqlite_classes", migration.new_sqlite_classes);
  put(json, "deleted_classes", migration.deleted_classes);
  for (const Migration::Rename& each : migration.renamed_classes) {
    json["renamed_classes"].push_back({{"from", each.from}, {"to", each.to}});
  }
  for (const Migration::Transfer& each : migration.transferred_classes) {
    json["transferred_classes"].push_back(
        {{"from", each.from}, {"from_script", each.from_script}, {"to", each.to}});
  }
  return json;
}

Result<Migration> migration_from_json(const nlohmann::json& json) {
  Migration migration;
  JsonFields fields(json, "migration");
  fields.take("tag", migration.tag);
  fields.take_strings("new_classes", migration.new_classes);
  fields.take_strings("new_sqlite_classes", migration.new_sqlite_classes);
  fields.take_strings("deleted_classes", migration.deleted_classes);
  fields.take_objects("renamed_classes", migration.renamed_classes, "renamed class",
                      [](JsonFields& parts, Migration::Rename& rename) {
                        parts.take("from", rename.from);
                        parts.take("to", rename.to);
                      });
  fields.take_objects("transferred_classes", migration.transferred_classes, "transferred class",
                      [](JsonFields& parts, Migration::Transfer& transfer) {
                        parts.take("from", transfer.from);
                        parts.take("from_script", transfer.from_script);
                        parts.take("to", transfer.to);
                      });
  SELVAGE_CHECK_STATUS(fields.status());
  return migration;
}

nlohmann::json to_json(const ClassExport& entry) {
  nlohmann::json json{{"class", entry.class_name}, {"sqlite", entry.sqlite}};
  for (const auto& [state, name] : kStates) {
    if (state == entry.state) json["state"] = name;
  }
  if (!entry.target.empty()) json["target"] = entry.target;
  if (!entry.source.empty()) json["source"] = entry.source;
  return json;
}

Result<ClassExport> class_export_from_json(const nlohmann::json& json) {
  ClassExport entry;
  std::string state = "created";
  JsonFields fields(json, "export");
  fields.take("class", entry.class_name);
  fields.take("state", state);
  fields.take("sqlite", entry.sqlite);
  fields.take("target", entry.target);
  fields.take("source", entry.source);
  bool known = false;
  for (const auto& [value, name] : kStates) {
    if (name != state) continue;
    entry.state = value;
    known = true;
  }
  if (!known) fields.refuse("has the unknown state \"" + state + "\"");
  SELVAGE_CHECK_STATUS(fields.status());
  return entry;
}

}  // namespace selvage::deploy
