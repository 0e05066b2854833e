#include "cli/project_option.h"

#include <cstdlib>

namespace selvage::cli {

void ProjectOptions::add_to(CLI::App& command) {
  command
      .add_option("-c,--config,--project", project,
                  "The project: a folder or a configuration file (default: this folder)")
      ->type_name("PATH");
  command.add_option("-e,--env", environment, "Named environment of the configuration")
      ->type_name("NAME");
}

std::string ProjectOptions::chosen_environment() const {
  const char* variable = std::getenv("CLOUDFLARE_ENV");
  return !environment.empty() || variable == nullptr ? environment : variable;
}

Result<deploy::ProjectConfig> read_project_or_fail(const ProjectOptions& options,
                                                   deploy::ReadOptions how) {
  how.environment = options.chosen_environment();
  SELVAGE_TRY(deploy::ProjectReading reading, deploy::read_project(options.project, how));
  if (reading.config) return std::move(*reading.config);
  std::string faults;
  for (const auto& each : reading.diagnostics) {
    if (each.severity == deploy::Diagnostic::Severity::error) {
      faults += (faults.empty() ? "" : "\n") + deploy::describe(each, "");
    }
  }
  return fail(ErrorCode::invalid_argument, faults);
}

}  // namespace selvage::cli
