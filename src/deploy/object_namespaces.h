// Which namespaces of Durable Objects a data folder holds, and which class of which worker each
// belongs to today. A namespace's id never changes: objects are stored under it, and their own ids
// are derived from it. Renaming or transferring a class moves the name, not the objects.
//
// Migrations are applied by planning: plan_namespaces() is a pure function from the registry and
// the workers that are to run to the registry that they need, or to the reason why that cannot be.
// Whoever owns the data folder makes the new registry durable (NamespaceFile), and only then
// removes the objects of namespaces that it calls retired. A crash in between leaves them retired
// and not removed, which the next start sees to.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "deploy/worker_version.h"

namespace selvage::deploy {

struct ObjectNamespace {
  std::string id;
  std::string worker;
  std::string class_name;
  /// By a migration or an export. A class that is only bound gets its namespace without.
  bool declared = false;
  /// As declared; stored alike.
  bool sqlite = true;

  bool operator==(const ObjectNamespace&) const = default;
};

struct NamespaceRegistry {
  std::vector<ObjectNamespace> namespaces;
  /// Tags of the migrations that each worker has behind it, in order.
  std::map<std::string, std::vector<std::string>> applied;

  /// A class that waits for another worker to hand its objects over.
  struct Expecting {
    std::string worker;
    std::string class_name;
    std::string source;  // "<worker>/<class>"
    bool operator==(const Expecting&) const = default;
  };
  std::vector<Expecting> expecting;

  /// A namespace whose class was deleted. Its id is never given out again.
  struct Retired {
    std::string id;
    bool removed = false;  // whether its objects are gone
    bool operator==(const Retired&) const = default;
  };
  std::vector<Retired> retired;

  bool operator==(const NamespaceRegistry&) const = default;

  [[nodiscard]] const ObjectNamespace* find(std::string_view worker,
                                            std::string_view class_name) const;
  [[nodiscard]] const ObjectNamespace* find_id(std::string_view id) const;
};

nlohmann::json to_json(const NamespaceRegistry& registry);
Result<NamespaceRegistry> namespace_registry_from_json(const nlohmann::json& json);

/// Whether there are objects stored under a namespace's id.
using HasObjects = std::function<bool(const std::string& id)>;

/// Applies what `versions` declare and `current` has not seen: migrations in their order, each tag
/// once. Classes that are bound but not declared get a namespace, too. On failure `refused` is the
/// worker at fault and the error names the migration's tag, the class, and what to do.
Result<NamespaceRegistry> plan_namespaces(const NamespaceRegistry& current,
                                          const std::vector<WorkerVersion>& versions,
                                          const HasObjects& has_objects, std::string& refused);

/// Tells each version the ids of the namespaces that it uses (WorkerVersion::object_namespaces).
void resolve_namespaces(const NamespaceRegistry& registry, std::vector<WorkerVersion>& versions);

}  // namespace selvage::deploy
