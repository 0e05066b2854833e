// Routes and custom domains. A pattern or a hostname belongs to one account at a time.
#include "deploy/platform/platform_store.h"

namespace selvage::deploy {

Result<std::vector<RouteRecord>> PlatformStore::routes(const std::string& account) {
  std::vector<RouteRecord> found;
  SELVAGE_CHECK_STATUS(
      each("SELECT id, account, zone, pattern, script FROM routes WHERE ?1 = '' OR account = ?1 "
           "ORDER BY pattern",
           {account}, [&](const store::Statement& row) -> Status {
             found.push_back({std::string(row.bytes(0)), std::string(row.bytes(1)),
                              std::string(row.bytes(2)), std::string(row.bytes(3)),
                              std::string(row.bytes(4))});
             return {};
           }));
  return found;
}

Status PlatformStore::save_route(Change& change, const RouteRecord& route) {
  SELVAGE_CHECK_STATUS(
      run("INSERT INTO routes VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(id) DO UPDATE SET "
          "zone = excluded.zone, pattern = excluded.pattern, script = excluded.script",
          {route.id, route.account, route.zone, route.pattern, route.script}));
  return note(change, "route.save", route.pattern, {{"script", route.script}});
}

Status PlatformStore::delete_route(Change& change, const std::string& account,
                                   const std::string& id) {
  SELVAGE_CHECK_STATUS(run("DELETE FROM routes WHERE account = ?1 AND id = ?2", {account, id}));
  if (database_.changes() == 0) return fail(ErrorCode::not_found, "there is no route " + id);
  return note(change, "route.delete", id);
}

Result<std::vector<DomainRecord>> PlatformStore::domains(const std::string& account) {
  std::vector<DomainRecord> found;
  SELVAGE_CHECK_STATUS(
      each("SELECT id, account, hostname, script FROM domains WHERE ?1 = '' OR account = ?1 "
           "ORDER BY hostname",
           {account}, [&](const store::Statement& row) -> Status {
             found.push_back({std::string(row.bytes(0)), std::string(row.bytes(1)),
                              std::string(row.bytes(2)), std::string(row.bytes(3))});
             return {};
           }));
  return found;
}

Status PlatformStore::save_domain(Change& change, const DomainRecord& domain) {
  SELVAGE_CHECK_STATUS(
      run("INSERT INTO domains VALUES(?1, ?2, ?3, ?4) ON CONFLICT(id) DO UPDATE SET "
          "hostname = excluded.hostname, script = excluded.script",
          {domain.id, domain.account, domain.hostname, domain.script}));
  return note(change, "domain.save", domain.hostname, {{"script", domain.script}});
}

Status PlatformStore::delete_domain(Change& change, const std::string& account,
                                    const std::string& id) {
  SELVAGE_CHECK_STATUS(run("DELETE FROM domains WHERE account = ?1 AND id = ?2", {account, id}));
  if (database_.changes() == 0) return fail(ErrorCode::not_found, "there is no domain " + id);
  return note(change, "domain.delete", id);
}

}  // namespace selvage::deploy
