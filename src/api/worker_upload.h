// An uploaded worker: the multipart body of `PUT .../scripts/:name` and `POST .../versions` becomes
// a version's document and its modules. Pure; what only the store knows (bindings to inherit,
// whether a namespace is the account's) is version_plan.h's.
//
// Binding kinds that cannot be given to a worker are refused; keys of the metadata that are unknown
// are left alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/multipart.h"
#include "deploy/object_migrations.h"
#include "deploy/platform/version_document.h"

namespace selvage::api {

struct UploadedModule {
  std::string name;
  deploy::ModuleType type = deploy::ModuleType::esm;
  std::string_view content;     // into the body
  std::string_view source_map;  // "" if none
};

struct WorkerUpload {
  /// As in deploy/platform/version_document.h, without "modules"; secrets still have their "text".
  nlohmann::json document;
  std::vector<UploadedModule> modules;
  /// The tag that migrations start from, when they are to be applied.
  std::optional<std::string> old_tag;
  std::vector<deploy::Migration> migrations;
  std::vector<deploy::ClassExport> exports;
  bool has_migrations = false;
  /// Types of bindings that the version before keeps.
  std::vector<std::string> keep_bindings;
  /// What the assets were uploaded with; "" without assets, whose settings are the document's.
  std::string assets_token;
  bool keep_assets = false;  // of the version before
  nlohmann::json annotations = nlohmann::json::object();
  /// Settings of the worker that came along: "observability", "logpush", "tail_consumers", "tags".
  nlohmann::json settings = nlohmann::json::object();
};

struct UploadLimits {
  size_t bytes = size_t{64} << 20;  // of all modules
  size_t modules = 10'000;
  size_t bindings = 128;
};

Result<WorkerUpload> read_worker_upload(std::string_view body, std::string_view content_type,
                                        const UploadLimits& limits);
/// The metadata alone; `parts` are the others'.
Result<WorkerUpload> read_upload_metadata(const nlohmann::json& metadata,
                                          const UploadLimits& limits);

/// Whether a worker may be called so: lower-case letters, digits, "-" and "_", at most 63.
Status check_worker_name(std::string_view name);

}  // namespace selvage::api
