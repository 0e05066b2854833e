// The folder in which a session keeps everything: state, code cache, bundles.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/reactor.h"

namespace selvage::cli {

/// All paths absolute, and there.
struct DataDirectory {
  std::string state;    // KV, objects, commit log: what must not be lost
  std::string cache;    // V8's code cache
  std::string bundles;  // versions
  /// Held by this process and by every engine that inherits it; while it is held no other session
  /// can open the folder.
  Descriptor lock;
};

/// Makes the folder where it is missing. Fails when another session uses it.
Result<DataDirectory> open_data_directory(const std::string& path);

}  // namespace selvage::cli
