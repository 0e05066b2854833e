// What a deployment uploads: the form with a worker's metadata and modules, as the deploy API takes
// it (api/worker_upload.h reads it).
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "deploy/project/project_config.h"
#include "deploy/worker_version.h"

namespace selvage::cli {

struct WorkerFormOptions {
  std::string message = {};  // of the version; "" for none
  std::string tag = {};
  /// Of the migrations that the platform has applied; "" if none.
  std::string migration_tag = {};
  /// metadata.assets; null when the version has none.
  nlohmann::json assets = nullptr;
};

/// The metadata. `version` is what the bundler made of `config`; its KV bindings name namespaces of
/// the platform.
nlohmann::json worker_metadata(const deploy::ProjectConfig& config,
                               const deploy::WorkerVersion& version,
                               const WorkerFormOptions& options);

struct WorkerForm {
  std::string content_type;
  std::string body;
  struct Part {
    std::string name;
    std::string type;  // of its content
    size_t bytes = 0;
  };
  std::vector<Part> modules;  // without source maps
};

/// One that occurs in no content: it cannot be guessed.
std::string form_boundary();

/// With the modules' contents, which are read from `version`'s files.
Result<WorkerForm> worker_form(const nlohmann::json& metadata,
                               const deploy::WorkerVersion& version);

}  // namespace selvage::cli
