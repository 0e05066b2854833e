// A worker's environment as TypeScript sees it. Pure.
#pragma once

#include <string>

#include "deploy/project/project_config.h"

namespace selvage::cli {

struct EnvTypesOptions {
  std::string interface = "Env";
  std::string directory;  // absolute, of the file that the declarations are for
};

/// Declarations for a .d.ts file: the interface of `env`, the namespace Cloudflare that
/// `import { env } from "cloudflare:workers"` is typed by, and the modules that the project's rules
/// make of files. What they refer to is in the package @cloudflare/workers-types.
std::string env_types(const deploy::ProjectConfig& config, const EnvTypesOptions& options);

}  // namespace selvage::cli
