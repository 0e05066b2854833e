#include "cli/worker_option.h"

#include "api/worker_upload.h"
#include "cli/credentials.h"

namespace selvage::cli {

void WorkerOptions::add_to(CLI::App& command) {
  command.add_option("--name", name, "The worker (default: the project's)")->type_name("WORKER");
  ProjectOptions::add_to(command);
  add_api_option(command, url);
  command.add_flag("--json", json, "Print JSON");
}

Result<std::string> worker_name(const WorkerOptions& options) {
  if (!options.name.empty()) {
    SELVAGE_CHECK_STATUS(api::check_worker_name(options.name));
    return options.name;
  }
  auto config = read_project_or_fail(options, {.development = false, .local_secrets = false});
  if (config) return config->name;
  Error error = std::move(config).error();
  if (error.code == ErrorCode::not_found) {
    error = {ErrorCode::invalid_argument, "which worker?",
             "Run this in its project, or name it with --name WORKER"};
  }
  return fail(std::move(error));
}

Result<RemoteWorker> find_remote_worker(const WorkerOptions& options) {
  RemoteWorker worker;
  SELVAGE_TRY(worker.name, worker_name(options));
  SELVAGE_TRY(worker.api, connect_to_platform(options.url));
  return worker;
}

}  // namespace selvage::cli
