// The registry of Durable Object namespaces: in the database, so that a deployment and its
// migration happen together or not at all.
#include "deploy/platform/platform_store.h"

namespace selvage::deploy {

Result<NamespaceRegistry> PlatformStore::object_namespaces() {
  NamespaceRegistry registry;
  SELVAGE_CHECK_STATUS(each("SELECT document FROM documents WHERE name = 'object_namespaces'", {},
                            [&](const store::Statement& row) -> Status {
                              const auto json = nlohmann::json::parse(row.bytes(0), nullptr, false);
                              SELVAGE_TRY(registry, namespace_registry_from_json(json));
                              return {};
                            }));
  return registry;
}

Status PlatformStore::save_object_namespaces(Change& change, const NamespaceRegistry& registry) {
  SELVAGE_CHECK_STATUS(run("INSERT OR REPLACE INTO documents VALUES('object_namespaces', ?1)",
                           {to_json(registry).dump()}));
  return note(change, "objects.namespaces", "");
}

}  // namespace selvage::deploy
