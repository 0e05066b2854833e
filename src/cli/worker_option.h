// Which worker of a platform a command is about, and how to reach it there.
#pragma once

#include <CLI/App.hpp>
#include <memory>
#include <string>

#include "base/result.h"
#include "cli/api_client.h"
#include "cli/project_option.h"

namespace selvage::cli {

struct WorkerOptions : ProjectOptions {
  std::string name;  // --name
  std::string url;   // --url
  bool json = false;

  /// The options of every command that asks a platform about a worker.
  void add_to(CLI::App& command);
};

/// The worker that --name names, or the project.
Result<std::string> worker_name(const WorkerOptions& options);

/// A worker on a platform.
struct RemoteWorker {
  std::unique_ptr<ApiClient> api;
  std::string name;

  /// `path` below the worker's: "/versions".
  Result<ApiAnswer> ask(std::string_view method, const std::string& path,
                        ApiContent content = ApiContent::none()) const {
    return api->ask_account(method, "/workers/scripts/" + name + path, std::move(content));
  }
};
Result<RemoteWorker> find_remote_worker(const WorkerOptions& options);

}  // namespace selvage::cli
