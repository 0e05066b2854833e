// Commands of `selvage` that belong together: `kv ...`, `token ...`, `tail` and `logs`.
#pragma once

#include <CLI/App.hpp>
#include <memory>

#include "base/result.h"

namespace selvage::cli {

/// Made when its commands are added to a CLI::App, which must outlive it.
class CommandGroup {
 public:
  CommandGroup() = default;
  virtual ~CommandGroup() = default;
  CommandGroup(const CommandGroup&) = delete;
  CommandGroup& operator=(const CommandGroup&) = delete;

  /// Whether the command line named one of its commands.
  [[nodiscard]] virtual bool chosen() const = 0;
  /// The exit status: what perform() gives; 1 when it failed, and then the error is on standard
  /// error.
  int run();

 private:
  virtual Result<int> perform() = 0;
};

/// `selvage kv`: what Workers KV stores, shown and changed. Status 1 also when a key does not
/// exist.
std::unique_ptr<CommandGroup> add_kv_commands(CLI::App& app);
/// `selvage do`: what Durable Objects store, shown, exported and deleted.
std::unique_ptr<CommandGroup> add_do_commands(CLI::App& app);
/// `selvage tail`: what happens now; `selvage logs`: what was kept of it.
std::unique_ptr<CommandGroup> add_log_commands(CLI::App& app);
/// `selvage token` and `selvage account`: who may deploy to a platform of this machine.
std::unique_ptr<CommandGroup> add_access_commands(CLI::App& app);
/// `selvage types`
std::unique_ptr<CommandGroup> add_types_command(CLI::App& app);
/// `selvage backup`, `restore`
std::unique_ptr<CommandGroup> add_backup_commands(CLI::App& app);

// What follows works on a platform, by its API.

/// `selvage login`, `logout`, `whoami`
std::unique_ptr<CommandGroup> add_login_commands(CLI::App& app);
/// `selvage deploy`; `upload` below `versions`
std::unique_ptr<CommandGroup> add_deploy_commands(CLI::App& app, CLI::App& versions);
/// `selvage deployments`, `rollback`, `delete`; the rest below `versions`
std::unique_ptr<CommandGroup> add_version_commands(CLI::App& app, CLI::App& versions);
/// `selvage secret`; `selvage versions secret`
std::unique_ptr<CommandGroup> add_secret_commands(CLI::App& app);
std::unique_ptr<CommandGroup> add_version_secret_commands(CLI::App& versions);
/// `selvage triggers deploy`
std::unique_ptr<CommandGroup> add_triggers_command(CLI::App& app);
/// Below `selvage pages`: `deploy`, `project`, `deployment`, `secret`
std::unique_ptr<CommandGroup> add_pages_deploy_command(CLI::App& pages);
std::unique_ptr<CommandGroup> add_pages_project_commands(CLI::App& pages);
std::unique_ptr<CommandGroup> add_pages_deployment_commands(CLI::App& pages);
std::unique_ptr<CommandGroup> add_pages_secret_commands(CLI::App& pages);

}  // namespace selvage::cli
