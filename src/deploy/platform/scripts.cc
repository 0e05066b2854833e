// Workers, their versions and their deployments.
#include "deploy/platform/platform_store.h"
#include "deploy/platform/seal.h"

namespace selvage::deploy {
namespace {

constexpr const char* kScriptColumns =
    "SELECT number, account, name, tag, created_on, modified_on, settings FROM scripts ";
constexpr const char* kVersionColumns =
    "SELECT id, script, number, created_on, document FROM versions ";
constexpr const char* kDeploymentColumns =
    "SELECT id, script, created_on, source, author, annotations, versions FROM deployments ";

nlohmann::json json_of(std::string_view text) {
  nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  return json.is_discarded() ? nlohmann::json::object() : json;
}

std::string text_of(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Script script_of(const store::Statement& row) {
  return {row.integer(0),
          std::string(row.bytes(1)),
          std::string(row.bytes(2)),
          std::string(row.bytes(3)),
          std::string(row.bytes(4)),
          std::string(row.bytes(5)),
          json_of(row.bytes(6))};
}

VersionRecord version_of(const store::Statement& row) {
  return {std::string(row.bytes(0)), row.integer(1), row.integer(2), std::string(row.bytes(3)),
          json_of(row.bytes(4))};
}

std::vector<VersionShare> shares_of(const nlohmann::json& json) {
  std::vector<VersionShare> shares;
  for (const auto& each : json) {
    shares.push_back({each.value("version_id", ""), each.value("percentage", 0.0)});
  }
  return shares;
}

DeploymentRecord deployment_of(const store::Statement& row, int first) {
  DeploymentRecord record;
  record.id = row.bytes(first);
  record.script = row.integer(first + 1);
  record.created_on = row.bytes(first + 2);
  record.source = row.bytes(first + 3);
  record.author = row.bytes(first + 4);
  record.annotations = json_of(row.bytes(first + 5));
  record.versions = shares_of(json_of(row.bytes(first + 6)));
  return record;
}

}  // namespace

Result<std::vector<Script>> PlatformStore::scripts(const std::string& account) {
  std::vector<Script> found;
  SELVAGE_CHECK_STATUS(each(std::string(kScriptColumns) + "WHERE account = ?1 ORDER BY name",
                            {account}, [&](const store::Statement& row) -> Status {
                              found.push_back(script_of(row));
                              return {};
                            }));
  return found;
}

Result<std::optional<Script>> PlatformStore::find_script(const std::string& account,
                                                         const std::string& name) {
  std::optional<Script> found;
  SELVAGE_CHECK_STATUS(each(std::string(kScriptColumns) + "WHERE account = ?1 AND name = ?2",
                            {account, name}, [&](const store::Statement& row) -> Status {
                              found = script_of(row);
                              return {};
                            }));
  return found;
}

Result<Script> PlatformStore::create_script(Change& change, const std::string& account,
                                            const std::string& name) {
  const std::string now = iso_time_now();
  SELVAGE_CHECK_STATUS(
      run("INSERT INTO scripts(account, name, tag, created_on, modified_on, settings) "
          "VALUES(?1, ?2, ?3, ?4, ?4, '{}')",
          {account, name, random_id(), now}));
  SELVAGE_CHECK_STATUS(note(change, "script.create", name));
  SELVAGE_TRY(std::optional<Script> made, find_script(account, name));
  return *made;
}

Status PlatformStore::save_settings(Change& change, Script& script, const std::string& action) {
  script.modified_on = iso_time_now();
  SELVAGE_CHECK_STATUS(run("UPDATE scripts SET settings = ?2, modified_on = ?3 WHERE number = ?1",
                           {script.number, text_of(script.settings), script.modified_on}));
  return note(change, action, script.name, script.settings);
}

Status PlatformStore::delete_script(Change& change, const Script& script) {
  SELVAGE_CHECK_STATUS(run(
      "DELETE FROM version_modules WHERE version IN (SELECT id FROM versions WHERE script = ?1)",
      {script.number}));
  SELVAGE_CHECK_STATUS(run("DELETE FROM versions WHERE script = ?1", {script.number}));
  SELVAGE_CHECK_STATUS(run("DELETE FROM deployments WHERE script = ?1", {script.number}));
  SELVAGE_CHECK_STATUS(
      run("DELETE FROM routes WHERE account = ?1 AND script = ?2", {script.account, script.name}));
  SELVAGE_CHECK_STATUS(
      run("DELETE FROM domains WHERE account = ?1 AND script = ?2", {script.account, script.name}));
  SELVAGE_CHECK_STATUS(run("DELETE FROM scripts WHERE number = ?1", {script.number}));
  return note(change, "script.delete", script.name);
}

Result<VersionRecord> PlatformStore::create_version(Change& change, const Script& script,
                                                    nlohmann::json document, std::string id) {
  VersionRecord version;
  version.id = id.empty() ? random_uuid() : std::move(id);
  version.script = script.number;
  version.created_on = iso_time_now();
  SELVAGE_CHECK_STATUS(each("SELECT ifnull(max(number), 0) + 1 FROM versions WHERE script = ?1",
                            {script.number}, [&](const store::Statement& row) -> Status {
                              version.number = row.integer(0);
                              return {};
                            }));
  SELVAGE_CHECK_STATUS(
      run("INSERT INTO versions VALUES(?1, ?2, ?3, ?4, ?5)",
          {version.id, script.number, version.number, version.created_on, text_of(document)}));
  for (const auto& module : document.value("modules", nlohmann::json::array())) {
    for (const char* key : {"hash", "map"}) {
      if (!module.contains(key)) continue;
      SELVAGE_CHECK_STATUS(run("INSERT OR IGNORE INTO version_modules VALUES(?1, ?2)",
                               {module[key].get<std::string>(), version.id}));
    }
  }
  SELVAGE_CHECK_STATUS(run("UPDATE scripts SET modified_on = ?2 WHERE number = ?1",
                           {script.number, version.created_on}));
  SELVAGE_CHECK_STATUS(note(change, "version.create", script.name,
                            {{"id", version.id}, {"number", version.number}}));
  version.document = std::move(document);
  return version;
}

Result<std::optional<VersionRecord>> PlatformStore::find_version(int64_t script,
                                                                 const std::string& id) {
  std::optional<VersionRecord> found;
  SELVAGE_CHECK_STATUS(each(std::string(kVersionColumns) + "WHERE id = ?1 AND script = ?2",
                            {id, script}, [&](const store::Statement& row) -> Status {
                              found = version_of(row);
                              return {};
                            }));
  return found;
}

Result<std::optional<VersionRecord>> PlatformStore::latest_version(int64_t script) {
  SELVAGE_TRY(std::vector<VersionRecord> found, versions(script, 1, 0));
  return found.empty() ? std::optional<VersionRecord>() : std::move(found.front());
}

Result<std::vector<VersionRecord>> PlatformStore::versions(int64_t script, int64_t limit,
                                                           int64_t offset) {
  std::vector<VersionRecord> found;
  SELVAGE_CHECK_STATUS(each(
      std::string(kVersionColumns) + "WHERE script = ?1 ORDER BY number DESC LIMIT ?2 OFFSET ?3",
      {script, limit, offset}, [&](const store::Statement& row) -> Status {
        found.push_back(version_of(row));
        return {};
      }));
  return found;
}

Result<int64_t> PlatformStore::count_versions(int64_t script) {
  int64_t count = 0;
  SELVAGE_CHECK_STATUS(each("SELECT count(*) FROM versions WHERE script = ?1", {script},
                            [&](const store::Statement& row) -> Status {
                              count = row.integer(0);
                              return {};
                            }));
  return count;
}

Status PlatformStore::delete_version(Change& change, const Script& script, const std::string& id) {
  SELVAGE_CHECK_STATUS(run("DELETE FROM version_modules WHERE version = ?1", {id}));
  SELVAGE_CHECK_STATUS(
      run("DELETE FROM versions WHERE id = ?1 AND script = ?2", {id, script.number}));
  SELVAGE_CHECK_STATUS(
      run("DELETE FROM deployments WHERE script = ?1 AND EXISTS (SELECT 1 FROM json_each(versions) "
          "WHERE json_extract(value, '$.version_id') = ?2)",
          {script.number, id}));
  return note(change, "version.delete", script.name, {{"id", id}});
}

Result<std::optional<std::string>> PlatformStore::version_with_prefix(int64_t script,
                                                                      const std::string& prefix) {
  std::vector<std::string> found;
  SELVAGE_CHECK_STATUS(
      each("SELECT id FROM versions WHERE script = ?1 AND substr(id, 1, length(?2)) = ?2 LIMIT 2",
           {script, prefix}, [&](const store::Statement& row) -> Status {
             found.emplace_back(row.bytes(0));
             return {};
           }));
  if (found.size() != 1) return std::optional<std::string>();
  return std::optional<std::string>(std::move(found.front()));
}

Status PlatformStore::create_deployment(Change& change, const Script& script,
                                        DeploymentRecord& deployment) {
  deployment.id = random_uuid();
  deployment.script = script.number;
  deployment.created_on = iso_time_now();
  nlohmann::json shares = nlohmann::json::array();
  for (const VersionShare& each : deployment.versions) {
    shares.push_back({{"version_id", each.version_id}, {"percentage", each.percentage}});
  }
  SELVAGE_CHECK_STATUS(
      run("INSERT INTO deployments(id, script, created_on, source, author, annotations, versions) "
          "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
          {deployment.id, script.number, deployment.created_on, deployment.source,
           deployment.author, text_of(deployment.annotations), text_of(shares)}));
  return note(change, "deployment.create", script.name,
              {{"id", deployment.id}, {"versions", shares}});
}

Result<std::vector<DeploymentRecord>> PlatformStore::deployments(int64_t script, int64_t limit) {
  std::vector<DeploymentRecord> found;
  SELVAGE_CHECK_STATUS(
      each(std::string(kDeploymentColumns) + "WHERE script = ?1 ORDER BY number DESC LIMIT ?2",
           {script, limit}, [&](const store::Statement& row) -> Status {
             found.push_back(deployment_of(row, 0));
             return {};
           }));
  return found;
}

Result<std::optional<DeploymentRecord>> PlatformStore::active_deployment(int64_t script) {
  SELVAGE_TRY(std::vector<DeploymentRecord> found, deployments(script, 1));
  return found.empty() ? std::optional<DeploymentRecord>() : std::move(found.front());
}

Result<std::vector<PlatformStore::LiveScript>> PlatformStore::live_scripts() {
  std::vector<LiveScript> live;
  SELVAGE_CHECK_STATUS(each(
      "SELECT s.number, s.account, s.name, s.tag, s.created_on, s.modified_on, s.settings, "
      "  a.number, ifnull(a.subdomain, ''), "
      "  d.id, d.script, d.created_on, d.source, d.author, d.annotations, d.versions "
      "FROM scripts s JOIN accounts a ON a.id = s.account LEFT JOIN deployments d ON d.number = "
      "  (SELECT max(number) FROM deployments WHERE script = s.number)",
      {}, [&](const store::Statement& row) -> Status {
        LiveScript each{script_of(row), row.integer(7), std::string(row.bytes(8)),
                        deployment_of(row, 9)};
        // Of a Pages project, previews answer all the same.
        if (!each.deployment.id.empty() || each.script.settings.contains("pages")) {
          live.push_back(std::move(each));
        }
        return {};
      }));
  return live;
}

}  // namespace selvage::deploy
