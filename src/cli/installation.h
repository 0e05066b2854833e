// Where the parts of Selvage lie. They are found from the executable's own place, in a build
// directory as in an npm package: the engine beside the executable, npm packages in a node_modules
// folder at or above it.
#pragma once

#include <string>

#include "base/result.h"

namespace selvage::cli {

/// All paths absolute.
struct Installation {
  std::string engine;   // selvage_engine.node
  std::string preload;  // selvage_preload.so, which the engine's process loads first
  std::string node;     // the executable that hosts it
  std::string esbuild;
  std::string unenv;  // the folder with its modules for Node; "" if it is not installed
};

/// The environment variables SELVAGE_ENGINE, SELVAGE_PRELOAD, SELVAGE_NODE and SELVAGE_ESBUILD
/// override a part each.
Result<Installation> find_installation();

}  // namespace selvage::cli
