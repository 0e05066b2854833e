// What the control plane keeps: values. Times are "2026-11-23T15:43:08.010Z".
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace selvage::deploy {

struct Account {
  int64_t number = 0;  // from 1, never given out again
  std::string id;      // 32 hexadecimal digits
  std::string name;
  std::string subdomain;  // of workers: <worker>.<subdomain>.<base domain>; "" = none registered
  std::string created_on;
};

struct ApiToken {
  std::string id;
  std::string account;
  std::string name;
  bool write = false;
  std::string created_on;
};

/// Who makes a change: for the audit log.
struct Actor {
  std::string account;
  std::string token;  // id; "cli" for the command line on this machine
  bool write = false;
};

/// For what the command line does on the platform's own machine, to no account or several.
inline Actor command_line_actor() { return {{}, "cli", true}; }

/// A worker of an account. `settings` belongs to the worker and not to a version:
///   {"subdomain":{"enabled","previews_enabled"}, "schedules":[{"cron","created_on"}], "tags":[],
///    "logpush", "observability", "tail_consumers", "pages":{...} (api/pages.h), ...}
struct Script {
  int64_t number = 0;
  std::string account;
  std::string name;
  std::string tag;  // 32 hexadecimal digits
  std::string created_on;
  std::string modified_on;
  nlohmann::json settings = nlohmann::json::object();
};

/// An immutable version. `document`, see version_document.h.
struct VersionRecord {
  std::string id;  // UUID
  int64_t script = 0;
  int64_t number = 0;  // from 1, of its script
  std::string created_on;
  nlohmann::json document;
};

struct VersionShare {
  std::string version_id;
  double percentage = 100;
  bool operator==(const VersionShare&) const = default;
};

/// Which versions answer. The newest of a script is the one that counts.
struct DeploymentRecord {
  std::string id = {};  // UUID
  int64_t script = 0;
  std::string created_on = {};
  std::string source = {};  // "wrangler", "api"
  std::string author = {};
  nlohmann::json annotations = nlohmann::json::object();
  std::vector<VersionShare> versions = {};
};

struct RouteRecord {
  std::string id;
  std::string account;
  std::string zone;     // "example.com"
  std::string pattern;  // "example.com/api/*"
  std::string script;   // name; "" = no worker answers here
};

struct DomainRecord {
  std::string id;
  std::string account;
  std::string hostname;
  std::string script;
};

struct KvNamespaceRecord {
  std::string id;
  std::string account;
  std::string title;
};

struct AuditRecord {
  int64_t number = 0;
  std::string at;
  std::string account;
  std::string token;
  std::string action;   // "script.deploy"
  std::string subject;  // "demo"
  nlohmann::json detail;
};

/// Under which name the engine knows a worker: unique over all accounts. Names of workers have no
/// dots, so no account can spell another's.
inline std::string worker_key(int64_t account_number, const std::string& name) {
  return account_number == 1 ? name : name + "." + std::to_string(account_number);
}

/// What its account calls the worker with this key.
inline std::string_view worker_name_of(std::string_view key) {
  return key.substr(0, key.find('.'));
}

}  // namespace selvage::deploy
