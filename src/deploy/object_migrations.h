// What a worker's configuration says about the life of its Durable Object classes: the ordered
// `migrations`, each applied once, or the declarative `exports`. Values; what they do to the
// namespaces that exist is object_namespaces.h.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"

namespace selvage::deploy {

/// One entry of `migrations`.
struct Migration {
  struct Rename {
    std::string from;
    std::string to;
    bool operator==(const Rename&) const = default;
  };
  struct Transfer {
    std::string from;
    std::string from_script;
    std::string to;
    bool operator==(const Transfer&) const = default;
  };

  std::string tag = {};  // unique in the worker
  std::vector<std::string> new_classes = {};
  std::vector<std::string> new_sqlite_classes = {};
  std::vector<Rename> renamed_classes = {};
  std::vector<std::string> deleted_classes = {};
  std::vector<Transfer> transferred_classes = {};

  bool operator==(const Migration&) const = default;
};

/// One entry of `exports` with the type "durable-object".
struct ClassExport {
  enum class State { created, deleted, renamed, transferred, expecting_transfer };

  std::string class_name = {};
  State state = State::created;
  bool sqlite = true;       // created, expecting_transfer: or "legacy-kv"
  std::string target = {};  // renamed: the new class; transferred: "<worker>" or "<worker>/<class>"
  std::string source = {};  // expecting_transfer: "<worker>" or "<worker>/<class>"

  bool operator==(const ClassExport&) const = default;
};

nlohmann::json to_json(const Migration& migration);
Result<Migration> migration_from_json(const nlohmann::json& json);
nlohmann::json to_json(const ClassExport& entry);
Result<ClassExport> class_export_from_json(const nlohmann::json& json);

}  // namespace selvage::deploy
