// A version of a worker, ready to run: what the command line (or the deploy API) hands to the
// engine. Immutable. Travels as JSON over the control channel.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "deploy/object_migrations.h"
#include "deploy/worker_assets.h"

namespace selvage::deploy {

enum class ModuleType { esm, commonjs, service_worker, json, text, data, wasm };

/// One module of the graph. `name` is its path relative to the root, as import specifiers resolve
/// against it ("index.js", "lib/a.wasm"). The content is read from `path`.
struct Module {
  std::string name;
  ModuleType type = ModuleType::esm;
  std::string path;        // absolute
  std::string source_map;  // absolute path of the source map (version 3), "" if none
};

enum class BindingType {
  text,
  json,
  secret,
  kv,
  durable_object,
  service,
  version_metadata,
  assets,
  rate_limit,
};

struct Binding {
  BindingType type = BindingType::text;
  std::string name = {};
  std::string value = {};       // text, secret: the text; json: its JSON text; kv, rate_limit:
                                // namespace id
  std::string class_name = {};  // durable_object
  std::string script = {};      // durable_object: script that defines the class, "" = this one;
                                // service: the worker called
  std::string entrypoint = {};  // service: named entrypoint, "" = default
  std::string props = {};       // service: what the entrypoint gets as ctx.props, JSON; "" = none;
                                // rate_limit: {"limit", "period"}
};

/// Limits; each is a named setting of the configuration.
struct Limits {
  uint32_t cpu_ms = 30'000;              // CPU time for one invocation
  uint32_t startup_cpu_ms = 1'000;       // CPU time for evaluating the modules
  uint64_t memory_bytes = 128ull << 20;  // heap and array buffers of one isolate
};

/// Under which id the objects of a class are stored.
struct ObjectNamespaceId {
  std::string worker;
  std::string class_name;
  std::string id;

  bool operator==(const ObjectNamespaceId&) const = default;
};

struct WorkerVersion {
  std::string name;  // of the worker; also its host "<name>.localhost"
  std::string id;    // of the version; changes whenever anything in it does
  std::string main;  // name of the main module; "" for a worker that has only assets
  std::vector<Module> modules;
  std::string compatibility_date;  // "YYYY-MM-DD"
  std::vector<std::string> compatibility_flags;
  std::vector<Binding> bindings;
  Limits limits;
  std::vector<Migration> migrations;
  std::vector<ClassExport> exports;
  std::vector<std::string> crons;           // when its scheduled() runs, cron/cron_expression.h
  std::vector<std::string> tail_consumers;  // workers whose tail() gets its records
  std::optional<WorkerAssets> assets;
  /// Of its own classes and those that it binds. Filled in by whoever owns the data folder
  /// (resolve_namespaces); does not travel.
  std::vector<ObjectNamespaceId> object_namespaces;
};

nlohmann::json to_json(const WorkerVersion& version);
Result<WorkerVersion> worker_version_from_json(const nlohmann::json& json);

}  // namespace selvage::deploy
